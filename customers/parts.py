"""Which part of an ERP customer's documents adds to some customers, where a rule shares it over several accounts.

Amounts are divided by rounding what all parts up to one make together: a part is what that adds to the parts before, so
all of them make the amount, to the cent and whatever the percents. The statements in customers/sql do the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DecimalField,
    Exists,
    Expression,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Round

from customers.models import AccountLink, AccountLinkPeriod, DocumentPlace
from integration_hub.models import (
    ErpAllocation,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
)
from integration_hub.models.common import Mirrored
from integration_hub.prepared import MOST_IDS

NUMBER: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=40, decimal_places=20)
# The kind of each model of documents, or of what belongs to one, and the path to it.
KINDS: Mapping[type[Mirrored], tuple[str, str]] = {
    ErpOrder: ("order", ""),
    ErpDelivery: ("delivery", ""),
    ErpInvoice: ("invoice", ""),
    ErpOpenItem: ("open_item", ""),
    ErpPayment: ("payment", ""),
    ErpOrderLine: ("order", "order"),
    ErpDeliveryLine: ("delivery", "delivery"),
    ErpInvoiceLine: ("invoice", "invoice"),
    ErpAllocation: ("open_item", "open_item"),
}
PART_COLUMNS = ("erp_customer", "part_from", "part_to", "places", "is_rest")
NOTHING, WHOLE, CENT = Decimal(0), Decimal(1), Decimal("0.01")


class PartKey(str):
    """The key of an ERP customer of which only a part is meant: of every amount what lies between two parts of 1, or
    the documents that go to some ship-to parties, or to none of them.
    """

    part_from: Decimal | None
    part_to: Decimal | None
    places: tuple[str, ...] | None
    is_rest: bool

    __slots__ = ("is_rest", "part_from", "part_to", "places")

    @property
    def share(self) -> Decimal | None:
        """How much of every amount, a part of 1; None where documents are taken whole."""
        return None if self.part_to is None or self.part_from is None else self.part_to - self.part_from

    def of(self, amount: Decimal) -> Decimal:
        """The part of an amount, rounded as everywhere: half up, away from nothing."""
        up_to = amount if self.part_to == WHOLE else _rounded(amount * (self.part_to or NOTHING))
        return up_to - (_rounded(amount * self.part_from) if self.part_from else NOTHING)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def part_key(
    erp_customer: str, part_from: Decimal | None, part_to: Decimal | None, places: Sequence[str] | None, is_rest: bool
) -> str:
    """The key with its part; a plain text for the whole. Takes the columns PART_COLUMNS of a link."""
    if part_to is None and places is None:
        return erp_customer
    key = PartKey(erp_customer)
    key.part_from, key.part_to, key.is_rest = part_from, part_to, is_rest
    key.places = None if places is None else tuple(places)
    return key


def key_of(link: AccountLink | AccountLinkPeriod) -> str:
    """The key of a link's ERP customer with the link's part of it."""
    return part_key(link.erp_customer, link.part_from, link.part_to, link.places, link.is_rest)


def parts_among(keys: Iterable[str]) -> tuple[PartKey, ...]:
    """Those keys that mean only a part."""
    return tuple(key for key in keys if isinstance(key, PartKey))


def shares_among(keys: Iterable[str]) -> dict[str, Decimal]:
    """By ERP customer that is shared by per cent: which part of 1 these keys mean together."""
    found: dict[str, Decimal] = {}
    for part in parts_among(keys):
        if part.share is not None:
            found[str(part)] = found.get(str(part), NOTHING) + part.share
    return found


def among(column: str, keys: Any) -> Q:
    """The condition that a column, or what a path leads to, is one of some keys, which may be a query. Very many keys
    are one array: as many single ones would take longer to write down and to read than the rows to find.
    """
    if not isinstance(keys, list | tuple) or len(keys) <= MOST_IDS:
        return Q(**{f"{column}__in": keys})
    array = Value(_array(tuple(keys)), output_field=TextField())
    template = "(%(expressions)s::varchar[]))"
    return Q(Func(F(column), array, template=template, arg_joiner=" = any (", output_field=BooleanField()))


@lru_cache(maxsize=8)
def _array(keys: tuple[str, ...]) -> str:
    """Keys as PostgreSQL writes an array; a page asks with the same ones again and again."""
    quoted = (key.replace("\\", "\\\\").replace('"', '\\"') for key in keys)
    return "{" + ",".join(f'"{key}"' for key in quoted) + "}"


@dataclass(frozen=True)
class Mine:
    """The ERP customers of some customers: all keys, as texts or a query, and those of which only a part is theirs."""

    keys: Any
    parts: tuple[PartKey, ...] = ()

    def held(self, kind: str, path: str = "", customer: str = "") -> Q:
        """The condition on documents of a kind (order, delivery, invoice, open_item, payment), or on what belongs to
        one by `path`: "order" for order lines. `customer` leads to the ERP customer where the document's own does not.
        """
        customer = customer or (f"{path}__customer" if path else "customer")
        document = f"{path}_id" if path else "pk"
        condition = among(customer, self.keys)
        placed = [part for part in self.parts if part.places is not None]
        if not placed:
            return condition
        keys = sorted({str(part) for part in placed})
        taken = ~Q(**{f"{customer}__in": keys})
        for part in placed:
            places = DocumentPlace.objects.filter(kind=kind, document=OuterRef(document), place__in=part.places or ())
            goes = Q(~Exists(places)) if part.is_rest else Q(Exists(places))
            taken |= Q(**{customer: str(part)}) & goes
        return condition & taken

    @property
    def is_divided(self) -> bool:
        """Whether amounts of some ERP customer are divided."""
        return any(part.share is not None for part in self.parts)

    def _shares(self) -> dict[str, list[PartKey]]:
        found: dict[str, list[PartKey]] = {}
        for part in self.parts:
            if part.share is not None:
                found.setdefault(str(part), []).append(part)
        return found

    def part(self, customer: str, amount: Decimal) -> Decimal:
        """The part of one amount of an ERP customer's document that adds to the customers; all of it where none is
        divided.
        """
        parts = self._shares().get(customer)
        return amount if parts is None else sum((each.of(amount) for each in parts), NOTHING)

    def share(self, customer: str) -> Decimal | None:
        """Which part of 1 of an ERP customer's amounts is theirs; None where nothing is divided."""
        parts = self._shares().get(customer)
        return None if parts is None else sum((part.share or NOTHING for part in parts), NOTHING)

    def part_of(self, column: str, customer: str = "customer") -> Expression:
        """The part of an amount of documents that adds to the customers; `customer` leads to the ERP customer."""
        whens = [
            When(**{customer: key}, then=sum((_part(column, part) for part in parts[1:]), _part(column, parts[0])))
            for key, parts in self._shares().items()
        ]
        return Case(*whens, default=F(column), output_field=NUMBER)

    def times(self, customer: str = "customer") -> Expression:
        """For how many of the customers a document counts."""
        whens = [When(**{customer: key}, then=Value(len(parts))) for key, parts in self._shares().items()]
        return Case(*whens, default=Value(1))

    def share_of(self, customer: str = "customer") -> Expression:
        """Which part of 1 of a document's amounts adds to the customers."""
        whens = [
            When(**{customer: key}, then=Value(sum((part.share or NOTHING for part in parts), NOTHING)))
            for key, parts in self._shares().items()
        ]
        return Case(*whens, default=Value(WHOLE), output_field=NUMBER)


