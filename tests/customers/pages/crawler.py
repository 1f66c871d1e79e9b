"""Opens the pages of a customer, finds every figure on them, and follows each to the rows that make it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.pages.document_lists import LISTINGS

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
# Where figures stand, with dd.num and .num in a tfoot: a digit there must be inside a marked element.
PLACES = ("tile-value", "lg-value", "big")
MARKS = ("data-figure", "data-total", "data-from", "data-stated", "data-stored", "data-total-of-rows")


@dataclass
class Element:
    """One open element."""

    tag: str
    attributes: dict[str, str]

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


@dataclass
class Found(HTMLParser):
    """What a page says: its figures (name, value, address), those of the trust bar (which speaks of now), totals of its
    rows, sums of figures, and figures without a link.
    """

    figures: list[tuple[str, str, str]] = field(default_factory=list)
    of_now: list[tuple[str, str, str]] = field(default_factory=list)
    totals: list[dict[str, str]] = field(default_factory=list)
    sums: list[tuple[str, str]] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "data-figure" in attributes and "data-value" in attributes:
            assert tag == "a", f"a figure is a link: {attributes}"
            where = self.of_now if any("trust" in element.classes for element in self.open) else self.figures
            where.append((attributes["data-figure"], attributes["data-value"], attributes["href"]))
        if "data-total" in attributes:
            self.totals.append(attributes)
        if "data-from" in attributes:
            self.sums.append((attributes["data-from"], attributes["data-value"]))
        if tag not in VOID:
            self.open.append(Element(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(letter.isdigit() for letter in data) and self._carries_a_figure() and not self._is_marked():
            self.unmarked.append(data.strip())

    def _carries_a_figure(self) -> bool:
        for place, element in enumerate(self.open):
            if element.classes & set(PLACES) or (element.tag == "dd" and "num" in element.classes):
                return True
            if element.tag == "tfoot":
                return any("num" in inner.classes for inner in self.open[place:])
        return False

    def _is_marked(self) -> bool:
        return any(mark in element.attributes for element in self.open for mark in MARKS)


class Crawler:
    """One client that opens every page at most once."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.opened: dict[str, Found] = {}
        self.followed: set[str] = set()

    def open(self, address: str) -> Found:
        if address not in self.opened:
            answer = self.client.get(address)
            assert answer.status_code == 200, address
            found = Found()
            found.feed(answer.content.decode())
            self.opened[address] = found
        return self.opened[address]

    def follow(self, address: str) -> int:
        """Hold every figure of a page against what it opens; how many there were."""
        page = self.open(address)
        assert page.unmarked == [], f"{address} has figures that open nothing"
        for name, value, link in page.figures + page.of_now:
            assert same(self.total_of(name, link), value), f"{address}: {name} {value} opens {link}"
            self.followed.add(name)
        for formula, value in page.sums:
            assert same(str(self._worked_out(page, formula)), value), f"{address}: {formula}"
        return len(page.figures) + len(page.of_now)

    def total_of(self, name: str, link: str) -> str:
        totals = self.open(link).totals
        assert len(totals) == 1, f"{link} has {len(totals)} totals"
        return totals[0]["data-count" if name == "count" else "data-total"]

    def _worked_out(self, page: Found, formula: str) -> Decimal:
        values = {name: value for name, value, _link in page.figures}
        total, sign = Decimal(0), 1
        for term in formula.split():
            if term in {"+", "-"}:
                sign = 1 if term == "+" else -1
            else:
                total += sign * Decimal(values[term])
        return total


def same(one: str, other: str) -> bool:
    """Equal as numbers to the last digit, otherwise as text."""
    if "" in {one, other} or one.count("-") == 2:
        return one == other
    return Decimal(one) == Decimal(other)


def pages_of(customer: Customer, **query: str) -> Iterator[str]:
    """The overview and every list of a customer, in one scope."""
    for name in ("detail", *LISTINGS, "contacts", "not_converted"):
        yield address(customer, name, **query)


def address(customer: Customer, name: str, *args: Any, **query: str) -> str:
    path = reverse(f"customers:{name}", args=(customer.pk, *args))
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")
