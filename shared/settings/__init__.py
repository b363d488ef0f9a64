"""Settings: the one place that reads the environment."""

from shared.settings.load import SettingsError, load_settings
from shared.settings.model import Settings

__all__ = ["Settings", "SettingsError", "load_settings"]
