"""Who a customer is: name, status, numbers, owner, and the way to the same account in Salesforce."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from customers import formats
from customers.access import User, prepared_visible
from customers.conflicts import Conflict, conflicts_of
from customers.measures_text import STAGE
from customers.models import AccountLink, Customer, LinkStatus
from customers.pages.erp_numbers import ErpNumber, Facts, facts_of, first_masters, number_of
from customers.parts import PART_COLUMNS, part_key
from customers.stages import CUSTOMER, ERP_ONLY, LAPSED, PROSPECT, STAGES
from integration_hub.config import hub
from integration_hub.models import SfAccount, SfOpportunity, SfUser
from integration_hub.prepared import prepared

STAGE_CSS = {CUSTOMER: "pill-seg", LAPSED: "pill-warn"}


@dataclass(frozen=True)
class Pill:
    """A status in words; `css` only repeats it as colour."""

    label: str
    css: str = ""
    title: str = ""


@dataclass(frozen=True)
class Identity:
    """The head of every customer page. `notice` says what keeps the page from being complete; `conflicts` are why an
    account has no ERP customer although there is one. Of very many ERP customers `numbers` are the first, and
    `more_numbers` how many there are beside.
    """

    pk: int
    name: str
    place: str
    industry: str
    pills: tuple[Pill, ...]
    numbers: tuple[ErpNumber, ...]
    more_numbers: int
    keys: tuple[str, ...]
    account: str
    owner: str
    parent: Customer | None
    since: date | None
    salesforce_url: str
    notice_title: str
    notice: str
    is_prospect: bool
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class Past:
    """A past day, and the keys of the ERP customers that were the customer's then."""

    day: date
    keys: tuple[str, ...]


def build_identity(customer: Customer, user: User, stage: str = "", past: Past | None = None) -> Identity:
    """Reads the links and both masters of a customer that the caller has already checked access to; the parent only
    where the user may see that one too. Without a `stage` there are no figures yet, or the user may not see it. Of a
    `past` day it says who was linked then, with names and owner of today.
    """
    links = [] if past else _links((customer.pk,))
    keys = past.keys if past else tuple(part_key(*link[: len(PART_COLUMNS)]) for link in links)
    masters = first_masters(keys) if keys else []
    facts = facts_of(keys, masters)
    is_prospect = customer.account is not None and not keys if past else customer.is_prospect
    conflicts = conflicts_of((customer.account,)) if is_prospect and customer.account and not past else ()
    gone = _is_gone(customer, past)
    title, notice = _notice_then(customer, past) if past and not gone else _notice(customer, links, conflicts)
    return Identity(
        pk=customer.pk,
        name=customer.name or "Without a name",
        place=", ".join(filter(None, (customer.city, customer.country))),
        industry=customer.industry,
        pills=(*_pills(customer, facts, stage, gone=gone), *_in_conflict(links, conflicts)),
        numbers=tuple(number_of(master) for master in masters),
        more_numbers=facts.count - len(masters),
        keys=keys,
        account=customer.account or "",
        owner=_owner_name(customer.owner),
        parent=next(iter(_parents(user, (customer.parent_id,))), None) if customer.parent_id else None,
        since=facts.since,
        salesforce_url=salesforce_url(customer.account or ""),
        notice_title=title,
        notice=notice,
        is_prospect=is_prospect,
        conflicts=conflicts,
    )


def _is_gone(customer: Customer, past: Past | None) -> bool:
    """Whether it had left its source by the day."""
    if customer.gone_at is None or past is None:
        return customer.gone_at is not None
    return customer.gone_at.astimezone(ZoneInfo(hub().company.time_zone)).date() <= past.day


def _in_conflict(links: list[Any], conflicts: tuple[Conflict, ...]) -> tuple[Pill, ...]:
    torn = conflicts or any(link.status == LinkStatus.CONFLICT for link in links)
    return (Pill("Link in conflict", "pill-bad"),) if torn else ()


def salesforce_url(record: str) -> str:
    """Where Salesforce shows a record: every org redirects /<id> to its page. Empty without a record or an org."""
    salesforce = hub().salesforce
    if not record or salesforce is None or not salesforce.login_url:
        return ""
    return f"{salesforce.login_url.rstrip('/')}/{record}"


def _owner_name(key: str) -> str:
    return next(iter(_names((key,))), "") if key else ""


