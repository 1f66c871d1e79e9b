"""Packs the figures of past days, and brings them back: a day is asked for as if it had never been away.

The current day, the newest days and the ends of months stay as they are: lists, trends and comparisons read them.
`[history]` of hub.toml says for how long.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from customers.history.figures import figure_columns, read_figures, write_figures
from customers.history.packing import NULL, apply, by_customer, compress, difference, expand
from customers.models import ArchiveBase, ArchivedFigures, CustomerRollup, RollupDay
from integration_hub import locks
from integration_hub.config import hub

log = logging.getLogger(__name__)
BROUGHT_FOR = timedelta(days=7)


class ArchiveDamaged(Exception):
    """What was packed does not unpack to the same figures; nothing was deleted."""


def pack_due(now: datetime) -> list[date]:
    """Pack the days that are due, oldest first, and put away again what nobody asked for lately; the days."""
    days = due_days(now)
    for day in days:
        if RollupDay.objects.filter(as_of=day, archived_at=None).exists():
            pack(day, now)
        else:
            _put_away(day)
    return days


def forget(today: date) -> int:
    """Delete archived days older than `[history] years`, with bases that nothing rests on; how many days."""
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        days = old_days(today)
        CustomerRollup.objects.filter(as_of__in=days).delete()
        ArchivedFigures.objects.filter(as_of__in=days).delete()
        RollupDay.objects.filter(as_of__in=days).delete()
        ArchiveBase.objects.exclude(of_day__in=ArchivedFigures.objects.values("base_of")).delete()
    return len(days)


def old_days(today: date) -> list[date]:
    """The days that are older than they are to be kept."""
    years = hub().history.years
    if not years:
        return []
    days = RollupDay.objects.filter(as_of__lt=today - relativedelta(years=years), current=False)
    return list(days.values_list("as_of", flat=True))


def pack(day: date, now: datetime) -> int:
    """Move the figures of a day into the archive; how many customers.

    What was packed is unpacked and compared before a row is deleted. Raises ArchiveDamaged where that differs.
    """
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        base_of = _base_for(day)
        ArchivedFigures.objects.filter(as_of=day).delete()
        columns, customers = figure_columns(), 0
        for bucket, lines in read_figures(day, columns):
            base = base_lines(base_of, bucket, columns)
            data = compress(columns, difference(base, lines))
            if apply(base, expand(data)[1]) != lines:
                raise ArchiveDamaged(f"Figures of {day} do not unpack to what they were.")
            ArchivedFigures.objects.create(as_of=day, bucket=bucket, base_of=base_of, customers=len(lines), data=data)
            customers += len(lines)
        CustomerRollup.objects.filter(as_of=day).delete()
        RollupDay.objects.filter(as_of=day).update(archived_at=now, stored=False, brought_at=None)
    log.info("figures of %s packed: %s customers", day, customers)
    return customers


def bring(day: date) -> bool:
    """Bring the figures of an archived day back into the tables that pages read; False where they are there already.

    They stay for a week after they were asked for. 200,000 customers take about ten seconds.
    """
    if not RollupDay.objects.filter(as_of=day, stored=False).exists():
        return False
    with transaction.atomic():
        locks.wait_in_transaction(f"history:{day}")
        if not RollupDay.objects.filter(as_of=day, stored=False).exists():
            return False  # somebody else asked in the same instant
        for archived in ArchivedFigures.objects.filter(as_of=day).order_by("bucket").iterator(1):
            columns, told = expand(bytes(archived.data))
            base = base_lines(archived.base_of, archived.bucket, columns)
            write_figures(day, columns, apply(base, told).values())
        RollupDay.objects.filter(as_of=day).update(stored=True, brought_at=timezone.now())
    return True


def due_days(now: datetime) -> list[date]:
    """The days in the table that are neither recent nor the last of their month, nor asked for lately; oldest first."""
    history = hub().history
    known = list(RollupDay.objects.order_by("-as_of"))
    if not known:
        return []
    newest = known[0].as_of
    recent, oldest_end = newest - timedelta(days=history.daily_days), newest - relativedelta(months=history.month_ends)
    ends = {next(group).as_of for _, group in groupby(known, key=lambda day: (day.as_of.year, day.as_of.month))}
    return [
        day.as_of
        for day in reversed(known)
        if day.stored
        and not day.current
        and day.as_of < recent
        and not (day.as_of in ends and day.as_of >= oldest_end)
        and (day.brought_at is None or day.brought_at < now - BROUGHT_FOR)
    ]


def _put_away(day: date) -> None:
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        if RollupDay.objects.filter(as_of=day).exclude(archived_at=None).update(stored=False, brought_at=None):
            CustomerRollup.objects.filter(as_of=day).delete()


def _base_for(day: date) -> date:
    """The base of the day's month; made of this day where the month has none."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    there = ArchiveBase.objects.filter(of_day__gte=first, of_day__lt=following).values_list("of_day", flat=True)
    if (known := there.first()) is not None:
        return known
    columns = figure_columns()
    for bucket, lines in read_figures(day, columns):
        ArchiveBase.objects.create(of_day=day, bucket=bucket, data=compress(columns, lines.values()))
    return day


def base_lines(of_day: date, bucket: int, columns: Sequence[str]) -> dict[str, str]:
    """The lines of a base, in the columns that are asked for; those that it did not have yet are empty."""
    found = ArchiveBase.objects.filter(of_day=of_day, bucket=bucket).first()
    if found is None:
        return {}
    there, lines = expand(bytes(found.data))
    if there == tuple(columns):
        return by_customer(lines)
    places = [there.index(name) + 1 if name in there else None for name in columns]
    projected = []
    for line in lines:
        values = line.split("\t")
        projected.append("\t".join((values[0], *(NULL if at is None else values[at] for at in places))))
    return by_customer(projected)
