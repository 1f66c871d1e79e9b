"""What is known of one ERP customer and of the accounts it may be, side by side, and what linking would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from customers.access import User, hidden_columns, visible
from customers.deciding.asking import evidence
from customers.deciding.effects import Change, changes_for, customers_of_accounts, own_figures
from customers.deciding.in_force import Stored, rejections, state_of, stored_accounts
from customers.matching import to_compare
from customers.measures import get_measure
from customers.models import (
    OF_A_PART,
    AccountLink,
    AccountLinkPeriod,
    Customer,
    LinkDecision,
    LinkProposal,
    LinkVerdict,
)
from customers.pages.links.log import LogRow, log_rows
from customers.pages.sharing import part_words
from customers.parts import key_of
from customers.search import matching
from integration_hub.models import ErpCustomer, SfAccount, SfUser
from integration_hub.salesforce.ids import is_id, to_18

MOST_PROPOSALS, MOST_FOUND, MOST_MOVES = 5, 10, 20
LABELS = {
    "vat": "VAT number",
    "form": "Legal form",
    "registration": "Registration number",
    "number": "ERP number",
    "web": "Web or e-mail domain",
    "domain": "Web or e-mail domain",
    "email": "E-mail",
    "postal_code": "Postal code",
}
VERDICTS = {
    "same": ("Same", "pill-good"),
    "similar": ("Similar", "pill-seg"),
    "different": ("Different", "pill-bad"),
    "missing": ("Not stated on either side", ""),
}
ONE_SIDE = {True: "Only the ERP states it", False: "Only the account states it"}
ORDER = (
    "name",
    "form",
    "vat",
    "registration",
    "number",
    "domain",
    "phone",
    "street",
    "postal_code",
    "city",
    "country",
)
"""Of the fields, the same for every account, so that accounts can be compared line by line."""


@dataclass(frozen=True)
class Fact:
    """One field of both records, and in words how they compare."""

    label: str
    erp: str
    account: str
    verdict: str
    css: str


@dataclass(frozen=True)
class Candidate:
    """An account that the ERP customer may be. `standing` says what speaks or stands already; `objections` are the
    accounts that stored keys name instead.
    """

    account: str
    customer: int
    name: str
    place: str
    owner: str
    numbers: str
    score: Decimal
    proposed: bool
    certain: bool
    facts: tuple[Fact, ...]
    changes: tuple[Change, ...]
    standing: tuple[str, ...]
    objections: str
    linked: bool
    rejected: bool


@dataclass(frozen=True)
class Case:
    """The page of one ERP customer; `state` goes with every form, so that nobody decides on what has changed. `waiting`
    says that it is still to be compared with the accounts.
    """

    link: AccountLink
    master: ErpCustomer | None
    name: str
    state: str
    ignored: bool
    later: bool
    candidates: tuple[Candidate, ...]
    parts: tuple[tuple[str, str, Decimal], ...]
    search: str
    found: tuple[Customer, ...]
    log: tuple[LogRow, ...]
    waiting: bool
    periods: tuple[tuple[str, AccountLinkPeriod], ...]
    hidden: frozenset[str]
    shares: tuple[tuple[AccountLink, str], ...] = ()


def build_case(link: AccountLink, user: User, as_of: date, asked: Mapping[str, str]) -> Case:
    """For a link that the caller has checked access to. `q` searches accounts, `account` adds one to compare."""
    master = ErpCustomer.objects.select_related("company").filter(key=link.erp_customer).first()
    decisions = list(LinkDecision.objects.filter(erp_customer=link.erp_customer).order_by("-pk")[:MOST_MOVES])
    standing = {row.verdict for row in decisions if row.undone_at is None}
    parts = own_figures(link, as_of)
    hidden = hidden_columns(user)
    candidates = _candidates(link, user, as_of, asked.get("account", ""), parts)
    return Case(
        link=link,
        master=master,
        name=(master.name if master else "") or (master.number if master else "") or link.erp_customer,
        state=state_of(link.erp_customer),
        ignored=LinkVerdict.IGNORE in standing,
        later=LinkVerdict.LATER in standing,
        candidates=tuple(_without(each, hidden) for each in candidates),
        parts=tuple((name, get_measure(name).label, value) for name, value in parts.items() if name not in hidden),
        search=asked.get("q", "")[:400],
        found=_found(asked.get("q", "")[:400], user),
        log=log_rows(decisions),
        waiting=bool(to_compare([link.erp_customer])),
        periods=_periods(link.erp_customer),
        hidden=hidden,
        shares=_shares(link),
    )


def _is_part(link: AccountLink) -> bool:
    return link.part_to is not None or link.places is not None


def _shares(link: AccountLink) -> tuple[tuple[AccountLink, str], ...]:
    """The links of an ERP customer that several accounts share, each with its part in words."""
    links = AccountLink.objects.filter(OF_A_PART, erp_customer=link.erp_customer).select_related("customer")
    rows = list(links.order_by("place"))
    words = part_words([key_of(row) for row in rows], short=True)
    return tuple(zip(rows, words, strict=True))


def _without(candidate: Candidate, hidden: frozenset[str]) -> Candidate:
    shown = tuple(change for change in candidate.changes if change.measure not in hidden)
    return Candidate(**(vars(candidate) | {"changes": shown}))


def _candidates(
    link: AccountLink, user: User, as_of: date, picked: str, parts: Mapping[str, Decimal]
) -> tuple[Candidate, ...]:
    proposals = {
        each.account: each
        for each in LinkProposal.objects.filter(erp_customer=link.erp_customer).order_by("-score")[:MOST_PROPOSALS]
    }
    stored = {each.account: each for each in stored_accounts(link.erp_customer)}
    first = (to_18(picked) if is_id(picked) else picked, link.account or "")
    refused = rejections(link.erp_customer)
    keys = tuple(dict.fromkeys(key for key in (*first, *stored, *proposals, *refused) if key))
    customers = _seen_accounts(keys, user)
    masters = {row.key: row for row in SfAccount.objects.live().filter(key__in=customers)}
    targets = {account: customers[account].pk for account in keys if account in customers}
    changes = changes_for(link, targets, as_of, parts)
    owners = dict(SfUser.objects.filter(key__in={row.owner for row in customers.values()}).values_list("key", "name"))
    direct = {account for account, row in refused.items() if row.account == account}
    found = []
    for account in targets:
        row, proposal = customers[account], proposals.get(account)
        shown = proposal or evidence(link.erp_customer, account)
        found.append(
            Candidate(
                account=account,
                customer=row.pk,
                name=row.name or "Without a name",
                place=", ".join(filter(None, (row.city, row.country))),
                owner=owners.get(row.owner, ""),
                numbers=row.erp_numbers,
                score=shown.score,
                proposed=proposal is not None,
                certain=shown.certain,
                facts=_facts(shown.evidence),
                changes=changes[account],
                standing=_standing(link, masters.get(account), stored.get(account), refused.get(account)),
                objections=_objections(account, stored.values(), direct),
                linked=account == link.account and not _is_part(link),
                rejected=account in refused,
            )
        )
    return tuple(sorted(found, key=lambda each: (each.account not in first, -each.score)))


def _seen_accounts(accounts: tuple[str, ...], user: User) -> dict[str, Customer]:
    """The customers of these live accounts that the reader may see, by account."""
    customers = customers_of_accounts(accounts)
    pks = [row.pk for row in customers.values()]
    seen = set(visible(Customer.objects.filter(pk__in=pks), user).values_list("pk", flat=True))
    return {account: row for account, row in customers.items() if row.pk in seen}


def _standing(
    link: AccountLink, account: SfAccount | None, stored: Stored | None, rejection: LinkDecision | None
) -> tuple[str, ...]:
    words = []
    if account is not None and account.key == link.account and not _is_part(link):
        words.append("It is linked to this account now.")
    if stored is not None:
        words.append(f"{stored.words[0].upper()}{stored.words[1:]}.")
    if rejection is not None:
        what = "it" if account is None or rejection.account == account.key else "an account that was merged into it"
        reason = f": {rejection.reason}" if rejection.reason else "."
        words.append(f"{rejection.by_name} rejected {what}{reason}")
    return tuple(words)


def _objections(account: str, stored: Iterable[Stored], rejected: set[str]) -> str:
    others = [each for each in stored if each.account != account and not set(each.by) & rejected]
    return " and ".join(f"{each.name} ({each.words})" for each in others)


def _facts(evidence: Iterable[Mapping[str, Any]]) -> tuple[Fact, ...]:
    return tuple(_fact(row) for row in sorted(evidence, key=_place))


def _place(row: Mapping[str, Any]) -> int:
    field = str(row.get("field", ""))
    return ORDER.index(field) if field in ORDER else len(ORDER)


def _fact(row: Mapping[str, Any]) -> Fact:
    field = str(row.get("field", ""))
    words, css = VERDICTS.get(str(row.get("verdict", "")), (str(row.get("verdict", "")), ""))
    if row.get("verdict") == "missing" and bool(row.get("erp")) != bool(row.get("account")):
        words = ONE_SIDE[bool(row.get("erp"))]
    label = LABELS.get(field) or f"{field[:1].upper()}{field[1:]}".replace("_", " ")
    return Fact(label, str(row.get("erp") or ""), str(row.get("account") or ""), words, css)


def _found(text: str, user: User) -> tuple[Customer, ...]:
    """Accounts by name, number or id."""
    if not text.strip():
        return ()
    accounts: QuerySet[Customer] = visible(Customer.objects.filter(account__isnull=False, gone_at=None), user)
    text = text.strip()
    named = accounts.filter(account=to_18(text)) if is_id(text) else matching(accounts, text)
    return tuple(named.order_by("name", "pk")[:MOST_FOUND])


def _periods(erp_customer: str) -> tuple[tuple[str, AccountLinkPeriod], ...]:
    """Which account it belonged to and when, the latest first, with the account's name."""
    rows = list(
        AccountLinkPeriod.objects.filter(erp_customer=erp_customer)
        .select_related("customer")
        .order_by("-pk")[:MOST_MOVES]
    )
    words = iter(part_words([key_of(row) for row in rows], short=True))
    parts = [next(words) if row.part_to is not None or row.places is not None else "" for row in rows]
    return tuple(
        (", ".join(filter(None, (row.customer.name if row.account else "", part))), row)
        for row, part in zip(rows, parts, strict=True)
    )
