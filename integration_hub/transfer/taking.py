"""Takes a file over: everything or nothing. hub.toml is written last, when the database has taken its part."""

import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from integration_hub import audit
from integration_hub.config import ConfigurationError, read_hub
from integration_hub.transfer.bundle import Bundle, here
from integration_hub.transfer.difference import Difference, compare
from integration_hub.transfer.parts import NotMoved, parts


def check(wanted: Bundle) -> Difference:
    """What taking it over would change. Raises NotMoved where it cannot be used in this installation: a wrong key, or a
    variable that the environment lacks.
    """
    _tried(wanted)
    for part in parts():
        for name, row in wanted.parts.get(part.name, {}).items():
            if lacking := [each for each in part.fields if each not in row]:
                raise NotMoved(f"{part.label}: “{name}” lacks {', '.join(lacking)}.")
    return compare(here(), wanted)


def take_over(wanted: Bundle, user: User, at: datetime) -> Difference:
    """Write what differs; the configuration before stays beside as hub.toml.<instant>. Raises NotMoved."""
    difference = check(wanted)
    with transaction.atomic():
        for part, differs in ((part, each) for part in parts() for each in difference.parts if each.name == part.name):
            if differs.to_write:
                part.write({name: wanted.parts[part.name][name] for name in differs.to_write}, user)
        if not difference.is_empty:
            audit.record(
                "configuration.imported", "configuration", "hub.toml", after=_told(difference), who=user.username
            )
        if difference.configuration:
            _replace(wanted.configuration, at)
    return difference


def _told(difference: Difference) -> dict[str, object]:
    """Lines of hub.toml by their kind, and names of rows by part; what the values were and are stands in their own rows
    of the audit, and in the file that is kept beside.
    """
    lines = [line for line in difference.configuration if not line.startswith(("---", "+++"))]
    found: dict[str, object] = {
        "lines_added": sum(line.startswith("+") for line in lines),
        "lines_removed": sum(line.startswith("-") for line in lines),
    }
    return found | {part.name: list(part.to_write) for part in difference.parts if part.to_write}


def _tried(wanted: Bundle) -> None:
    """Read the configuration as this installation would, from the folder where it will stand: paths are relative."""
    target = Path(settings.HUB_CONFIG)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, suffix=".toml", delete=False) as trial:
        trial.write(wanted.configuration)
    try:
        read_hub(Path(trial.name))
    except ConfigurationError as error:
        where = error.where.replace(trial.name, "hub.toml")
        raise NotMoved(f"This configuration does not work here. {where}: {error.problem} {error.fix}") from error
    finally:
        Path(trial.name).unlink()


def _replace(text: str, at: datetime) -> None:
    target = Path(settings.HUB_CONFIG)
    beside = target.with_name(f"{target.name}.{at:%Y%m%dT%H%M%SZ}")
    beside.write_bytes(target.read_bytes())
    new = target.with_name(f"{target.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(target.stat().st_mode & 0o777)
    new.replace(target)
