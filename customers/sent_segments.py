"""Keeps which saved segments that go to Salesforce each customer is in and since when: part of every publish."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from customers.calendar import current_day
from customers.models import Segment, SentSegments, SentSegmentsState
from customers.rfm import at_day
from customers.rules.binding import RuleProblems, bind
from customers.rules.bound import Bound
from customers.rules.fields import all_fields
from customers.rules.query import matching
from customers.rules.shape import stored_group
from customers.statements import run
from integration_hub import locks
from integration_hub.notices import clear_notices, raise_notice

NOTICES = "segments"


def keep(as_of: date, *, everything: bool, touched: Sequence[int] | None = None) -> int:
    """Bring memberships up to the figures of the current day; the number of customers that changed.

    Without `everything` only the customers of the temporary table rollup_scope are looked at, as a publish left it;
    after another choice of segments, or another version of one, all are. Whoever is in a segment whose rules cannot be
    used any more stays in it and nobody joins; a notice says so. `touched` are the only ones that can be gone.
    """
    sent = list(Segment.objects.filter(sent=True).order_by("pk"))
    judged, withdrawn = _bound(sent, as_of)
    state = " ".join(f"{each.pk}:{each.version}{'' if each.pk in judged else ':kept'}" for each in sent)
    before = SentSegmentsState.objects.first() or SentSegmentsState(state="")
    if before.state == state == "" and not SentSegments.objects.exists():
        return 0
    everything = everything or before.state != state
    run("sent_drop")
    run("sent_now")
    for segment, bound in judged.items():
        _join(segment, bound, everything=everything)
    run("sent_scope_all" if everything else "sent_scope_touched")
    run("sent_analyze")
    changed = run("sent_segments", as_of=as_of, kept=[str(each.pk) for each in withdrawn])
    run("sent_segments_gone", customers=None if touched is None else list(touched))
    if before.state != state:
        before.state = state
        before.save()
    return changed


def keep_now() -> bool:
    """The same outside a publish, after somebody changed a segment; False while figures are being computed, which then
    brings it along.
    """
    as_of = current_day()
    if as_of is None:
        return False
    with locks.holding(locks.PUBLISH) as held:
        if held:
            with transaction.atomic():
                keep(as_of, everything=True)
        return held


def _bound(sent: Sequence[Segment], as_of: date) -> tuple[dict[int, Bound], list[Segment]]:
    """The rules that can be used by their segment's key, and the segments whose rules cannot."""
    fields, judged, withdrawn = all_fields(), dict[int, Bound](), list[Segment]()
    for segment in sent:
        try:
            judged[segment.pk] = bind(stored_group(segment.rules), fields, as_of)
        except RuleProblems as problems:
            withdrawn.append(segment)
            raise_notice(
                NOTICES,
                f"withdrawn:{segment.pk}",
                f"The segment “{segment.name}” is sent to Salesforce, but its rules cannot be used: {problems} "
                "Accounts that were in it stay in it, and none joins.",
                f"{segment.owner_name} can change its rules; an analyst or administrator can stop sending it.",
            )
    clear_notices(NOTICES, except_codes=frozenset(f"withdrawn:{each.pk}" for each in withdrawn))
    return judged, withdrawn


def _join(segment: int, bound: Bound, *, everything: bool) -> None:
    query, parameters = (
        matching(at_day(bound.as_of), bound).order_by().values_list("customer_id").query.sql_with_params()
    )
    where = "" if everything else "where customer_id in (select customer_id from rollup_scope)"
    rows = f"select customer_id, %s from ({query}) t(customer_id) {where}"  # noqa: S608 - of this module
    with connection.cursor() as cursor:
        cursor.execute(f"insert into sent_now {rows}", (segment, *parameters))
