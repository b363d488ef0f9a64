"""Schedules: trainings that are repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loupe.bodies import json_body
from loupe.pages import pages
from loupe.request import Request
from loupe.resource import Resource, path, reader, start
from loupe.types import Job, Schedule


class Schedules(Resource):
    """Schedules of the server, as `client.schedules`."""

    def all(self) -> Iterator[Schedule]:
        """Yields the schedules by name."""
        return pages(self._transport, path("schedules"), Schedule.read)

    def get(self, name: str) -> Schedule:
        """Returns a schedule.

        Raises:
            NotFound: there is none of this name.
        """
        return self._get(path("schedules", name), Schedule.read)

    def create(
        self,
        name: str,
        cron: str,
        training: Mapping[str, Any],
        *,
        timezone: str = "UTC",
        skip_unchanged: bool = False,
    ) -> Schedule:
        """Makes a schedule.

        Args:
            cron: minute, hour, day of month, month, day of week, as in `0 3 * * 1`.
            training: as the API takes it: `dataset`, `recipe`, `model` and so on.
            timezone: where the hours of `cron` are told, as in `Europe/Paris`.
            skip_unchanged: train nothing while there is nothing new to train on.
        """
        asked = {
            "name": name,
            "cron": cron,
            "timezone": timezone,
            "skip_unchanged": skip_unchanged,
            "training": dict(training),
        }
        # Not repeatable: sent twice, the second answer would be that there is one of this name.
        return reader(Schedule.read)(self._transport.json(Request("POST", path("schedules"), body=json_body(asked))))

    def change(self, name: str, **changes: Any) -> Schedule:
        """Changes a schedule: `paused`, `cron`, `timezone`, `skip_unchanged`, `training`."""
        asked = Request("PATCH", path("schedules", name), body=json_body(changes), repeatable=True)
        return reader(Schedule.read)(self._transport.json(asked))

    def run(self, name: str, *, key: str | None = None) -> Job:
        """Runs a schedule now and returns the job that it begins with, the import of its dataset."""
        return start(self._transport, path("schedules", name, "run"), json_body({}), key=key)

    def delete(self, name: str) -> None:
        """Deletes a schedule; what it trained stays."""
        self._delete(path("schedules", name))
