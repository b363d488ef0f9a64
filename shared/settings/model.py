"""Every setting, its type, its default and its bounds. A test holds CONFIGURATION.md to it."""

from __future__ import annotations

from base64 import b64decode
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fsspec.registry import known_implementations
from pydantic import BeforeValidator, ByteSize, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from shared.settings.sources import FileVariants

MIB = 1024 * 1024
DAY_S = 24 * 3600
Network = IPv4Network | IPv6Network


def _comma_list(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _networks(value: object) -> object:
    parts = _comma_list(value)
    if not isinstance(parts, tuple):
        return parts
    return tuple(ip_network(part) if isinstance(part, str) else part for part in parts)


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_list)]


class Settings(BaseSettings):
    """Loupe's settings, read from `LOUPE_…` and `LOUPE_…_FILE`. Frozen; made once per process."""

    model_config = SettingsConfigDict(env_prefix="LOUPE_", env_ignore_empty=True, frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="the address it listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="a whole number from 1 to 65535")
    data_dir: Path = Field(default=Path("var"), description="a folder")
    storage_url: str = Field(default="", description="a folder or an fsspec URL such as s3://bucket/prefix")
    import_dir: Path = Field(default=Path("import"), description="a folder")
    redis_url: SecretStr | None = Field(default=None, description="redis://…, rediss://… or unix://…")
    fetch_allow: Networks = Field(default=(), description="networks such as 127.0.0.0/8,10.1.0.0/16")
    fetch_timeout_s: float = Field(default=10, gt=0, le=600, description="seconds above 0, at most 600")
    fetch_per_host: int = Field(default=8, ge=1, le=10_000, description="a whole number of at least 1")
    max_image_bytes: ByteSize = Field(default=ByteSize(20 * MIB), gt=0, description="bytes, or a size such as 20MiB")
    max_image_pixels: int = Field(default=50_000_000, ge=1, description="a whole number of at least 1")
    max_body_bytes: ByteSize = Field(default=ByteSize(256 * MIB), gt=0, description="bytes, or a size such as 256MiB")
    max_items: int = Field(default=100_000, ge=1, description="a whole number of at least 1")
    max_queued_items: int = Field(default=1_000_000, ge=1, description="a whole number of at least 1")
    result_ttl_s: int = Field(
        default=7 * DAY_S, ge=1, le=36_500 * DAY_S, description="seconds, from 1 to a hundred years"
    )
    keep_images: bool = Field(default=True, description="1 or 0")
    engine: Literal["auto", "keras", "onnx"] = Field(default="auto", description="auto, keras or onnx")
    list_workers: int | None = Field(default=None, ge=1, le=64, description="a whole number from 1 to 64")
    model_memory_mb: int = Field(default=1024, ge=1, description="MiB, at least 1")
    default_model: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="a model's name: a-z, 0-9, _ and -, at most 64",
    )
    api_keys_file: Path | None = Field(default=None, description="a file of hashed keys")
    rate_limit: int = Field(default=6000, ge=0, le=10_000_000, description="a whole number, 0 for no limit")
    daily_items: int = Field(default=1_000_000, ge=0, le=10**12, description="a whole number, 0 for no limit")
    allow_no_keys: bool = Field(default=False, description="1 or 0")
    allowed_hosts: Names = Field(default=(), description="host names, separated by commas")
    trusted_proxies: Networks = Field(default=(), description="networks such as 10.0.0.0/8")
    webhook_secret: SecretStr | None = Field(default=None, description="whsec_ and base64")
    log_format: Literal["text", "json"] = Field(default="text", description="text or json")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes them by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads the environment and the `_FILE` variants; no .env file and no secrets folder."""
        return (init_settings, env_settings, FileVariants(settings_cls, skip=frozenset({"api_keys_file"})))

    @field_validator("storage_url")
    @classmethod
    def _storage_scheme(cls, value: str) -> str:
        scheme, separator, _ = value.partition("://")
        if separator and scheme not in known_implementations:
            raise ValueError("fsspec does not know the scheme")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_parts(cls, value: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(value.get_secret_value() if value else "redis://localhost")
        if parts.scheme not in {"redis", "rediss", "unix"} or (parts.scheme == "unix" and not parts.path):
            raise ValueError("the scheme must be redis, rediss or unix, and a socket needs its path")
        # Reading the port is what checks it: a wrong one raises ValueError.
        _ = parts.port
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_key(cls, value: SecretStr | None) -> SecretStr | None:
        prefix, _, key = (value.get_secret_value() if value else "whsec_none").partition("_")
        if prefix != "whsec" or not b64decode(key, validate=True):
            raise ValueError("it must be whsec_ and base64")
        return value

    @model_validator(mode="after")
    def _storage_follows_data_dir(self) -> Settings:
        # The defaults of two settings hang on a third, so they are filled in once all are known.
        data_dir = self.data_dir.absolute()
        object.__setattr__(self, "data_dir", data_dir)
        object.__setattr__(self, "storage_url", self.storage_url or str(data_dir / "storage"))
        import_dir = self.import_dir if "import_dir" in self.model_fields_set else data_dir / self.import_dir
        object.__setattr__(self, "import_dir", import_dir.absolute())
        return self
