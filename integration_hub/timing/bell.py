"""The bell of a source: signed word that documents changed, heard once. Each is read by its key, within seconds; where
that cannot be done, the changed rows of its stream are read instead, and the answer says so.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from integration_hub.by_key.possible import Asked, NoKey
from integration_hub.by_key.reading import MOST_AT_ONCE
from integration_hub.config import hub
from integration_hub.models import Ring, Run, RunKind, RunStatus
from integration_hub.narrowing import named_streams, narrowed_to
from integration_hub.runs import BY_BELL, request_run
from integration_hub.sources import SALESFORCE, open_source
from integration_hub.timing.families import with_family

TIMESTAMP, SIGNATURE = "X-Hub-Timestamp", "X-Hub-Signature"
PREFIX = "sha256="
OLDEST = timedelta(minutes=5)
SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
"""Since 1970. A fraction tells two rings about one document within a second apart: the same one twice is a replay."""
MOST_BYTES, MOST_DOCUMENTS, LONGEST_KEY = 64 * 1024, 100, 200
MOST_A_MINUTE = 3000
"""Rings of one source that are kept in a minute; beyond them the ERP is asked to wait."""
NO_SECRET = "no source answers to this, but it takes as long as one that does"  # noqa: S105 - none


class RingRefused(Exception):
    """A ring that is not answered: `status` is the HTTP status, `told` what the caller may know."""

    def __init__(self, status: int, told: str) -> None:
        self.status, self.told = status, told
        super().__init__(told)


@dataclass(frozen=True)
class Rung:
    """What came of a ring: the sync that was asked for, how many documents were named, and how many of them it reads by
    their key; the others come with the changed rows of their `streams`.
    """

    run: int
    documents: int
    by_key: int
    streams: tuple[str, ...]


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that belongs to a ring: HMAC-SHA256 of seconds since 1970, a full stop and the body, in hex."""
    return PREFIX + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def hear(name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Rung:
    """Answer a ring. Raises RingRefused for whatever is not signed, not new, not recent, or not understood."""
    source = _authentic(name, headers, body, now)
    documents = _documents(source, body)
    if Ring.objects.filter(source=name, received_at__gt=now - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise RingRefused(429, "Too many rings in a minute: the next sync reads what they are about.")
    # Another source may ring at the same time about the same number: that is another ring.
    digest = hashlib.sha256(name.encode() + b"\n" + headers[TIMESTAMP].encode() + b"." + body).hexdigest()
    # Heard is what a run is asked for: of a ring whose run could not be stored nothing stays, so that it is sent again.
    with transaction.atomic():
        try:
            with transaction.atomic():
                ring = Ring.objects.create(digest=digest, source=name, documents=documents, received_at=now)
        except IntegrityError as error:
            raise RingRefused(403, "This was sent before.") from error
        # A storm of rings makes one run: what waits already reads these documents too, and starts only after this.
        run = request_run(RunKind.SYNC, name, by=BY_BELL, options=_wanted(source, documents))
        Ring.objects.filter(pk=ring.pk).update(run_ref=run)
    return _rung(source, documents, run)


def _wanted(source: Asked, documents: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Options of a sync: the documents that can be asked for alone, and the streams of the others."""
    by_name = {stream.name: stream for stream in source.streams}
    loaded = source.loaded()
    waiting = Run.objects.filter(kind=RunKind.SYNC, subject=source.name, status=RunStatus.QUEUED).first()
    asked = {name: set(keys) for name, keys in waiting.options.get("documents", {}).items()} if waiting else {}
    alone: dict[str, list[str]] = {}
    whole: set[str] = set()
    for name, key in documents:
        keys = asked.setdefault(name, set())
        keys.add(key)
        # Of very many documents one read of what changed is cheaper, and what waits stays small.
        if name in loaded and len(keys) <= MOST_AT_ONCE and source.can_be_read(by_name[name], key):
            alone.setdefault(name, []).append(key)
        else:
            whole.add(name)
    streams = with_family(source.streams, whole)
    left = {name: sorted(keys) for name, keys in alone.items() if name not in streams}
    options: dict[str, Any] = {"rung": True}
    return options | ({"streams": sorted(streams)} if streams else {}) | ({"documents": left} if left else {})


def _rung(source: Asked, documents: Sequence[tuple[str, str]], run: Run) -> Rung:
    """How the documents are read, told from what the run is to do by now."""
    asked = run.options.get("documents", {})
    by_key = [name for name, key in documents if key in asked.get(name, ())]
    streams = named_streams(run.options)
    if not narrowed_to(run.options):
        streams = {stream.name for stream in source.streams}
    return Rung(run.pk, len(documents), len(by_key), tuple(sorted(streams)) if len(by_key) < len(documents) else ())


def _asked(name: str) -> tuple[Asked, str] | None:
    """The source of that name that has a bell, and its secret."""
    known = hub()
    source = next((each for each in known.sources if each.name == name and each.webhook_secret), None)
    if source is not None:
        return Asked(name, source.kind, source.profile, source.streams), source.webhook_secret
    if name == SALESFORCE and known.salesforce is not None and known.salesforce.webhook_secret:
        return Asked(name, SALESFORCE, "", open_source(SALESFORCE).streams), known.salesforce.webhook_secret
    return None


def _authentic(name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Asked:
    """The source that signed it. A name that no source has costs the same time as one with a secret."""
    found = _asked(name)
    timestamp = headers.get(TIMESTAMP, "")
    wanted = sign(found[1] if found else NO_SECRET, timestamp, body)
    is_right = hmac.compare_digest(wanted.encode(), headers.get(SIGNATURE, "").encode())
    if found is None:
        raise RingRefused(404, "There is no such address.")
    if not is_right:
        raise RingRefused(403, "The signature is not right.")
    if not SECONDS.fullmatch(timestamp):
        raise RingRefused(403, "The time is not a number of seconds.")
    if abs(now.timestamp() - float(timestamp)) > OLDEST.total_seconds():
        raise RingRefused(403, "It was signed more than five minutes ago, or ahead of time.")
    return found[0]


def _documents(source: Asked, body: bytes) -> list[tuple[str, str]]:
    """The documents that a ring names: one, {"stream": ..., "key": ...}, or up to a hundred, {"documents": [...]}."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RingRefused(400, "The body is not JSON.") from error
    named = told.get("documents", [told]) if isinstance(told, dict) else None
    if not isinstance(named, list) or not 1 <= len(named) <= MOST_DOCUMENTS:
        raise RingRefused(400, f"The body names no documents, or more than {MOST_DOCUMENTS}.")
    streams = {stream.name for stream in source.streams}
    found: dict[tuple[str, str], None] = {}
    for each in named:
        stream, key = (each.get("stream"), each.get("key")) if isinstance(each, dict) else (None, None)
        if not isinstance(stream, str) or stream not in streams:
            raise RingRefused(400, f"{source.name} has no such stream.")
        if not isinstance(key, str | int) or isinstance(key, bool) or not 0 < len(str(key)) <= LONGEST_KEY:
            raise RingRefused(400, "A document has no key.")
        if not _can_be_stored(str(key)):
            raise RingRefused(400, "A key holds a character that no text can hold.")
        try:
            found[stream, source.key(str(key))] = None
        except NoKey as error:
            raise RingRefused(400, str(error)) from error
    return list(found)


def _can_be_stored(text: str) -> bool:
    """Whether a database's text can hold it: no NUL, and no half of a pair of UTF-16."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
