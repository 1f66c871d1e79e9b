"""Brings everything customers know up to date: inside the publish of a source, at the change of day, on demand."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers import conversions, linking, matching, rfm_membership, rollups, sent_segments, totals, unlinked_money
from customers.calendar import current_day
from customers.companies import unknown_companies
from customers.differences.detection import compare
from customers.handover import matching as handover_matching
from customers.history import unpacked
from customers.models import Customer, RollupDay
from customers.statements import fetch
from customers.view_log import forget_old
from integration_hub.config import hub
from integration_hub.notices import clear_notices, raise_notice

RATES = "erp_currency_rate"
CONFIGURATION = "hub.toml"
PEOPLE = frozenset({"sf_user", "sf_user_role"})
TEAMS = frozenset({"sf_account", "sf_account_team_member"})


class Publication(Protocol):
    """What is known of a publish: the company's day, and whether every row was read again."""

    @property
    def as_of(self) -> date: ...

    @property
    def full(self) -> bool: ...


def recompute(publication: Publication) -> int:
    """Publish hook: derive, link and roll up what the publish touched; the number of customers recomputed.

    Runs in the publish transaction and reads its temporary tables touched_customer, touched_account and changed_table.
    A new day recomputes every customer; new rates, a full publish, or another currency, calendar or choice of companies
    in hub.toml also every document.
    """
    changed = {str(name) for (name,) in fetch("changed_table")}
    new_basis = not _on_todays_basis()
    every_document = publication.full or RATES in changed or new_basis
    rollups.begin()
    tell_of_unknown_companies()
    rollups.derive(everything=every_document)
    matching.take_in(publication, changed)
    if every_document or linking.needs_linking(changed):
        linking.link(publication.as_of, full=every_document)
    else:
        linking.keep_links()
    linking.place_documents()
    everybody = publication.full or bool(changed & PEOPLE)
    if everybody:
        linking.share_out_accounts()
    if everybody or changed & TEAMS:
        linking.share_out_teams(everything=everybody)
    now = timezone.now()
    new_day = not RollupDay.objects.filter(as_of=publication.as_of, current=True).exists()
    if new_day:
        forget_old(now)
    customers = rollups.roll_up(publication.as_of, now, everything=every_document or new_day, current=True)
    conversions.stamp(publication.as_of)
    if customers or new_day:
        totals.store_totals(publication.as_of)
        unlinked_money.store(publication.as_of)
        rfm_membership.keep(publication.as_of, everything=every_document or new_day)
    sent_segments.keep(publication.as_of, everything=every_document or new_day)
    handover_matching.keep(publication.as_of, everything=every_document or new_day)
    compare(publication.as_of, now, everything=every_document or new_day)
    rollups.mark_day(publication.as_of, now, current=True)
    matching.refresh()
    return customers


def _on_todays_basis() -> bool:
    """Whether the figures shown rest on what hub.toml says now."""
    return RollupDay.objects.filter(current=True, basis=hub().company.basis).exists()


def tell_of_unknown_companies() -> None:
    """Raise a notice for companies of hub.toml that no source has, and clear it when there are none."""
    unknown, there = unknown_companies()
    if not unknown:
        clear_notices(CONFIGURATION)
        return
    none = "" if len(unknown) < len(hub().company.companies) else " So no document of an ERP counts in any figure."
    raise_notice(
        CONFIGURATION,
        "unknown_company",
        f"[company] companies in hub.toml names {', '.join(unknown)}, which no source has.{none}",
        f"Correct the line. There are: {', '.join(there)}.",
    )


