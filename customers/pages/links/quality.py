"""What a score is worth: decisions taken so far by band of scores, beside a curve measured where the truth is known."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from customers import formats
from customers.charts import ShareChart, share_chart
from customers.deciding import bulk
from customers.matching.measured import Automatic, Threshold, automatic
from customers.matching.quality import ANY, Band, bands, measured
from customers.models import LinkVerdict


@dataclass(frozen=True)
class BandRow:
    """A band of scores, or all of them. `right` is the share of decided ones that were accepted, 0 to 1, None before
    anybody decided. The URLs lead to the decisions of the log and to the ERP customers of the queue.
    """

    label: str
    accepted: int
    rejected: int
    undecided: int
    right: Decimal | None
    accepted_url: str
    rejected_url: str
    undecided_url: str


@dataclass(frozen=True)
class Quality:
    """The page. `usual` is what was measured at the score that bulk acceptance starts with, `wrong` of 1,000 proposals
    were wrong there, `missed` of 1,000 true pairs were not proposed. `automatic` are the links that exact identifiers
    made of the same companies, `shown` the precision that they show. `near` is in percentage points, `least` 0 to 1.
    """

    rows: tuple[BandRow, ...]
    total: BandRow
    curve: tuple[Threshold, ...]
    chart: ShareChart
    usual: Threshold
    wrong: Decimal
    missed: Decimal
    automatic: Automatic
    shown: str
    near: Decimal = bulk.NEAR * 100
    least: Decimal = bulk.LEAST

    @property
    def decided(self) -> int:
        """Decisions in force about proposals."""
        return self.total.accepted + self.total.rejected

    @property
    def empty(self) -> bool:
        """Whether nothing was proposed or decided yet."""
        return not self.decided and not self.total.undecided


def build_quality(usual_score: Decimal) -> Quality:
    """Both tables, with as many queries as `bands` takes; `usual_score` (0 to 1) is where bulk acceptance starts."""
    found, curve, linked = bands(), measured(), automatic()
    accepted, rejected = sum(band.accepted for band in found), sum(band.rejected for band in found)
    whole = Band(Decimal(0), None, accepted, rejected, sum(band.undecided for band in found))
    usual = next(point for point in curve if point.score >= usual_score)
    return Quality(
        rows=tuple(_row(band, band.label, band.name) for band in found),
        total=_row(whole, "All scores", ANY),
        curve=curve,
        chart=share_chart([point.precision for point in curve], [point.recall for point in curve]),
        usual=usual,
        wrong=(1 - usual.precision) * 1000,
        missed=(1 - usual.recall) * 1000,
        automatic=linked,
        shown=formats.percent(linked.at_least, places=2),
    )


def _row(band: Band, label: str, name: str) -> BandRow:
    log, queue = reverse("customers:link_decisions"), reverse("customers:links")

    def decided(verdict: LinkVerdict) -> str:
        return f"{log}?{urlencode({'verdict': verdict.value, 'state': 'stands', 'band': name})}"

    return BandRow(
        label=label,
        accepted=band.accepted,
        rejected=band.rejected,
        undecided=band.undecided,
        right=band.right,
        accepted_url=decided(LinkVerdict.ACCEPT),
        rejected_url=decided(LinkVerdict.REJECT),
        undecided_url=f"{queue}?{urlencode({'status': 'all', 'band': name})}",
    )
