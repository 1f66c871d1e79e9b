"""The file: hub.toml as it stands and every part, as JSON that a version control system can compare line by line.

No secret is in it: hub.toml refuses secrets, which come from the environment of each installation, and what may hold
one in the middle of an address is not handed on.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from integration_hub.config import hub
from integration_hub.transfer.parts import NotMoved, Row, Rows, parts

FORMAT = 1
REFERENCE = re.compile(r"\$\{[A-Z][A-Z0-9_]*(?::-)?\}")
# The word itself stands for a password in what explains how an address is written.
WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s\"'@:]*:(?!\$\{|password@)[^/\s\"'@]+@")
LARGEST = 20_000_000


@dataclass(frozen=True)
class Bundle:
    """What one installation is set up like."""

    configuration: str
    parts: Mapping[str, Rows]
    taken_from: str = ""


def here() -> Bundle:
    """This installation. Raises ConfigurationError where its hub.toml cannot be read."""
    hub()  # what cannot be read here is not handed on
    text = Path(settings.HUB_CONFIG).read_text(encoding="utf-8")
    return Bundle(text, {part.name: part.read() for part in parts()}, settings.PUBLIC_URL)


def written(bundle: Bundle, at: datetime) -> str:
    """The text of the file."""
    body = _body(bundle)
    head = {"format": FORMAT, "made_at": at.isoformat(), "from": bundle.taken_from, "sha256": _sum(body)}
    return json.dumps(head | body, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Bundle:
    """A file that `written` made. Raises NotMoved where it is damaged, changed by hand, or of a later format."""
    try:
        if path.stat().st_size > LARGEST:
            raise NotMoved(f"{path} is larger than any configuration.")
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotMoved(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise NotMoved(f"{path} is no configuration: it is not JSON ({error}).") from error
    if not isinstance(told, dict) or not _is_whole(told):
        raise NotMoved(f"{path} is no configuration that `manage.py configuration --export` wrote.")
    if told.get("format") != FORMAT:
        raise NotMoved(f"{path} is of format {told.get('format')}; this release reads format {FORMAT}.")
    bundle = Bundle("\n".join(told["configuration"]), told["parts"], str(told.get("from", "")))
    if told.get("sha256") != _sum(_body(bundle)):
        raise NotMoved(f"{path} was changed after it was exported: change the installation it is from, export anew.")
    return bundle


def _is_whole(told: Mapping[str, Any]) -> bool:
    """Whether the lines are texts, and every part rows of values by name."""
    lines, found = told.get("configuration"), told.get("parts")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines) or not isinstance(found, dict):
        return False
    return all(
        isinstance(rows, dict) and all(isinstance(row, dict) for row in rows.values()) for rows in found.values()
    )


def check_secrets(text: str) -> None:
    """Raise NotMoved where an address in a hub.toml may hold a secret: that of an alert's webhook, whose path or query
    often is one, and any with a password in front of its host, be it in a comment.
    """
    told = tomllib.loads(text)
    literal = [each for each in told.get("alerts", {}).get("webhooks", ()) if not REFERENCE.fullmatch(str(each))]
    if literal:
        raise NotMoved(
            "An address under webhooks of [alerts] stands in hub.toml as it is, and it may hold a token. Put it into"
            ' the environment and write its name instead, such as webhooks = ["${ALERT_WEBHOOK}"].'
        )
    for number, line in enumerate(text.splitlines(), 1):
        if WITH_PASSWORD.search(line):
            raise NotMoved(
                f"hub.toml:{number}: an address holds a password before its host. Put the address into the environment"
                " and write ${NAME} instead."
            )


def _body(bundle: Bundle) -> dict[str, Any]:
    return {"configuration": bundle.configuration.split("\n"), "parts": _sorted(bundle.parts)}


def _sorted(found: Mapping[str, Rows]) -> dict[str, dict[str, Row]]:
    return {part: {name: rows[name] for name in sorted(rows)} for part, rows in found.items()}


def _sum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