def relink(erp_customers: Sequence[str]) -> int:
    """Link some ERP customers anew, after a decision or a new identifier, and recompute every customer that gained or
    lost one at the current day, in the caller's transaction, which must hold the lock of rollups.begin(). The number of
    customers recomputed; 0 before the first roll-up, which will link them.
    """
    day = RollupDay.objects.filter(current=True, basis__in=("", hub().company.basis)).order_by("-as_of").first()
    if day is None or not erp_customers:
        return 0
    rollups.begin()
    concerned = linking.concerned_by(erp_customers)
    before = _parts(concerned.customers, day.as_of)
    linking.link_some(concerned, day.as_of)
    linking.place_documents()
    now = timezone.now()
    touched = list(Customer.objects.filter(concerned.customers).values_list("pk", flat=True))
    customers = rollups.roll_up(day.as_of, now, everything=False, current=True, touched=touched)
    conversions.stamp(day.as_of, concerned)
    after = _parts(concerned.customers, day.as_of)
    totals.move_totals(before[0], after[0], day.as_of)
    unlinked_money.move(before[1], after[1], day.as_of)
    if customers:
        _follow(day.as_of, now, everything=False, touched=touched)
    rollups.mark_day(day.as_of, now, current=True)
    matching.follow_decisions(erp_customers)
    return customers


def recompute_past(since: date, until: date, customers: Sequence[int]) -> int:
    """Compute some customers anew at every stored day from one on and before another, by the links that are valid there
    now; how many days. In the caller's transaction, which must hold the lock of rollups.begin().
    """
    days = RollupDay.objects.filter(as_of__gte=since, as_of__lt=until, current=False, links_of=None)
    for day in days:
        with unpacked(day.as_of, customers):
            _recompute_then(day.as_of, customers)
    # What was packed of days that are in the table is out of date.
    days.filter(stored=True).update(archived_at=None)
    return len(days)


def _recompute_then(day: date, customers: Sequence[int]) -> None:
    rollups.begin()
    among, now = Q(pk__in=customers), timezone.now()
    before = unlinked_money.part_of(among, day)
    rollups.roll_up(day, now, everything=False, current=False, links_then=True, touched=customers)
    unlinked_money.move(before, unlinked_money.part_of(among, day), day)
    RollupDay.objects.filter(as_of=day).update(completed_at=now)


def _parts(customers: Q, as_of: date) -> tuple[totals.Part, unlinked_money.Sums]:
    """What some customers add to what is stored over all."""
    return totals.part_of(customers, as_of), unlinked_money.part_of(customers, as_of)


def _follow(as_of: date, now: datetime, *, everything: bool, touched: Sequence[int] | None = None) -> None:
    """What is made of the roll-ups of the current day: of all customers, or of those in rollup_scope. `touched` are the
    customers of a decision, where nothing else changed.
    """
    rfm_membership.keep(as_of, everything=everything, touched=touched)
    sent_segments.keep(as_of, everything=everything, touched=touched)
    handover_matching.keep(as_of, everything=everything, touched=touched)
    compare(as_of, now, everything=everything, touched=touched)


def recompute_all(as_of: date, *, current: bool, links_then: bool = True) -> int:
    """Link and recompute every customer at a day; the number of customers.

    With `current` the day becomes the one that pages show. Without it, only that day's figures are stored: links, the
    current figures and the months stay as they are, unless it is the current day itself. A past day is computed by the
    links that were valid then, or by today's without `links_then`.
    """
    with transaction.atomic():
        rollups.begin()
        behind = RollupDay.objects.filter(current=True).exclude(basis=hub().company.basis).first()
        if not current and behind is not None and behind.as_of != as_of:
            # A past day is made of the documents' derived columns, and these are still those of another basis.
            recompute_all(behind.as_of, current=True)
            rollups.begin()
        current = current or RollupDay.objects.filter(as_of=as_of, current=True).exists()
        if current:
            tell_of_unknown_companies()
            rollups.derive(everything=True)
            linking.link(as_of, full=True)
            linking.place_documents()
            linking.share_out_accounts()
            linking.share_out_teams(everything=True)
        else:
            linking.keep_links()
        now = timezone.now()
        if current:
            forget_old(now)
        customers = rollups.roll_up(as_of, now, everything=True, current=current, links_then=links_then and not current)
        if current:
            conversions.stamp(as_of)
            totals.store_totals(as_of)
        unlinked_money.store(as_of)
        if current:
            _follow(as_of, now, everything=True)
        todays = None if current or links_then else current_day()
        rollups.mark_day(as_of, now, current=current, links_of=todays)
        if not current:
            rfm_membership.look_back(as_of)
        if current:
            matching.refresh()
    return customers
