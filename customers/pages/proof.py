"""The page that proves a figure: what it means, how it was made, when, and whether it is still the one once seen."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from customers import formats
from customers.calendar import Period
from customers.measures import Measure, Unit, get_measure
from customers.pages.evidence import Evidence, build_evidence, undated_items, written_since
from customers.pages.evidence_link import PARAMETER, Seen, evidence_link, read_seen
from customers.pages.formula import ratio_words, sum_words, written
from customers.pages.period_words import range_words
from customers.pages.ratio import Ratio, build_ratio
from customers.pages.scope import Scope
from customers.parts import parts_among

# What a figure is compared with on the pages; both ranges stand on the page of either.
COMPARED = {
    "revenue_ytd": "revenue_ytd_prior",
    "revenue_ytd_prior": "revenue_ytd",
    "revenue_last_year": "revenue_year_before_last",
    "revenue_year_before_last": "revenue_last_year",
}

DIVIDED = (
    "An amount is divided so that the parts of all accounts make it to the cent; a count counts a document for each of "
    "them."
)
PLACED = (
    "Where a document does not name its ship-to party, it has that of the deliveries or orders that it came from, of "
    "its invoice, or of what it paid; each row says so."
)


@dataclass(frozen=True)
class Compared:
    """The other figure of a comparison, with its own days."""

    label: str
    period: str
    value: Any
    url: str
    measure: str


@dataclass(frozen=True)
class Proof:
    """Everything about one figure. Of `evidence` (documents) and `ratio` (two parts) one is None. `still` says whether
    a copied link was made for the very figure that is stored; `changed` documents were written since it was computed,
    `undated` ones tell only what is open today.
    """

    measure: Measure
    value: Any
    as_of: date
    computed_at: datetime
    currency: str
    is_amount: bool
    period: str
    compared: Compared | None
    formula: tuple[str, ...]
    evidence: Evidence | None
    ratio: Ratio | None
    link: str
    seen: Seen | None
    seen_value: str
    still: bool
    changed: int
    undated: int


def build_proof(measure: Measure, scope: Scope, request: HttpRequest) -> Proof:
    """The proof of one figure of a scope that has figures."""
    rollup = scope.figures
    ratio = build_ratio(measure, scope) if measure.kind == "ratio" else None
    evidence = None if ratio else _evidence(measure, scope, request.GET.get("page"))
    differs = evidence is not None and evidence.differs
    seen = read_seen(request.GET.get(PARAMETER, ""), measure, scope)
    return Proof(
        measure=measure,
        value=measure.value(rollup),
        as_of=rollup.as_of,
        computed_at=rollup.computed_at,
        currency=scope.currency,
        is_amount=measure.unit.name in {"MONEY", "MONEY_DAYS"},
        period=_words(measure.period(rollup.as_of)),
        compared=_compared(measure, scope),
        formula=_ratio_words(measure, ratio, scope.currency)
        if ratio
        else (*_sum_words(evidence, scope.currency), *_shared_words(scope)),
        evidence=evidence,
        ratio=ratio,
        link=evidence_link(measure, scope, request),
        seen=seen,
        seen_value=_seen_words(measure, seen, scope.currency),
        still=seen is not None and seen.is_still(measure.value(rollup)),
        changed=written_since(measure, scope.customers, rollup.as_of, rollup.computed_at) if differs else 0,
        undated=undated_items(scope.customers, measure, rollup.as_of) if differs else 0,
    )


def _evidence(measure: Measure, scope: Scope, page: str | None) -> Evidence:
    rollup = scope.figures
    return build_evidence(measure, scope.customers, rollup.as_of, stored=measure.value(rollup), page_number=page)


def _ratio_words(measure: Measure, ratio: Ratio, currency: str) -> tuple[str, ...]:
    above, below = ratio.parts
    return ratio_words(measure, above.value, below.value, currency)


def _sum_words(evidence: Evidence | None, currency: str) -> tuple[str, ...]:
    return sum_words(evidence, currency) if evidence else ()


def _shared_words(scope: Scope) -> tuple[str, ...]:
    """What a rule leaves of the documents of ERP customers that other accounts share."""
    parts = parts_among(scope.keys)
    divided = (DIVIDED,) if any(part.share is not None for part in parts) else ()
    placed = (PLACED,) if any(part.places is not None for part in parts) else ()
    return (*(f"{one}." for one in scope.shared), *divided, *placed)


def _words(period: Period | None) -> str:
    return range_words(period) if period else ""


def _compared(measure: Measure, scope: Scope) -> Compared | None:
    name = COMPARED.get(measure.name)
    if name is None:
        return None
    other = get_measure(name)
    rollup = scope.figures
    return Compared(other.label, _words(other.period(rollup.as_of)), other.value(rollup), scope.figure_url(name), name)


def _seen_words(measure: Measure, seen: Seen | None, currency: str) -> str:
    if seen is None or not seen.value:
        return formats.UNKNOWN
    if measure.unit is Unit.DATE:
        return formats.day(date.fromisoformat(seen.value))
    return written(Decimal(seen.value), measure.unit, currency)
