"""The picture formats Loupe reads, one file each. To add one: write its file like the others and list it here."""

from shared.imaging.formats.avif import AVIF
from shared.imaging.formats.bmp import BMP
from shared.imaging.formats.gif import GIF
from shared.imaging.formats.jpeg import JPEG
from shared.imaging.formats.model import Format
from shared.imaging.formats.png import PNG
from shared.imaging.formats.tiff import TIFF
from shared.imaging.formats.webp import WEBP

FORMATS: dict[str, Format] = {form.name: form for form in (JPEG, PNG, WEBP, GIF, BMP, AVIF, TIFF)}
