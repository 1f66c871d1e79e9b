"""Takes a file over: everything or nothing. hub.toml is written last, when the database has taken its part."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from integration_hub import audit
from integration_hub.config import ConfigurationError, read_text
from integration_hub.transfer.bundle import Bundle, here
from integration_hub.transfer.difference import Difference, compare
from integration_hub.transfer.parts import NotMoved, Part, Rows, parts


def check(wanted: Bundle) -> Difference:
    """What taking it over would change. Raises NotMoved where it cannot be used in this installation: a wrong key, a
    variable that the environment lacks, a row that does not work here. Rows are written to see that, and taken back.
    """
    difference = _looked_at(wanted)
    with transaction.atomic():
        _write(wanted, difference, User.objects.create(username=f"dry run {uuid4()}"))
        transaction.set_rollback(True)
    return difference


def doubts(wanted: Bundle, difference: Difference) -> list[str]:
    """What can be written, but would not work here as it is now, in words."""
    return [
        f"{part.label}: {doubt}" for part, rows in _rows_to_write(wanted, difference) for doubt in part.doubts(rows)
    ]


def _looked_at(wanted: Bundle) -> Difference:
    _tried(wanted)
    for part in parts():
        for name, row in wanted.parts.get(part.name, {}).items():
            if lacking := [each for each in part.fields if each not in row]:
                raise NotMoved(f"{part.label}: “{name}” lacks {', '.join(lacking)}.")
    return compare(here(), wanted)


def take_over(wanted: Bundle, user: User, at: datetime) -> Difference:
    """Write what differs; the configuration before stays beside as hub.toml.<instant>. Raises NotMoved."""
    difference = _looked_at(wanted)
    with transaction.atomic():
        _write(wanted, difference, user)
        if not difference.is_empty:
            audit.record(
                "configuration.imported", "configuration", "hub.toml", after=_told(difference), who=user.username
            )
        if difference.configuration:
            _replace(wanted.configuration, at)
    return difference


def _rows_to_write(wanted: Bundle, difference: Difference) -> Iterator[tuple[Part, Rows]]:
    for part, differs in ((part, each) for part in parts() for each in difference.parts if each.name == part.name):
        if differs.to_write:
            yield part, {name: wanted.parts[part.name][name] for name in differs.to_write}


def _write(wanted: Bundle, difference: Difference, user: User) -> None:
    for part, rows in _rows_to_write(wanted, difference):
        part.write(rows, user)


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
    """Read the configuration as this installation would, as if it stood there: paths are relative to its folder."""
    target = Path(settings.HUB_CONFIG)
    try:
        read_text(wanted.configuration, target)
    except ConfigurationError as error:
        where = error.where.replace(str(target), "hub.toml")
        raise NotMoved(f"This configuration does not work here. {where}: {error.problem} {error.fix}") from error


def _replace(text: str, at: datetime) -> None:
    target = Path(settings.HUB_CONFIG)
    beside = target.with_name(f"{target.name}.{at:%Y%m%dT%H%M%SZ}")
    new = target.with_name(f"{target.name}.new")
    try:
        beside.write_bytes(target.read_bytes())
        new.write_text(text, encoding="utf-8")
        new.chmod(target.stat().st_mode & 0o777)
        new.replace(target)
    except OSError as error:
        with suppress(OSError):  # where not even this can be done, it was not written either
            beside.unlink(missing_ok=True)
            new.unlink(missing_ok=True)
        raise NotMoved(
            f"{target} cannot be replaced: {error.strerror}. Import it as a user who may write in its folder."
        ) from error
