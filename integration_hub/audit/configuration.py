"""Records that another configuration is in force: which keys changed, from what to what, never a secret."""

import hashlib
import hmac
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from integration_hub.audit.chain import text
from integration_hub.audit.recording import record
from integration_hub.config import Hub, hub, kept_because
from integration_hub.models import KnownConfiguration

BY = "hub.toml"
LONGEST = 160
MOST_KEYS = 60
NAMED_BY = ("name", "field", "column")


def note_configuration(now: datetime) -> bool:
    """Record a change since the last look; whether there was one. A file that is not in force changes nothing."""
    if kept_because() is not None:
        return False
    digest, keys = file_digest(), told_keys(hub())
    known = KnownConfiguration.objects.first()
    if known is not None and (known.digest, known.keys) == (digest, keys):
        return False
    with transaction.atomic():
        KnownConfiguration.objects.update_or_create(pk=1, defaults={"digest": digest, "keys": keys, "seen_at": now})
        if known is None:
            record("configuration.known", "configuration", BY, after={"sha256": digest, "keys": len(keys)}, who=BY)
        else:
            before, after = difference(known.keys, keys)
            record(
                "configuration.changed",
                "configuration",
                BY,
                before={"sha256": known.digest, **before},
                after={"sha256": digest, **after},
                who=BY,
            )
    return True


def difference(known: dict[str, str], keys: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The keys that differ, as they were and as they are; of more than sixty the number of the others."""
    changed = [name for name in sorted({*known, *keys}) if known.get(name) != keys.get(name)]
    before = {name: known[name] for name in changed[:MOST_KEYS] if name in known}
    after = {name: keys[name] for name in changed[:MOST_KEYS] if name in keys}
    if len(changed) > MOST_KEYS:
        after["further keys"] = str(len(changed) - MOST_KEYS)
    return before, after


def file_digest() -> str:
    """sha256 of the file as it stands."""
    return hashlib.sha256(Path(settings.HUB_CONFIG).read_bytes()).hexdigest()


def told_keys(configuration: Hub) -> dict[str, str]:
    """Every key with what it says, as "push.fields[ERP_Overdue__c].measure"; of a secret only that it changed."""
    found: dict[str, str] = {}
    _walk(configuration, "", found)
    return found


def _walk(value: Any, place: str, found: dict[str, str]) -> None:
    if is_dataclass(value):
        for each in fields(value):
            inner = getattr(value, each.name)
            path = f"{place}.{each.name}" if place else each.name
            # What must not be printed is no more to be written here.
            if each.repr:
                _walk(inner, path, found)
            elif inner:
                found[path] = f"set, not shown ({_digest(str(inner))})"
    elif isinstance(value, dict):
        for name, inner in value.items():
            _walk(inner, f"{place}.{name}", found)
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for number, inner in enumerate(value):
            _walk(inner, f"{place}[{_name(inner, number)}]", found)
    elif value is not None and value not in ("", (), {}):
        found[place] = _told(value)


def _told(value: Any) -> str:
    written = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    if len(written) <= LONGEST:
        return text(written)
    return f"{text(written, LONGEST)} ({_digest(written)})"


def _name(value: Any, number: int) -> str:
    for name in NAMED_BY:
        if getattr(value, name, ""):
            return str(getattr(value, name))
    return str(number)


def _digest(value: str) -> str:
    """Tells one value from another without saying anything of it: keyed by the site's own secret."""
    return hmac.new(settings.SECRET_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()[:8]
