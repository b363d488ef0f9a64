"""Where schedules are kept: in Redis, where they change, and as one file each in storage, which is the truth.

Whoever changes a schedule says which revision of it he saw. Of two schedulers of which one stood still for a while,
or of a scheduler and a request, one is refused and looks again: so no slot has two runs.
"""

from __future__ import annotations

import logging
from typing import Any

from pydantic import ValidationError
from redis import Redis

from shared.errors import ScheduleExists, ScheduleNotFound, StorageUnavailable
from shared.jobs import keys
from shared.schedules.record import Schedule
from shared.storage import Storage

log = logging.getLogger(__name__)

ROOT = "schedules"
SUFFIX = ".json"

SCHEDULES = keys.PREFIX + "schedules"
# The names of those that changed since they were last written to storage.
UNSAVED = keys.PREFIX + "schedules:unsaved"
# The run of the Redis server into which storage was last read.
SERVER = keys.PREFIX + "schedules:server"

# ARGV: name, id and revision that were seen ('' for none), the new record or ''. Sent twice, it changes once. A Redis
# that was started anew may have lost what was seen since: it changes nothing until it was filled from storage.
CHANGE = """
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('GET', KEYS[3]) ~= server then return 'restarted' end
local known = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if known == ARGV[4] then return 1 end
if ARGV[2] == '' and known ~= '' then return 0 end
if ARGV[2] ~= '' then
  if known == '' then return 0 end
  local seen = cjson.decode(known)
  if seen.id ~= ARGV[2] or seen.revision ~= tonumber(ARGV[3]) then return 0 end
end
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[4]) end
redis.call('SADD', KEYS[2], ARGV[1])
return 1
"""

# ARGV: name, what was written to storage ('' for nothing). Answers 0 if it changed meanwhile.
SAVED = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('SREM', KEYS[2], ARGV[1])
return 1
"""

# ARGV: name, id, revision and record that storage has. What Redis has and could not save yet stays.
TAKE = """
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local seen = cjson.decode(known)
  if seen.id == ARGV[2] then
    if seen.revision >= tonumber(ARGV[3]) then return 0 end
  elseif redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then
    return 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
return 1
"""


class ScheduleStore:
    """All schedules."""

    def __init__(self, redis: Redis, storage: Storage) -> None:
        self._redis: Any = redis
        self._storage = storage
        self._change = redis.register_script(CHANGE)
        self._saved = redis.register_script(SAVED)
        self._take = redis.register_script(TAKE)

    def all(self) -> list[Schedule]:
        """Returns all schedules by name; one that cannot be read is left out, and the log tells of it."""
        self.reconcile()
        found = [_parsed(name, text) for name, text in sorted(self._redis.hgetall(SCHEDULES).items())]
        return [schedule for schedule in found if schedule is not None]

    def get(self, name: str) -> Schedule:
        """Returns a schedule.

        Raises:
            ScheduleNotFound: there is none of that name.
        """
        self.reconcile()
        text = self._redis.hget(SCHEDULES, name)
        if text is None:
            raise ScheduleNotFound(f"There is no schedule named {name[:100]!r}.")
        return Schedule.model_validate_json(text)

    def create(self, schedule: Schedule) -> None:
        """Keeps a new schedule.

        Raises:
            ScheduleExists: there is one of that name.
            StorageUnavailable: it could not be written, and is not kept.
        """
        self.reconcile()
        if not self._changed(schedule.name, None, schedule):
            raise ScheduleExists(
                f"There is a schedule named {schedule.name!r}. Change it by PATCH, or delete it first."
            )
        try:
            self._save(schedule.name)
        except StorageUnavailable:
            self._changed(schedule.name, schedule, None)
            raise

    def replace(self, seen: Schedule, changed: Schedule) -> Schedule | None:
        """Changes a schedule, unless somebody else did meanwhile.

        Returns:
            The schedule as it is now; None if it is not any more what was seen.

        Raises:
            StorageUnavailable: it is changed, and written to storage by `save_unsaved` when that is back.
        """
        changed = changed.with_(revision=seen.revision + 1)
        if not self._changed(seen.name, seen, changed):
            return None
        self._save(seen.name)
        return changed

    def delete(self, seen: Schedule) -> bool:
        """Deletes a schedule; False if somebody changed it meanwhile."""
        if not self._changed(seen.name, seen, None):
            return False
        self._save(seen.name)
        return True

    def save_unsaved(self) -> None:
        """Writes to storage what could not be written when it changed."""
        for name in self._redis.smembers(UNSAVED):
            self._save(name)

    def server(self) -> str:
        """Returns what names this run of the Redis server."""
        return str(self._redis.info("server")["run_id"])

    def reconcile(self) -> None:
        """Takes over what storage has when Redis was started anew: it may have lost a second, or everything."""
        with self._redis.pipeline(transaction=False) as pipe:
            info, filled = pipe.info("server").get(SERVER).execute()
        server = info["run_id"]
        if filled == server:
            return
        # Asked before storage is, so that a schedule made meanwhile is not taken for a deleted one.
        saved = set(self._redis.hkeys(SCHEDULES)) - self._redis.smembers(UNSAVED)
        names = {file.removesuffix(SUFFIX) for file in self._storage.names(ROOT) if file.endswith(SUFFIX)}
        for name in sorted(names):
            self._take_over(name)
        for name in saved - names:
            # It was deleted in the second that Redis lost.
            self._redis.hdel(SCHEDULES, name)
        self._redis.set(SERVER, server)

    def _take_over(self, name: str) -> None:
        try:
            text = self._storage.read_bytes(_path(name)).decode(errors="replace")
        except FileNotFoundError:
            return
        kept = _parsed(name, text)
        if kept is not None:
            self._take(keys=[SCHEDULES, UNSAVED], args=[name, kept.id, kept.revision, text])

    def _changed(self, name: str, seen: Schedule | None, now: Schedule | None) -> bool:
        known = [seen.id, seen.revision] if seen else ["", ""]
        text = now.model_dump_json() if now else ""
        while True:
            answer = self._change(keys=[SCHEDULES, UNSAVED, SERVER], args=[name, *known, text])
            if answer != "restarted":
                return bool(answer)
            self.reconcile()

    def _save(self, name: str) -> None:
        """Writes a schedule as it is to storage. Another process may write an older one meanwhile, and then sees it."""
        while True:
            # What a Redis that was started anew has may be older than what storage has.
            self.reconcile()
            text = self._redis.hget(SCHEDULES, name)
            if text is None:
                self._storage.delete(_path(name))
            else:
                self._storage.write_bytes(_path(name), text.encode())
            if self._saved(keys=[SCHEDULES, UNSAVED], args=[name, text or ""]):
                return


def _path(name: str) -> str:
    return f"{ROOT}/{name}{SUFFIX}"


def _parsed(name: str, text: str) -> Schedule | None:
    try:
        return Schedule.model_validate_json(text)
    except ValidationError as error:
        log.warning("the schedule %r cannot be read and is left alone: %s", name, error)
        return None
