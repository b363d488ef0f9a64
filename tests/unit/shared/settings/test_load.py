"""The settings from the environment, and the words for a wrong one."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from shared.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOUPE_{name.upper()}", raising=False)
        monkeypatch.delenv(f"LOUPE_{name.upper()}_FILE", raising=False)


def refused(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_folders_follow_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOUPE_DATA_DIR", str(tmp_path))
    settings = load_settings()
    assert settings.storage_url == str(tmp_path / "storage")
    assert settings.import_dir == tmp_path / "import"


def test_folders_that_are_set_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOUPE_STORAGE_URL", "s3://bucket/prefix")
    monkeypatch.setenv("LOUPE_IMPORT_DIR", str(tmp_path))
    settings = load_settings()
    assert (settings.storage_url, settings.import_dir) == ("s3://bucket/prefix", tmp_path)


def test_lists_are_read_with_commas_and_sizes_with_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUPE_FETCH_ALLOW", "127.0.0.0/8, fd00::/8")
    monkeypatch.setenv("LOUPE_ALLOWED_HOSTS", "loupe.example,,other.example ")
    monkeypatch.setenv("LOUPE_MAX_IMAGE_BYTES", "2MiB")
    settings = load_settings()
    assert settings.fetch_allow == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.allowed_hosts == ("loupe.example", "other.example")
    assert settings.max_image_bytes == 2 * 1024 * 1024


@pytest.mark.parametrize("name", [f"LOUPE_{name.upper()}" for name in Settings.model_fields])
def test_an_empty_setting_means_its_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    default = load_settings()
    monkeypatch.setenv(name, "")
    assert load_settings() == default


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("LOUPE_PORT", ["0", "65536", "http", "80.5", "-1"]),
        ("LOUPE_STORAGE_URL", ["nonsense://bucket"]),
        ("LOUPE_FETCH_ALLOW", ["everything", "10.1.0.1/8", "10.0.0.0/33", "[1]"]),
        ("LOUPE_FETCH_TIMEOUT_S", ["0", "-1", "601", "nan", "inf", "ten"]),
        ("LOUPE_FETCH_PER_HOST", ["0", "1e3", "10001"]),
        ("LOUPE_MAX_IMAGE_BYTES", ["0", "-1", "20 bananas"]),
        ("LOUPE_MAX_IMAGE_PIXELS", ["0", "many"]),
        ("LOUPE_MAX_BODY_BYTES", ["0", "x"]),
        ("LOUPE_MAX_ITEMS", ["0", "x"]),
        ("LOUPE_MAX_QUEUED_ITEMS", ["0", "x"]),
        ("LOUPE_RESULT_TTL_S", ["0", "7 days", "9" * 30]),
        ("LOUPE_KEEP_IMAGES", ["2", "maybe"]),
        ("LOUPE_ENGINE", ["tensorflow", "ONNX"]),
        ("LOUPE_MODEL_MEMORY_MB", ["0", "1GB"]),
        ("LOUPE_DEFAULT_MODEL", ["Cats", "-cats", "a" * 65, "cats@3", "cats\n"]),
        ("LOUPE_ALLOW_NO_KEYS", ["2"]),
        ("LOUPE_TRUSTED_PROXIES", ["proxy.example"]),
    ],
)
def test_a_wrong_value_is_refused_with_name_expectation_and_value(
    monkeypatch: pytest.MonkeyPatch, name: str, values: list[str]
) -> None:
    expected = Settings.model_fields[name.removeprefix("LOUPE_").lower()].description
    for value in values:
        assert refused(monkeypatch, **{name: value}) == f"{name}: expected {expected}, received {value!r}"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("LOUPE_REDIS_URL", ["http://:secret@x", "redis://:secret@x:port", "secret", "unix://", "redis://x:99999"]),
        ("LOUPE_WEBHOOK_SECRET", ["secret", "whsec_", "whsec_not base64 secret", "whsec_secre"]),
    ],
)
def test_a_wrong_secret_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, name: str, values: list[str]
) -> None:
    expected = Settings.model_fields[name.removeprefix("LOUPE_").lower()].description
    for value in values:
        assert refused(monkeypatch, **{name: value}) == f"{name}: expected {expected}, received a value of another form"


def test_a_password_in_a_wrong_storage_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    told = refused(monkeypatch, LOUPE_STORAGE_URL="nonsense://ann:s3cret@bucket")

    assert told.endswith("received 'nonsense://***@bucket'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOUPE_REDIS_URL", "rediss://user:p%40ss@redis.example:6380/2"),
        ("LOUPE_REDIS_URL", "unix:///run/redis.sock?db=1"),
        ("LOUPE_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
def test_a_secret_is_taken_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    settings = load_settings()
    assert getattr(settings, name.removeprefix("LOUPE_").lower()).get_secret_value() == value
    assert value not in repr(settings)


def test_all_wrong_settings_are_named_one_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = refused(monkeypatch, LOUPE_PORT="x", LOUPE_ENGINE="y", LOUPE_FETCH_ALLOW="a,b").splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == ["LOUPE_ENGINE", "LOUPE_FETCH_ALLOW", "LOUPE_PORT"]


def test_a_value_can_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("9000\n")
    monkeypatch.setenv("LOUPE_PORT_FILE", str(tmp_path / "port"))
    assert load_settings().port == 9000


def test_an_empty_file_means_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("\n")
    monkeypatch.setenv("LOUPE_PORT_FILE", str(tmp_path / "port"))
    assert load_settings().port == 8000


def test_a_wrong_value_in_a_file_names_the_file_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("secret")
    assert refused(monkeypatch, LOUPE_PORT_FILE=str(tmp_path / "port")) == (
        "LOUPE_PORT_FILE: expected a file with a whole number from 1 to 65535, received other content"
    )


def test_a_value_and_a_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    message = refused(monkeypatch, LOUPE_PORT="1", LOUPE_PORT_FILE=str(tmp_path))
    assert message == "LOUPE_PORT: expected one of LOUPE_PORT and LOUPE_PORT_FILE, received both"


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), (b"\xff", "it is not UTF-8 text")]
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    message = refused(monkeypatch, LOUPE_WEBHOOK_SECRET_FILE=str(path))
    assert message == f"LOUPE_WEBHOOK_SECRET_FILE: expected a readable file, received '{path}' ({reason})"


def test_the_key_file_is_a_path_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUPE_API_KEYS_FILE", "/etc/loupe/keys")
    monkeypatch.setenv("LOUPE_API_KEYS_FILE_FILE", "/does/not/exist")
    assert Settings().api_keys_file == Path("/etc/loupe/keys")