@prepared
def _names(users: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return SfUser.objects.filter(key__in=users).values_list("name", flat=True)


@prepared
def _links(customers: tuple[int, ...]) -> "QuerySet[Any, Any]":
    found = AccountLink.objects.filter(customer__in=customers).order_by("erp_customer")
    return found.values_list(*PART_COLUMNS, "status", "detail", named=True)


@prepared_visible
def _parents(customers: tuple[int, ...]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=customers)


def _pills(customer: Customer, facts: Facts, stage: str, *, gone: bool) -> tuple[Pill, ...]:
    pills = []
    if gone:
        pills.append(Pill("Gone from its source", "pill-warn"))
    elif customer.account is None:
        pills.append(Pill(STAGES[ERP_ONLY], "pill-warn", STAGE.definition))
    else:
        known = stage or (PROSPECT if customer.is_prospect else CUSTOMER)
        pills.append(Pill(STAGES[known], STAGE_CSS.get(known, ""), STAGE.definition))
    if facts.blocked:
        reasons = ", ".join(facts.reasons)
        read = formats.instant(facts.blocked, hub().company.time_zone)
        label = f"Blocked in the ERP{': ' if reasons else ''}{reasons}"
        pills.append(Pill(label, "pill-bad", f"The ERP said so when this customer was last read anew, on {read}."))
    return tuple(pills)


def _notice_then(customer: Customer, past: Past) -> tuple[str, str]:
    """What the page of a past day lacked; empty when nothing was."""
    day = formats.day(past.day)
    if customer.account is None:
        link = AccountLink.objects.filter(erp_customer=customer.erp_customer, status=LinkStatus.LINKED)
        now = link.values_list("customer__name", flat=True).first()
        since = f"It was linked to {now} after that." if now else "Today’s page says what it waits for."
        return "This ERP customer belonged to no Salesforce account", f"So it was on {day}. {since}"
    if not past.keys:
        return "No customer in the ERP that day", f"No ERP customer was linked to this account on {day}."
    return "", ""


def _notice(customer: Customer, links: list[Any], conflicts: tuple[Conflict, ...]) -> tuple[str, str]:
    """What is missing on this page and what to do about it; empty when nothing is."""
    if customer.gone_at and customer.account:
        return "This account was deleted in Salesforce", (
            "ERP customers that were linked to it stand alone now, with their documents and figures, until another "
            "account carries their number. Nothing here is sent to Salesforce any more."
        )
    if customer.gone_at:
        return "This customer left the ERP", "The page keeps what was known."
    if customer.account is None:
        detail = next((link.detail for link in links if link.detail), "No Salesforce account names this ERP customer.")
        title = "This ERP customer belongs to no Salesforce account"
        return title, f"{detail} Put its number on the right account in Salesforce; the next sync links them."
    if conflicts:
        return "The ERP customer of this account is in conflict", (
            f"The ERP has {' and '.join(one.label for one in conflicts)}, but what is stored about it names more than "
            "one account or was decided otherwise, so it is linked to none and its figures are not shown here."
        )
    if customer.is_prospect:
        salesforce = hub().salesforce
        field = salesforce.erp_number_field if salesforce else "the ERP number"
        return "No customer in the ERP yet", (
            f"This account has no orders, deliveries or invoices because no ERP customer is linked to it. "
            f"If there is one, put its number into {field} on the account; the next sync links them."
        )
    return "", ""


def by_account(account_id: str) -> str:
    """The 18-character key of the account a 15- or 18-character id names today, following merges to the winner.

    Returns an empty text for anything that is no id. Ids are told apart by capitals, so nothing is folded.
    """
    key = eighteen(account_id)
    seen: set[str] = set()
    while key and key not in seen:
        seen.add(key)
        winner = SfAccount.objects.filter(key=key).values_list("master_record", flat=True).first()
        if not winner:
            return key
        key = winner
    return key


def account_of_opportunity(opportunity_id: str) -> str:
    """The key of the account that an opportunity belongs to today; empty for one that is unknown or deleted."""
    deals = SfOpportunity.objects.live().filter(key=eighteen(opportunity_id) or None)
    account = deals.values_list("account_id", flat=True).first()
    return by_account(account) if account else ""


def eighteen(record_id: str) -> str:
    """A 15-character Salesforce id with its suffix; an 18-character one is checked. Empty for anything else."""
    if len(record_id) not in {15, 18} or not (record_id.isascii() and record_id.isalnum()):
        return ""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (record_id[start : start + 5] for start in (0, 5, 10))
    suffix = "".join(
        alphabet[sum(1 << place for place, letter in enumerate(chunk) if "A" <= letter <= "Z")] for chunk in chunks
    )
    full = record_id[:15] + suffix
    return full if record_id in {record_id[:15], full} else ""
