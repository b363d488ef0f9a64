"""The web application: `create_app()` puts it together, and nothing happens before it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from api import pages, resources
from api.access.audit import register_audit
from api.access.body_limits import register_body_limits
from api.access.guard import register_access
from api.access.keyring import Keyring
from api.access.limits import Limits
from api.access.proxies import trust_proxies
from api.bodies import register_query_check
from api.deadline import SOCKET_TIMEOUT_S, DeadlineRedis
from api.events import EventHub
from api.headers import register_headers
from api.model_choice import RecentChoices
from api.problems import register_problems
from api.room import register_room
from api.services import EXTENSION, Services
from api.spool import MAX_FORM_TEXT_BYTES, MOST_TEXTS, SpoolingRequest
from api.telemetry import register_telemetry
from api.tracing import register_tracing
from api.webhooks import WebhookCheck
from shared.access.start import check_start
from shared.jobs.store import JobStore
from shared.pointers import Pointers
from shared.redis_client import connect
from shared.registry import Registry
from shared.settings import Settings, load_settings
from shared.storage import Storage

ROOT = Path(__file__).parent.parent
# For so long a request waits for another one that moves the same pointer, which is a matter of milliseconds.
POINTER_WAIT_S = 2.0


class JsonProvider(DefaultJSONProvider):
    """JSON as it was meant: keys in their order, letters as letters, and nothing that cannot be UTF-8."""

    sort_keys = False
    ensure_ascii = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Returns JSON text; a half of a surrogate pair, which UTF-8 cannot hold, is escaped."""
        text = super().dumps(obj, **kwargs)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return super().dumps(obj, **kwargs | {"ensure_ascii": True})
        return text


class Loupe(Flask):
    """Flask with Loupe's own requests and JSON."""

    request_class = SpoolingRequest
    json_provider_class = JsonProvider


def create_app(settings: Settings | None = None) -> Flask:
    """Returns the application.

    Args:
        settings: read from the environment when not given.

    Raises:
        SettingsError: a setting is wrong, or it would open Loupe to others than its user believes.
    """
    settings = settings or load_settings()
    check_start(settings)
    app = Loupe("loupe", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(
        MAX_CONTENT_LENGTH=int(settings.max_body_bytes),
        MAX_FORM_MEMORY_SIZE=MAX_FORM_TEXT_BYTES,
        MAX_FORM_PARTS=settings.max_items + MOST_TEXTS,
    )
    # A redirect to the tidy spelling of an address would name a host; our links name none.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = make_services(settings)
    register_telemetry(app)
    register_tracing(app)
    register_audit(app)
    register_body_limits(app)
    register_access(app, settings)
    register_query_check(app)
    register_room(app, app.extensions[EXTENSION].storage)
    register_headers(app)
    register_problems(app)
    resources.register(app)
    pages.register(app)
    trust_proxies(app, settings.trusted_proxies)
    return app


def make_services(settings: Settings) -> Services:
    """Returns what the handlers work with. Nothing is connected yet."""
    redis = DeadlineRedis(connection_pool=connect(settings, timeout_s=SOCKET_TIMEOUT_S).connection_pool)
    storage = Storage(settings.storage_url)
    registry = Registry(storage)
    return Services(
        settings=settings,
        redis=redis,
        jobs=JobStore(redis, ttl_s=settings.result_ttl_s, max_queued_items=settings.max_queued_items),
        storage=storage,
        registry=registry,
        pointers=Pointers(redis, registry, wait_s=POINTER_WAIT_S),
        recent_choices=RecentChoices(registry, settings),
        events=EventHub(lambda: connect(settings, timeout_s=SOCKET_TIMEOUT_S)),
        check_webhook=WebhookCheck(settings),
        keyring=Keyring(settings.api_keys_file) if settings.api_keys_file else None,
        limits=Limits(redis, settings),
    )
