"""The saved segments that a customer is in and that Salesforce is told of."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from customers.models import Segment, SentSegments
from customers.pages.scope import Scope


@dataclass(frozen=True)
class SentSegment:
    """One of them; `url` leads to its rules with this customer's values."""

    name: str
    url: str


@dataclass(frozen=True)
class SentSegmentsCard:
    """All of them, in the order in which they are sent; the customer has been in just these since `since`."""

    segments: tuple[SentSegment, ...]
    since: date
    before: str


def build_sent_segments(scope: Scope) -> SentSegmentsCard | None:
    """None for who is in none, for a past day and for a group. Whoever may not see some figure has no such card: rules
    may rest on any.
    """
    if scope.past or scope.group:
        return None
    kept = SentSegments.objects.filter(customer=scope.customer).exclude(names="").first()
    if kept is None:
        return None
    found = Segment.objects.filter(pk__in=kept.segments, shared=True).values_list("name", "pk")
    segments = tuple(
        SentSegment(name, reverse("segments:why", args=[pk, scope.customer.pk]))
        for name, pk in sorted(found, key=lambda each: (each[0].casefold(), each[1]))
    )
    return SentSegmentsCard(segments, kept.since, kept.before)
