"""Scheduled exports, which move between installations with the logins whose they are."""

import json
from typing import Any

from django.contrib.auth.models import User

from integration_hub.transfer.parts import NotMoved, Part, Rows
from reports.models import ExportSchedule

COLUMNS = ("report", "question", "format", "frequency", "weekday", "month_day", "delivery")


def _told(schedule: ExportSchedule) -> dict[str, Any]:
    values = {name: getattr(schedule, name) for name in COLUMNS}
    return values | {"owner": schedule.owner.get_username() if schedule.owner else ""}


def _read() -> Rows:
    """Without those whose login was deleted: they rest."""
    found = ExportSchedule.objects.filter(owner__isnull=False).select_related("owner").order_by("id")
    return {_name(told): told | {"active": each.active} for each in found for told in [_told(each)]}


def _name(told: dict[str, Any]) -> str:
    """All that makes a schedule this one and no other; only whether it rests can differ."""
    question = json.dumps(told["question"], sort_keys=True, ensure_ascii=False)
    when = f"{told['frequency']} {told['weekday']}/{told['month_day']}"
    return f"{told['report']} {question} as {told['format']}, {when}, {told['delivery']}, for {told['owner']}"


def _write(rows: Rows, _: User) -> None:
    here = {_name(_told(each)): each for each in ExportSchedule.objects.select_related("owner")}
    for name, row in rows.items():
        known = here.get(name)
        if known is not None:
            known.active = bool(row["active"])
            known.save(update_fields=["active"])
            continue
        owner = User.objects.filter(username=row["owner"], is_active=True).first()
        if owner is None:
            raise NotMoved(f"There is no active login {row['owner']} for the scheduled export “{name}”: make it first.")
        values = {column: row[column] for column in COLUMNS}
        ExportSchedule.objects.create(owner=owner, active=bool(row["active"]), **values)


SCHEDULES = Part("export_schedules", "Scheduled exports", _read, _write, ("owner", "active", *COLUMNS))
