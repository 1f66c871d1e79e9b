"""Every decision about links: who, when, why, and whether it still stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, QuerySet

from customers import formats
from customers.access import User, visible
from customers.matching.quality import in_band
from customers.models import AccountLink, LinkDecision, LinkShare, LinkVerdict
from integration_hub.models import ErpCustomer, SfAccount

ROWS = 50
STATES = (("", "In force and taken back"), ("stands", "In force"), ("undone", "Taken back"))


@dataclass(frozen=True)
class LogRow:
    """One decision. `together` is how many accepted accounts of its batch are in force, 0 for a decision of its own;
    `heads` says that it is the first of them in force on the page, and `gone` that the ERP customer is.
    """

    pk: int
    at: datetime
    by: str
    verdict: str
    css: str
    erp_customer: str
    erp_name: str
    account_name: str
    reason: str
    score: Decimal | None
    undone_at: datetime | None
    undone_by: str
    undone_reason: str
    together: int
    heads: bool
    gone: bool


@dataclass(frozen=True)
class Log:
    """A page of the log with its filters; `before` is the mark of the next page, empty at the end."""

    rows: tuple[LogRow, ...]
    before: str
    first: bool
    query: str
    verdict: str
    state: str
    who: str
    band: str
    people: tuple[str, ...]


CSS = {LinkVerdict.ACCEPT: "pill-good", LinkVerdict.REJECT: "pill-bad", LinkVerdict.SHARE: "pill-good"}


def build_log(user: User, asked: Mapping[str, str]) -> Log:
    """The part of the log that a URL asks for: verdict, state, by (a name), band (of scores) and before (a decision's
    number).
    """
    verdict = asked.get("verdict", "") if asked.get("verdict", "") in LinkVerdict.values else ""
    state = asked.get("state", "") if asked.get("state", "") in {"stands", "undone"} else ""
    who, before = asked.get("by", "")[:150], asked.get("before", "")
    scored = in_band(asked.get("band", ""))
    band = asked["band"] if scored is not None else ""
    everything = visible(LinkDecision.objects.all(), user)
    found = _narrowed(everything, verdict, state, who)
    found = found if scored is None else found.filter(scored)
    mark = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0
    rows = list((found.filter(pk__lt=mark) if mark else found).order_by("-pk")[: ROWS + 1])
    filters = (("verdict", verdict), ("state", state), ("by", who), ("band", band))
    kept = {name: value for name, value in filters if value}
    return Log(
        rows=log_rows(rows[:ROWS]),
        before=str(rows[ROWS - 1].pk) if len(rows) > ROWS else "",
        first=not mark,
        query=urlencode(kept),
        verdict=verdict,
        state=state,
        who=who,
        band=band,
        people=tuple(everything.order_by("by_name").values_list("by_name", flat=True).distinct()),
    )


def _narrowed(rows: QuerySet[LinkDecision], verdict: str, state: str, who: str) -> QuerySet[LinkDecision]:
    if verdict:
        rows = rows.filter(verdict=verdict)
    if state:
        rows = rows.filter(undone_at__isnull=state == "stands")
    return rows.filter(by_name=who) if who else rows


def log_rows(decisions: Sequence[LinkDecision]) -> tuple[LogRow, ...]:
    """Decisions as the log and the page of an ERP customer show them."""
    keys = {row.erp_customer for row in decisions}
    numbers = {
        key: (name or number or key)
        for key, name, number in ErpCustomer.objects.filter(key__in=keys).values_list("key", "name", "number")
    }
    accounts = {row.account for row in decisions if row.account}
    names = dict(SfAccount.objects.filter(key__in=accounts).values_list("key", "name"))
    batches = {row.batch for row in decisions if row.batch}
    sizes = dict(
        LinkDecision.objects.filter(batch__in=batches, undone_at=None, verdict=LinkVerdict.ACCEPT)
        .order_by()
        .values_list("batch")
        .annotate(count=Count("pk"))
    )
    heads = {row.batch: row.pk for row in reversed(decisions) if row.batch and row.undone_at is None}
    there = set(AccountLink.objects.filter(erp_customer__in=keys).values_list("erp_customer", flat=True))
    rules = _rules([row.pk for row in decisions if row.verdict == LinkVerdict.SHARE])
    return tuple(
        LogRow(
            pk=row.pk,
            at=row.at,
            by=row.by_name,
            verdict=LinkVerdict(row.verdict).label,
            css=CSS.get(LinkVerdict(row.verdict), ""),
            erp_customer=row.erp_customer,
            erp_name=numbers.get(row.erp_customer, row.erp_customer),
            account_name=rules.get(row.pk) or names.get(row.account, row.account),
            reason=row.reason,
            score=row.score,
            undone_at=row.undone_at,
            undone_by=row.undone_by_name,
            undone_reason=row.undone_reason,
            together=sizes.get(row.batch, 0) if row.batch else 0,
            heads=row.batch is not None and heads.get(row.batch) == row.pk,
            gone=row.erp_customer not in there,
        )
        for row in decisions
    )


def _rules(decisions: Sequence[int]) -> dict[int, str]:
    """By decision its rule in words: Kestrel 60%, Merlin 40%."""
    if not decisions:
        return {}
    rows = list(LinkShare.objects.filter(decision__in=decisions).order_by("decision", "place"))
    names = dict(SfAccount.objects.filter(key__in={row.account for row in rows}).values_list("key", "name"))
    parties = dict(ErpCustomer.objects.filter(key__in={row.ship_to for row in rows}).values_list("key", "number"))
    words: dict[int, list[str]] = {}
    for row in rows:
        if row.per_cent is not None:
            part = f"{format(row.per_cent.normalize(), 'f')}%"
        else:
            part = f"ship-to {parties.get(row.ship_to) or row.ship_to}" if row.ship_to else "the rest"
        words.setdefault(row.decision_id, []).append(f"{names.get(row.account) or row.account} {part}")
    firsts = dict(LinkDecision.objects.filter(pk__in=words, valid_from__isnull=False).values_list("pk", "valid_from"))
    for decision, first in firsts.items():
        words[decision].append(f"since {formats.day(first)}")
    return {decision: ", ".join(each) for decision, each in words.items()}
