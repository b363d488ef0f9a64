"""The client's version, which its package has from here."""

__version__ = "0.1.0"
