"""Salesforce Canvas's signed request: `<base64 of the signature>.<base64 of the envelope>`, read and verified.

The signature is the HMAC-SHA256 of the envelope as it came, still encoded, under the consumer secret of the Canvas app.
Nothing in the envelope is looked at before its signature holds, and nothing in it chooses how it is verified.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integration_hub.salesforce.ids import to_18

LARGEST = 64 * 1024  # characters; true ones have some 4,000
ALGORITHM = "HMACSHA256"
OLDEST = timedelta(minutes=5)
# Clocks that are a little apart.
AHEAD = timedelta(minutes=1)
# Salesforce writes milliseconds since 1970, and in recorded requests only their lowest 32 bits, with a sign.
WRAP = 2**32
STANDARD, FOR_ADDRESSES = re.compile(r"[A-Za-z0-9+/]+={0,2}"), re.compile(r"[A-Za-z0-9_-]+={0,2}")


class RefusedError(Exception):
    """The request is not answered; the text says why, for the log only."""


@dataclass(frozen=True)
class Envelope:
    """What a verified request says: ids have 18 characters, `record` is empty where the page belongs to none.

    `digest` is that of the signed text: one envelope, one digest.
    """

    digest: str
    organization: str
    user: str
    username: str
    email: str
    record: str


def read_signed_request(text: str, secret: str, now: datetime) -> Envelope:
    """The envelope of a request that was signed with the secret in the last five minutes; RefusedError otherwise."""
    if not secret:
        raise ValueError("Without a consumer secret everybody could sign.")
    if len(text) > LARGEST:
        raise RefusedError(f"it is larger than {LARGEST} characters")
    signature, dot, envelope = text.partition(".")
    if not dot or not signature or not envelope:
        raise RefusedError("it is not two texts with a dot between them")
    signed = envelope.encode("utf-8", "replace")
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    if not hmac.compare_digest(_decoded(signature, "signature"), expected):
        raise RefusedError("its signature does not fit")
    content = _content(_decoded(envelope, "envelope"))
    if content.get("algorithm") != ALGORITHM:
        raise RefusedError(f"its algorithm is not {ALGORITHM}")
    _check_age(content.get("issuedAt"), now)
    return _envelope(content, hashlib.sha256(signed).hexdigest())


def age(issued_at: int, now: datetime) -> timedelta:
    """How long before `now` an issuedAt was: below zero for one to come.

    Of 32 bits it is the nearest instant with those bits: they come again every 49.7 days, so that age alone does not
    refuse an old request, and digests are kept much longer.
    """
    passed = round(now.timestamp() * 1000) - issued_at
    if -WRAP // 2 <= issued_at < WRAP:
        passed = (passed + WRAP // 2) % WRAP - WRAP // 2
    return timedelta(milliseconds=passed)


def _check_age(issued_at: object, now: datetime) -> None:
    if not isinstance(issued_at, int) or isinstance(issued_at, bool) or abs(issued_at) > 2**53:
        raise RefusedError("its issuedAt is no number of milliseconds")
    old = age(issued_at, now)
    if not -AHEAD <= old <= OLDEST:
        raise RefusedError(f"it was issued at {issued_at}, {old.total_seconds():.0f} seconds before now")


def _decoded(text: str, what: str) -> bytes:
    """Base64 in the usual alphabet or in that for addresses, never in both, with its padding or without any.

    Only the one way to write these bytes is taken: no line breaks, no bits left over.
    """
    if not (STANDARD.fullmatch(text) or FOR_ADDRESSES.fullmatch(text)):
        raise RefusedError(f"its {what} is not base64")
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    whole = bare + "=" * (-len(bare) % 4)
    try:
        found = base64.b64decode(whole, validate=True)
    except binascii.Error as error:
        raise RefusedError(f"its {what} is not base64") from error
    padded = text.endswith("=") and len(text) != len(whole)
    if padded or base64.b64encode(found).decode() != whole:
        raise RefusedError(f"its {what} is not base64 as it is written")
    return found


def _content(envelope: bytes) -> dict[str, Any]:
    try:
        content = json.loads(envelope)
    except (ValueError, RecursionError) as error:
        raise RefusedError("its envelope is not JSON") from error
    if not isinstance(content, dict):
        raise RefusedError("its envelope is no JSON object")
    return content


def _envelope(content: dict[str, Any], digest: str) -> Envelope:
    context = _part(content, "context")
    user, organization = _part(context, "user"), _part(context, "organization")
    who = _id(user.get("userId"), "user")
    if _id(content.get("userId"), "user") != who:
        raise RefusedError("it names two users")
    return Envelope(
        digest=digest,
        organization=_id(organization.get("organizationId"), "organization"),
        user=who,
        username=_text(user.get("userName")),
        email=_text(user.get("email")),
        record=_record(context),
    )


def _record(context: dict[str, Any]) -> str:
    """The id of the record on whose page the app stands: its Id, or the last part of its address."""
    environment = context.get("environment")
    record = environment.get("record") if isinstance(environment, dict) else None
    if not isinstance(record, dict) or not record:
        return ""
    attributes = record.get("attributes")
    address = _text(attributes.get("url")) if isinstance(attributes, dict) else ""
    return _id(record.get("Id") or address.rpartition("/")[2], "record")


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name)
    if not isinstance(part, dict):
        raise RefusedError(f"its {name} is missing")
    return part


def _id(value: object, what: str) -> str:
    try:
        return to_18(_text(value))
    except ValueError as error:
        raise RefusedError(f"its {what} has no Salesforce id") from error


def _text(value: object) -> str:
    """A text that a page and the database can hold; empty for everything else."""
    return value.strip() if isinstance(value, str) and "\x00" not in value else ""
