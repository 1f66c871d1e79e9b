"""The rule that shares an ERP customer over several accounts: what can be entered, and what that would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from customers.access import hidden_columns, visible
from customers.deciding.acts import NotDecided
from customers.deciding.effects import TOLD, customers_of_accounts
from customers.deciding.in_force import state_of, stored_accounts
from customers.deciding.sharing import Row, rule_in_force, tried
from customers.keyset import finite
from customers.measures import get_measure
from customers.models import AccountLink, Customer, CustomerRollup, DocumentPlace, LinkProposal
from customers.search import matching
from integration_hub.models import ErpCustomer, ErpDelivery, ErpOrder
from integration_hub.salesforce.ids import is_id, to_18

Kind = Literal["per_cent", "ship_to"]
MOST_FOUND, MOST_PROPOSALS, MOST_PARTIES = 10, 5, 40
ZERO = Decimal(0)


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
class Cell:
    """One figure of a customer before and after."""

    measure: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Effect:
    """What the rule makes of one customer's figures; `customer` is 0 for the sum of all."""

    name: str
    customer: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Preview:
    """The figures of everybody concerned before and after, and their sum, which stays; `unknown` tells how many
    documents of a rule by ship-to party name none, and go with the rest.
    """

    labels: tuple[str, ...]
    rows: tuple[Effect, ...]
    total: Effect
    unknown: int
    documents: int


@dataclass(frozen=True)
class SharePage:
    """The page. `rows` are what is entered; `hidden` says it in form fields, as the button sends it."""

    master: ErpCustomer | None
    name: str
    erp_customer: str
    kind: Kind
    choices: tuple[Choice, ...]
    parties: tuple[Party, ...]
    rest: str
    hidden: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    is_in_force: bool
    preview: Preview | None
    problem: str
    state: str
    search: str
    added: str
    found: tuple[Customer, ...]


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
    if isinstance(entered, str):
        problem = problem or entered
    preview = None
    if asked.get("preview") and not problem:
        try:
            preview = _preview(user, erp_customer, rows, as_of, overrule="overrule" in asked)
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
        hidden=_hidden(kind, rows, overrule="overrule" in asked),
        rows=rows,
        is_in_force=bool(standing) and rows == standing,
        preview=preview,
        problem=problem,
        state=state_of(erp_customer),
        search=search,
        added=asked.get("account", "")[:400],
        found=_found(search, user),
    )


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


def _preview(user: User, erp_customer: str, rows: Sequence[Row], as_of: date, *, overrule: bool) -> Preview:
    names = tuple(name for name in TOLD if name not in hidden_columns(user))
    before_links = set(AccountLink.objects.filter(erp_customer=erp_customer).values_list("customer", flat=True))

    def read() -> tuple[set[int], dict[int, dict[str, Decimal]], list[str]]:
        links = set(AccountLink.objects.filter(erp_customer=erp_customer).values_list("customer", flat=True))
        found = DocumentPlace.objects.filter(erp_customer=erp_customer).values_list("found", flat=True)
        return links, _stored(links | before_links, as_of, names), list(found)

    after_links, after, places = tried(user, erp_customer, rows, read, overrule=overrule)
    concerned = before_links | after_links
    before = _stored(concerned, as_of, names)
    customers = sorted(
        Customer.objects.filter(pk__in=concerned), key=lambda row: (row.account is None, row.name, row.pk)
    )
    effects = tuple(
        Effect(
            customer.name or "Without a name",
            customer.pk,
            tuple(
                Cell(name, before.get(customer.pk, {}).get(name, ZERO), after.get(customer.pk, {}).get(name, ZERO))
                for name in names
            ),
        )
        for customer in customers
    )
    total = tuple(
        Cell(
            name,
            sum((row.cells[at].before for row in effects), ZERO),
            sum((row.cells[at].after for row in effects), ZERO),
        )
        for at, name in enumerate(names)
    )
    unknown = sum(found in {"none", "several"} for found in places)
    labels = tuple(get_measure(name).label for name in names)
    return Preview(labels, effects, Effect("All together", 0, total), unknown, len(places))


def _stored(customers: set[int], as_of: date, names: tuple[str, ...]) -> dict[int, dict[str, Decimal]]:
    rows = CustomerRollup.objects.filter(customer__in=customers, as_of=as_of).values_list("customer_id", *names)
    return {customer: dict(zip(names, values, strict=True)) for customer, *values in rows}
