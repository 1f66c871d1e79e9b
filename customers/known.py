"""Customers whose ERP customers a page has read already, so that none of its figures asks for them again."""

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec

from django.db.models import Exists, OuterRef, QuerySet

from customers.models import OF_A_PART, AccountLink, AccountLinkPeriod, Customer
from customers.parts import Mine, PartKey, parts_among, read_parts
from integration_hub.prepared import MOST_IDS, Statement, prepared, prepared_sql, written

More = ParamSpec("More")

# So many keys are put into a query as they are; beyond it the database finds them by itself.
MOST_KEYS = 1000
FEW_KEYS = 50


Keys = tuple[str, ...] | QuerySet[AccountLink, str] | QuerySet[AccountLinkPeriod, str] | None


class _Known(QuerySet[Customer]):
    erp_keys: Keys = None
    parts: tuple[PartKey, ...] | None = None


def not_gone(path: str = "customer") -> Any:
    """The condition that a row's customer is still there, by what is rare: asked for those that are, every customer
    would be read.
    """
    return ~Exists(Customer.objects.filter(pk=OuterRef(path), gone_at__isnull=False))


def known_customers(members: Sequence[int] | QuerySet[Customer], erp_keys: tuple[str, ...]) -> QuerySet[Customer]:
    """These customers; any further condition on them forgets the keys, of which some may be PartKeys."""
    pks: Any = members
    found = _Known(Customer).filter(pk__in=pks)
    found.erp_keys = erp_keys
    found.parts = parts_among(erp_keys)
    return found


def customers_with(customers: QuerySet[Customer], erp_keys: "QuerySet[AccountLinkPeriod, str]") -> QuerySet[Customer]:
    """These customers with the ERP customers that the other query names."""
    found = _Known(Customer).filter(pk__in=customers.order_by().values("pk"))
    found.erp_keys = erp_keys
    return found


def all_customers() -> QuerySet[Customer]:
    """Every customer that is still there, for whoever sees all: found from the documents, not the other way round."""
    found = _Known(Customer).filter(gone_at=None)
    found.erp_keys = AccountLink.objects.filter(not_gone()).values_list("erp_customer", flat=True)
    return found


def known_keys(customers: QuerySet[Customer]) -> Keys:
    """The keys of their ERP customers; None where nobody has read them, or where they are too many."""
    keys = customers.erp_keys if isinstance(customers, _Known) else None
    return None if isinstance(keys, tuple) and len(keys) > MOST_KEYS else keys


def with_keys(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """The same customers, with the keys of their ERP customers and what of them is theirs read.

    A few keys stand as literals in queries: the planner then knows how many rows they have, and reads only the open
    documents of a big customer.
    """
    if isinstance(customers, _Known) and customers.parts is not None:
        return customers
    keys = known_keys(customers)
    links: Any = AccountLink.objects.filter(customer__in=customers.order_by()) if keys is None else keys
    few = read_parts(links[: FEW_KEYS + 1]) if keys is None else []
    found = _Known(Customer, query=customers.query.chain())
    if keys is None and len(few) <= FEW_KEYS:
        found.erp_keys, found.parts = tuple(few), parts_among(few)
    else:
        found.erp_keys = links.values_list("erp_customer", flat=True)
        found.parts = parts_among(read_parts(links.filter(OF_A_PART)))
    return found


def mine(customers: QuerySet[Customer]) -> Mine:
    """The ERP customers whose documents make these customers' figures, and which part of them."""
    known = with_keys(customers)
    keys = known.erp_keys if isinstance(known, _Known) else ()
    parts = known.parts if isinstance(known, _Known) else ()
    return Mine(list(keys) if isinstance(keys, tuple) else keys, parts or ())


def prepared_for(
    build: "Callable[Concatenate[QuerySet[Customer], More], QuerySet[Any, Any]]",
) -> "Callable[Concatenate[QuerySet[Customer], More], list[Any]]":
    """Like `prepared`, for documents of customers whose keys are known; for others the query is made anew."""

    by_keys = prepared(_by_keys(build))

    def rows(customers: QuerySet[Customer], /, *more: More.args, **named: More.kwargs) -> list[Any]:
        keys = _few(customers)
        return by_keys(keys, *more, **named) if keys is not None else list(build(customers, *more, **named))

    return rows


def prepared_sql_for(
    build: "Callable[Concatenate[QuerySet[Customer], More], QuerySet[Any, Any]]",
) -> "Callable[Concatenate[QuerySet[Customer], More], Statement | None]":
    """The same for a query that becomes part of a statement, as `prepared_sql`."""
    by_keys = prepared_sql(_by_keys(build))

    def statement(customers: QuerySet[Customer], /, *more: More.args, **named: More.kwargs) -> Statement | None:
        keys = _few(customers)
        return by_keys(keys, *more, **named) if keys is not None else written(build(customers, *more, **named))

    return statement


def _few(customers: QuerySet[Customer]) -> tuple[str, ...] | None:
    keys = known_keys(customers)
    few = isinstance(keys, tuple) and len(keys) <= MOST_IDS
    # What only a part is meant of makes another query.
    return keys if isinstance(keys, tuple) and few and not parts_among(keys) else None


def _by_keys(
    build: "Callable[Concatenate[QuerySet[Customer], More], QuerySet[Any, Any]]",
) -> "Callable[Concatenate[tuple[str, ...], More], QuerySet[Any, Any]]":
    def of_keys(keys: tuple[str, ...], /, *more: More.args, **named: More.kwargs) -> "QuerySet[Any, Any]":
        return build(known_customers((), keys), *more, **named)

    return of_keys