def _part(column: str, part: PartKey) -> Any:
    """What one part takes of a column."""
    up_to = F(column) if part.part_to == WHOLE else Round(F(column) * Value(part.part_to), precision=2)
    if not part.part_from:
        return up_to + Value(NOTHING)
    return up_to - Round(F(column) * Value(part.part_from), precision=2)


def held_by(model: type[Mirrored], keys: Sequence[str]) -> Q:
    """The condition on rows that belong to ERP customers by their `customer`: of one that is shared by ship-to party
    only those that belong to a document which goes to the parties meant.
    """
    kind, path = KINDS.get(model, ("", ""))
    if not kind:
        return among("customer", keys)
    return Mine(keys, parts_among(keys)).held(kind, path, "customer")


def gone_elsewhere(model: type[Any], customers: "QuerySet[Any, Any]") -> Exists:
    """The condition on rows of KINDS that belong to a document which, by its ship-to party, adds to none of these
    customers, although its ERP customer does.
    """
    kind, path = KINDS[model]
    among = Func(OuterRef("place"), F("places"), template="(%(expressions)s))", arg_joiner=" = any (")
    taken = Func(among, F("is_rest"), template="(%(expressions)s)", arg_joiner=" <> ", output_field=BooleanField())
    theirs = AccountLink.objects.filter(customer__in=customers, erp_customer=OuterRef("erp_customer"))
    documents = DocumentPlace.objects.filter(kind=kind, document=OuterRef(f"{path}_id" if path else "pk"))
    of_a_rule = AccountLink.objects.filter(erp_customer=OuterRef("erp_customer"), places__isnull=False)
    taking = theirs.annotate(taken=taken).filter(taken=True)
    return Exists(documents.filter(Exists(of_a_rule), ~Exists(taking)))


def read_parts(links: "QuerySet[Any, Any]") -> list[str]:
    """The keys of links, each with its part."""
    return [part_key(*row) for row in links.values_list(*PART_COLUMNS)]


def in_parts(
    documents: "QuerySet[Any, Any]", whose: Mine, customer: str = "customer", columns: Sequence[str] = ("counted",)
) -> "QuerySet[Any, Any]":
    """Documents with `counted`, of those that a rule divides only the part that adds to the customers: `whole` is what
    they would count without it, and `account_share` which part of 1 that is. `columns` are what is divided. The same
    documents where none is.
    """
    if not whose.is_divided:
        return documents
    found: QuerySet[Any, Any] = documents.annotate(whole=F("counted"), account_share=whose.share_of(customer))
    for column in columns:
        found = found.annotate(**{column: whose.part_of(column, customer)})
    return found
