"""The rule that shares an ERP customer over several accounts: what can be entered, and what that would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from customers.access import visible
from customers.deciding.acts import NotDecided
from customers.deciding.effects import customers_of_accounts
from customers.deciding.in_force import state_of, stored_accounts
from customers.deciding.sharing import Row, check_since, first_day_in_force, rule_in_force
from customers.keyset import finite
from customers.models import AccountLink, Customer, LinkProposal
from customers.pages.links.share_preview import Preview, build_preview
from customers.search import matching
from integration_hub.models import ErpCustomer, ErpDelivery, ErpOrder
from integration_hub.salesforce.ids import is_id, to_18

Kind = Literal["per_cent", "ship_to"]
MOST_FOUND, MOST_PROPOSALS, MOST_PARTIES = 10, 5, 40


@dataclass(frozen=True)
class Choice:
    """An account that can get a part, with what is entered for it by per cent."""

    account: str
    name: str
    note: str
    entered: str


@dataclass(frozen=True)
class Party:
    """A ship-to party with the number of documents that name it, and the account that is entered for it."""

    key: str
    name: str
    documents: int
    account: str


@dataclass(frozen=True)
class SharePage:
    """The page. `rows` are what is entered; `hidden` says it in form fields, as the button sends it. `since` is the
    first day as it was entered, `first_day` that of the rule in force, where it has one.
    """

    master: ErpCustomer | None
    name: str
    erp_customer: str
    kind: Kind
    choices: tuple[Choice, ...]
    parties: tuple[Party, ...]
    rest: str
    hidden: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    since: str
    first_day: date | None
    is_in_force: bool
    preview: Preview | None
    problem: str
    state: str
    search: str
    added: str
    found: tuple[Customer, ...]

    @property
    def can_enter(self) -> bool:
        """Whether there is anything that a rule could be made of: accounts, and by ship-to party such parties too."""
        return bool(self.choices) and (self.kind == "per_cent" or bool(self.parties))


def read_rows(asked: Mapping[str, str]) -> tuple[Kind, tuple[Row, ...]]:
    """The kind and rows that a form enters: "p:<account>" a per cent, "s:<ship-to party>" an account, "rest" the
    account of everything else. Raises NotDecided for a per cent that is no number.
    """
    kind: Kind = "ship_to" if asked.get("kind") == "ship_to" else "per_cent"
    if kind == "per_cent":
        given = [(name[2:], text.strip()) for name, text in asked.items() if name.startswith("p:") and text.strip()]
        return kind, tuple(Row(account, per_cent=_per_cent(text)) for account, text in given)
    parties = [(name[2:], account) for name, account in asked.items() if name.startswith("s:") and account]
    rows = [Row(account, ship_to=party) for party, account in parties]
    rest = asked.get("rest", "")
    return kind, (*rows, *([Row(rest)] if rest else ()))


def read_since(asked: Mapping[str, str]) -> date | None:
    """The first day that a form enters for a rule. Raises NotDecided for what is no day."""
    text = asked.get("since", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NotDecided(f"“{text[:40]}” is no day. Write it like 2026-01-31.") from error


def _per_cent(text: str) -> Decimal:
    try:
        return finite(text.removesuffix("%").strip().replace(",", "."))
    except (ValueError, InvalidOperation) as error:
        raise NotDecided(f"“{text[:40]}” is no per cent. Write it like 33.34.") from error


def build_share(erp_customer: str, user: User, as_of: date, asked: Mapping[str, str], problem: str = "") -> SharePage:
    """For an ERP customer that the caller has checked access to. Without anything entered the rule in force stands in
    the form; `q` searches accounts, `account` adds one (several with commas).
    """
    standing = rule_in_force(erp_customer)
    kind, rows, entered = _entered(asked, standing)
    since, first_day = asked.get("since", "")[:10], first_day_in_force(erp_customer)
    if isinstance(entered, str):
        problem = problem or entered
    elif not problem:
        problem = _problem_with_since(asked)
    preview = None
    if asked.get("preview") and not problem:
        try:
            preview = build_preview(user, erp_customer, rows, as_of, overrule="overrule" in asked)
        except NotDecided as refused:
            problem = str(refused)
    names = _accounts(erp_customer, user, rows, asked.get("account", ""))
    parties = _parties(erp_customer, rows)
    search = asked.get("q", "")[:400]
    master = ErpCustomer.objects.filter(key=erp_customer).first()
    per_cents = {row.account: _written(row.per_cent) for row in rows if row.per_cent is not None}
    if problem and kind == "per_cent":
        per_cents |= {name[2:]: text for name, text in asked.items() if name.startswith("p:")}
    return SharePage(
        master=master,
        name=(master.name or master.number if master else "") or erp_customer,
        erp_customer=erp_customer,
        kind=kind,
        choices=tuple(Choice(key, row.name, _note(row), per_cents.get(key, "")) for key, row in names.items()),
        parties=parties,
        rest=next((row.account for row in rows if row.per_cent is None and not row.ship_to), ""),
        hidden=(*_hidden(kind, rows, overrule="overrule" in asked), *([("since", since)] if since else [])),
        rows=rows,
        since=since,
        first_day=first_day,
        is_in_force=bool(standing) and rows == standing and since in {"", str(first_day)},
        preview=preview,
        problem=problem,
        state=state_of(erp_customer),
        search=search,
        added=asked.get("account", "")[:400],
        found=_found(search, user),
    )


def _problem_with_since(asked: Mapping[str, str]) -> str:
    try:
        check_since(read_since(asked))
    except NotDecided as refused:
        return str(refused)
    return ""


def _entered(asked: Mapping[str, str], standing: tuple[Row, ...]) -> tuple[Kind, tuple[Row, ...], str | None]:
    """Kind and rows of the form, or of the rule in force; and what is wrong with it."""
    if "kind" not in asked:
        kind: Kind = "per_cent" if not standing or standing[0].per_cent is not None else "ship_to"
        return kind, standing, None
    try:
        kind, rows = read_rows(asked)
    except NotDecided as refused:
        return "per_cent", (), str(refused)
    same = standing and (standing[0].per_cent is not None) == (kind == "per_cent")
    return kind, rows or (standing if same and not asked.get("preview") else ()), None


def _written(per_cent: Decimal | None) -> str:
    return "" if per_cent is None else format(per_cent.normalize(), "f")


def _hidden(kind: Kind, rows: Sequence[Row], *, overrule: bool) -> tuple[tuple[str, str], ...]:
    fields = [("kind", kind), *([("overrule", "1")] if overrule else [])]
    for row in rows:
        if row.per_cent is not None:
            fields.append((f"p:{row.account}", _written(row.per_cent)))
        else:
            fields.append((f"s:{row.ship_to}" if row.ship_to else "rest", row.account))
    return tuple(fields)


def _accounts(erp_customer: str, user: User, rows: Sequence[Row], added: str) -> dict[str, Customer]:
    """The accounts to choose from, those of the rule first: linked, named by a key, proposed, added by the reader."""
    proposed = LinkProposal.objects.filter(erp_customer=erp_customer).order_by("-score")[:MOST_PROPOSALS]
    linked = AccountLink.objects.filter(erp_customer=erp_customer, account__isnull=False).order_by("place")
    keys = [
        *(row.account for row in rows),
        *(link.account for link in linked if link.account),
        *(to_18(key) if is_id(key) else key for key in added.split(",")[:MOST_FOUND] if key),
        *(each.account for each in stored_accounts(erp_customer)),
        *(each.account for each in proposed),
    ]
    customers = customers_of_accounts(tuple(dict.fromkeys(keys)))
    seen = visible(Customer.objects.filter(pk__in=[row.pk for row in customers.values()]), user)
    pks = set(seen.values_list("pk", flat=True))
    return {key: customers[key] for key in dict.fromkeys(keys) if key in customers and customers[key].pk in pks}


def _note(customer: Customer) -> str:
    place = ", ".join(filter(None, (customer.city, customer.country)))
    return ". ".join(filter(None, (place, f"ERP {customer.erp_numbers}" if customer.erp_numbers else "")))


def _parties(erp_customer: str, rows: Sequence[Row]) -> tuple[Party, ...]:
    """The parties that orders and deliveries of an ERP customer name, most documents first, and those of the rule."""
    counts: dict[str, int] = {row.ship_to: 0 for row in rows if row.ship_to}
    for model in (ErpOrder, ErpDelivery):
        found = model.objects.live().filter(customer=erp_customer).exclude(Q(ship_to=None) | Q(ship_to=""))
        for key, count in found.order_by().values_list("ship_to").annotate(count=Count("pk")):
            counts[key] = counts.get(key, 0) + count
    first = sorted(counts, key=lambda key: (-counts[key], key))[:MOST_PARTIES]
    masters = ErpCustomer.objects.in_bulk(first)
    accounts = {row.ship_to: row.account for row in rows}
    return tuple(Party(key, _party_name(key, masters), counts[key], accounts.get(key, "")) for key in first)


def _party_name(key: str, masters: Mapping[str, ErpCustomer]) -> str:
    master = masters.get(key)
    return ", ".join(filter(None, (master.name, master.number, master.city))) if master else key


def _found(text: str, user: User) -> tuple[Customer, ...]:
    if not text.strip():
        return ()
    accounts: QuerySet[Customer] = visible(Customer.objects.filter(account__isnull=False, gone_at=None), user)
    named = accounts.filter(account=to_18(text)) if is_id(text.strip()) else matching(accounts, text.strip())
    return tuple(named.order_by("name", "pk")[:MOST_FOUND])
