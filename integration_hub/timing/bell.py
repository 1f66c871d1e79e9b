"""The bell of an ERP: signed word that documents changed, heard once, answered by a short sync of their streams."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from integration_hub.config import SourceConfig, hub
from integration_hub.models import Ring, RunKind
from integration_hub.runs import request_run
from integration_hub.timing.families import with_family

TIMESTAMP, SIGNATURE = "X-Hub-Timestamp", "X-Hub-Signature"
PREFIX = "sha256="
OLDEST = timedelta(minutes=5)
MOST_BYTES, MOST_DOCUMENTS, LONGEST_KEY = 64 * 1024, 100, 200
MOST_A_MINUTE = 3000
"""Rings of one source that are kept in a minute; beyond them the ERP is asked to wait."""
NO_SECRET = "no source answers to this, but it takes as long as one that does"  # noqa: S105 - none
BY = "webhook"


class RingRefused(Exception):
    """A ring that is not answered: `status` is the HTTP status, `told` what the caller may know."""

    def __init__(self, status: int, told: str) -> None:
        self.status, self.told = status, told
        super().__init__(told)


@dataclass(frozen=True)
class Rung:
    """What came of a ring: the sync that was asked for, and how many documents were named."""

    run: int
    documents: int


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that belongs to a ring: HMAC-SHA256 of seconds since 1970, a full stop and the body, in hex."""
    return PREFIX + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def hear(name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Rung:
    """Answer a ring. Raises RingRefused for whatever is not signed, not new, not recent, or not understood."""
    source = _authentic(name, headers, body, now)
    documents = _documents(source, body)
    if Ring.objects.filter(source=name, received_at__gt=now - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise RingRefused(429, "Too many rings in a minute: the next sync reads what they are about.")
    digest = hashlib.sha256(headers[TIMESTAMP].encode() + b"." + body).hexdigest()
    try:
        with transaction.atomic():
            ring = Ring.objects.create(digest=digest, source=name, documents=documents, received_at=now)
    except IntegrityError as error:
        raise RingRefused(403, "This was sent before.") from error
    streams = with_family(source.streams, {stream for stream, _key in documents})
    # A storm of rings makes one run: what waits already reads these streams too, and starts only after this.
    run = request_run(RunKind.SYNC, name, by=BY, options={"streams": sorted(streams), "rung": True})
    Ring.objects.filter(pk=ring.pk).update(run_ref=run)
    return Rung(run.pk, len(documents))


def _authentic(name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> SourceConfig:
    """The source that signed it. A name that no source has costs the same time as one with a secret."""
    source = next((each for each in hub().sources if each.name == name and each.webhook_secret), None)
    timestamp = headers.get(TIMESTAMP, "")
    wanted = sign(source.webhook_secret if source else NO_SECRET, timestamp, body)
    is_right = hmac.compare_digest(wanted.encode(), headers.get(SIGNATURE, "").encode())
    if source is None:
        raise RingRefused(404, "There is no such address.")
    if not is_right:
        raise RingRefused(403, "The signature is not right.")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise RingRefused(403, "The time is not a number of seconds.")
    if abs(now.timestamp() - int(timestamp)) > OLDEST.total_seconds():
        raise RingRefused(403, "It was signed more than five minutes ago, or ahead of time.")
    return source


def _documents(source: SourceConfig, body: bytes) -> list[tuple[str, str]]:
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
        if "\x00" in str(key):
            raise RingRefused(400, "A key holds a character that no text can hold.")
        found[stream, str(key)] = None
    return list(found)
