"""The saved segments that a customer is in and that Salesforce is told of."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from customers.models import Segment, SentSegments
from customers.pages.scope import Scope


@dataclass(frozen=True)
class SentSegment:
    """One of them; `url` leads to its rules with this customer's values, `origin` says whose it is."""

    name: str
    url: str
    origin: str


@dataclass(frozen=True)
class SentSegmentsCard:
    """All of them, in the order in which they are sent; the customer has been in just these since `since`."""

    segments: tuple[SentSegment, ...]
    since: date
    before: str
    account: str


def build_sent_segments(scope: Scope) -> SentSegmentsCard | None:
    """None for who is in none, for a past day and for a group. Whoever may not see some figure has no such card: rules
    may rest on any.
    """
    if scope.past or scope.group:
        return None
    kept = SentSegments.objects.filter(customer=scope.customer).exclude(names="").first()
    if kept is None:
        return None
    found = Segment.objects.filter(pk__in=kept.segments, shared=True)
    segments = tuple(
        SentSegment(
            each.name,
            reverse("segments:why", args=[each.pk, scope.customer.pk]),
            f"Version {each.version}, by {each.owner_name}",
        )
        for each in sorted(found, key=lambda each: (each.name.casefold(), each.pk))
    )
    return SentSegmentsCard(segments, kept.since, kept.before, scope.identity.account) if segments else None
