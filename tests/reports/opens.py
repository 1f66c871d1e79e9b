"""What a figure of a report leads to, held to the figure."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.contrib.auth import get_user
from django.test import Client
from django.urls import resolve, reverse

from customers.measures import MEASURES, Measure, get_measure
from customers.models import Customer, CustomerRollup
from customers.pages.evidence import build_evidence
from reports.asking import read_question
from reports.catalogue import get_report
from reports.page import Figure, Listing
from reports.total_parts import stored_total
from tests.customers.pages.world import AS_OF


def adds_up(client: Client, name: str, figure: Figure) -> None:
    """A list has that many rows or that total, documents come to it."""
    address = urlsplit(whole(name, figure.url))
    found = resolve(address.path)
    if found.view_name == "reports:figure":
        report, measure = get_report(found.kwargs["name"]), MEASURES[found.kwargs["measure"]]
        user: Any = get_user(client)
        question = read_question(report, dict(parse_qsl(address.query)), user=user, as_of=AS_OF)
        customers = report.answer(question).customers
        assert customers is not None
        assert _documents(measure, frozenset(customers().values_list("pk", flat=True))) == figure.value, figure.url
        return
    answer = client.get(address.geturl())
    assert answer.status_code == 200, figure.url
    if figure.column.kind == "count":
        listing: Listing = answer.context["page"].listing
        assert figure.value in {listing.count, *(total.value for total in listing.foot)}, figure.url
    elif figure.column.kind == "money":
        assert figure.value in {total.value for total in answer.context["page"].listing.foot}, figure.url


# By measure and customers: the world is the same for every report, and many have the same totals.
KNOWN: dict[tuple[str, frozenset[str]], Any] = {}


def _documents(measure: Measure, customers: frozenset[int]) -> Any:
    """What the documents of these customers come to; for a ratio those of its two parts."""
    if measure.kind == "ratio":
        above, below = (_documents(get_measure(part), customers) for part in (measure.numerator, measure.denominator))
        return measure.ratio(above, below)
    found = Customer.objects.filter(pk__in=customers)
    key = measure.name, frozenset(found.values_list("name", flat=True))
    if key not in KNOWN:
        stored = stored_total(measure, CustomerRollup.objects.filter(customer__in=found, as_of=AS_OF))
        evidence = build_evidence(measure, found, AS_OF, stored=stored, page_number=None)
        assert evidence.total == stored, measure.name
        KNOWN[key] = evidence.total
    return KNOWN[key]


def whole(name: str, url: str) -> str:
    """The address of a link of a report."""
    return reverse("reports:report", args=[name]) + url if url.startswith("?") else url
