"""Who a customer is: name, status, numbers, owner, and the way to the same account in Salesforce."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from customers import formats
from customers.access import User, prepared_visible
from customers.measures_text import STAGE
from customers.models import AccountLink, Customer, LinkStatus
from customers.parts import key_of
from customers.stages import CUSTOMER, ERP_ONLY, LAPSED, PROSPECT, STAGES
from integration_hub.config import hub
from integration_hub.models import ErpCustomer, SfAccount, SfOpportunity, SfUser
from integration_hub.prepared import prepared

STAGE_CSS = {CUSTOMER: "pill-seg", LAPSED: "pill-warn"}


@dataclass(frozen=True)
class Pill:
    """A status in words; `css` only repeats it as colour."""

    label: str
    css: str = ""
    title: str = ""


@dataclass(frozen=True)
class ErpNumber:
    """One ERP customer behind the customer: its number and company, and the ERP's own block, credit limit and terms."""

    key: str
    number: str
    company: str
    block_reason: str
    payment_terms: str
    payment_days: int | None


@dataclass(frozen=True)
class Identity:
    """The head of every customer page. `notice` says what keeps the page from being complete."""

    pk: int
    name: str
    place: str
    industry: str
    pills: tuple[Pill, ...]
    numbers: tuple[ErpNumber, ...]
    keys: tuple[str, ...]
    account: str
    owner: str
    parent: Customer | None
    since: date | None
    salesforce_url: str
    notice_title: str
    notice: str
    is_prospect: bool


def build_identity(customer: Customer, user: User, stage: str = "") -> Identity:
    """Reads the links and both masters of a customer that the caller has already checked access to; the parent only
    where the user may see that one too. Without a `stage` there are no figures yet, or the user may not see it.
    """
    links = _links((customer.pk,))
    keys = tuple(key_of(link) for link in links)
    masters = _masters(keys)
    title, notice = _notice(customer, links)
    return Identity(
        pk=customer.pk,
        name=customer.name or "Without a name",
        place=", ".join(filter(None, (customer.city, customer.country))),
        industry=customer.industry,
        pills=_pills(customer, masters, links, stage),
        numbers=tuple(_number(master) for master in masters),
        keys=keys,
        account=customer.account or "",
        owner=_owner_name(customer.owner),
        parent=next(iter(_parents(user, (customer.parent_id,))), None) if customer.parent_id else None,
        since=min((master.customer_since for master in masters if master.customer_since), default=None),
        salesforce_url=salesforce_url(customer.account or ""),
        notice_title=title,
        notice=notice,
        is_prospect=customer.is_prospect,
    )


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
def _links(customers: tuple[int, ...]) -> QuerySet[AccountLink]:
    return AccountLink.objects.filter(customer__in=customers).order_by("erp_customer")


@prepared
def _masters(keys: tuple[str, ...]) -> QuerySet[Any]:
    return ErpCustomer.objects.filter(key__in=keys).select_related("company").order_by("number", "key")


@prepared_visible
def _parents(customers: tuple[int, ...]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=customers)


def _number(master: ErpCustomer) -> ErpNumber:
    company = master.company
    return ErpNumber(
        key=master.key,
        number=master.number or master.key,
        company=(company.name or company.code) if company else "",
        block_reason=master.block_reason,
        payment_terms=master.payment_terms,
        payment_days=master.payment_days,
    )


def _pills(customer: Customer, masters: list[ErpCustomer], links: list[AccountLink], stage: str) -> tuple[Pill, ...]:
    pills = []
    if customer.gone_at:
        pills.append(Pill("Gone from its source", "pill-warn"))
    elif customer.account is None:
        conflict = any(link.status == LinkStatus.CONFLICT for link in links)
        pills.append(Pill(STAGES[ERP_ONLY], "pill-warn", STAGE.definition))
        pills += [Pill("Link in conflict", "pill-bad")] if conflict else []
    else:
        known = stage or (PROSPECT if customer.is_prospect else CUSTOMER)
        pills.append(Pill(STAGES[known], STAGE_CSS.get(known, ""), STAGE.definition))
    blocked = [master for master in masters if master.blocked]
    if blocked:
        reasons = ", ".join(sorted({master.block_reason for master in blocked if master.block_reason}))
        read = formats.instant(max(master.synced_at for master in blocked), hub().company.time_zone)
        label = f"Blocked in the ERP{': ' if reasons else ''}{reasons}"
        pills.append(Pill(label, "pill-bad", f"The ERP said so when this customer was last read anew, on {read}."))
    return tuple(pills)


def _notice(customer: Customer, links: list[AccountLink]) -> tuple[str, str]:
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
