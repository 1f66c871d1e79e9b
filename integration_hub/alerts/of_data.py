"""Conditions of the data: differences with the ERP, sums that moved, rejected rows, accounts that wait parked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import Count, Sum

from integration_hub.alerts.finding import Finding
from integration_hub.config import hub, longest_minutes
from integration_hub.models import ParkedRow, Reconciliation, RejectedRow, StreamState
from integration_hub.standing_differences import compared_streams, standing_differences

DAY = timedelta(hours=24)
LONGEST_DETAIL = 300


def difference(_now: datetime) -> Iterator[Finding]:
    """Confirmed differences between an ERP and the mirror, by stream."""
    standing = {found.stream: found for found in standing_differences()}
    for stream in compared_streams():
        found = standing.get(stream)
        if found is None:
            yield Finding("difference", stream, 0)
            continue
        yield Finding(
            "difference",
            stream,
            max(1, len(found.groups)),
            f"{stream} differs from its ERP. {found.detail[:LONGEST_DETAIL]}".strip(),
            "Figures made of it cannot be trusted, and no push goes out until they agree or somebody approves.",
            "Open the page Reconciliation: it names company, month and rows.",
            critical=True,
        )


def sum_drift(now: datetime) -> Iterator[Finding]:
    """By which part the sums of a stream moved between the newest load and the first of the day before it."""
    for source in hub().sources:
        # A source that is read seldom has one load a day or fewer: then the load before counts.
        since = now - max(DAY, 3 * timedelta(minutes=longest_minutes(source)))
        loads = Reconciliation.objects.filter(
            after_load=True, checked_at__gt=since, stream__startswith=f"{source.name}."
        )
        first = {each.stream: each for each in loads.order_by("stream", "id").distinct("stream")}
        for newest in loads.order_by("stream", "-id").distinct("stream"):
            before = first[newest.stream]
            share, told = _moved(before, newest)
            yield Finding(
                "sum_drift",
                newest.stream,
                share,
                f"{newest.stream}: {told}",
                "This is either a big day, or a delivery that lacks documents or holds them twice.",
                "Compare with the ERP on the page Reconciliation. If it is right, acknowledge; it is over in a day.",
            )


def _moved(before: Reconciliation, newest: Reconciliation) -> tuple[Decimal, str]:
    """The largest part that a sum moved by, in either direction, and which one. From zero there is no part, and of a
    column that one of the two did not sum nothing is known.
    """
    most, told = Decimal(0), "nothing moved"
    for name, by_currency in before.mirror_sums.items():
        if newest.mirror_rows and name not in newest.mirror_sums:
            continue
        for currency, text in by_currency.items():
            was, became = _amount(text), _amount(newest.mirror_sums.get(name, {}).get(currency, "0"))
            if not was or became is None:
                continue
            share = abs(became - was) / abs(was)
            if share > most:
                most = share
                told = f"{name.replace('_', ' ')} went from {was:,.2f} to {became:,.2f} {currency} ({share:.0%})."
    return most, told


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def rejected_share(_now: datetime) -> Iterator[Finding]:
    """Rows that were rejected and have not loaded since, as a part of all rows of their source."""
    open_rows = RejectedRow.objects.filter(resolved_at=None).order_by().values_list("stream").annotate(n=Count("pk"))
    rejected: dict[str, int] = {}
    for stream, number in open_rows:
        name = stream.partition(".")[0]
        rejected[name] = rejected.get(name, 0) + number
    kept = dict(StreamState.objects.order_by().values_list("source").annotate(n=Sum("rows")))
    for source, rows in kept.items():
        number = rejected.get(source, 0)
        share = Decimal(number) / (number + rows) if number else Decimal(0)
        yield Finding(
            "rejected_share",
            source,
            share,
            f"{number:,} of {number + rows:,} rows of {source} are rejected ({share:.2%}).",
            "They are in no figure.",
            "Open the run on the page Runs: each row is shown with its reason. Correct it at the source.",
        )


def dead_letters(now: datetime) -> Iterator[Finding]:
    """How long the oldest account waits that Salesforce refused for good."""
    waiting = ParkedRow.objects.filter(resolved_at=None)
    oldest = waiting.order_by("first_at").first()
    if oldest is None:
        yield Finding("dead_letters", "parked accounts", 0)
        return
    days = Decimal(round((now - oldest.first_at).total_seconds())) / 86400
    number = waiting.count()
    yield Finding(
        "dead_letters",
        "parked accounts",
        days,
        f"{number:,} account{'s wait' if number > 1 else ' waits'} parked, the oldest for {int(days)} days.",
        "Salesforce refuses them, so it shows older figures than this site.",
        "Open the page Parked accounts: it says per cause what to correct in Salesforce.",
    )
