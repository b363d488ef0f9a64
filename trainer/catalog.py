"""The trainer's kinds of things are kept in catalogues; see `shared.catalog`."""

from shared.catalog import Catalog

__all__ = ["Catalog"]
