"""How a threshold trades wrong links for missing ones: decisions taken so far by score, beside what was measured."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from customers.matching.measured import Threshold, curve
from customers.models import AccountLink, LinkDecision, LinkProposal, LinkStatus, LinkVerdict

BOUNDS = tuple(map(Decimal, ("0", "0.1", "0.3", "0.5", "0.7", "0.8", "0.9", "0.95", "0.98", "0.99")))

HIGHS = (*BOUNDS[1:], Decimal(2))
NAMES = tuple(map(str, BOUNDS))
ANY = "any"


@dataclass(frozen=True)
class Band:
    """Proposals with a score from `low` (included) to `high` (not included; None: to 1). `accepted` and `rejected`
    count decisions that stand, `undecided` proposals that nobody has decided about.
    """

    low: Decimal
    high: Decimal | None
    accepted: int
    rejected: int
    undecided: int

    @property
    def name(self) -> str:
        """The band in a URL."""
        return str(self.low)

    @property
    def label(self) -> str:
        """The band in words."""
        return _words(self.low, self.high)

    @property
    def right(self) -> Decimal | None:
        """The share of decided ones that were accepted; None before anybody decided."""
        decided = self.accepted + self.rejected
        return Decimal(self.accepted) / decided if decided else None


def band_choices() -> list[tuple[str, str]]:
    """Every band as a choice of a filter: its name in the URL and its words, the highest scores first."""
    pairs = zip(NAMES, BOUNDS, (*BOUNDS[1:], None), strict=True)
    return [(ANY, "With a score"), *[(name, f"Score {_words(low, high)}") for name, low, high in pairs][::-1]]


def _words(low: Decimal, high: Decimal | None) -> str:
    return f"{low:.0%} or more" if high is None else f"{low * 100:.0f}–{high:.0%}"


def bands() -> tuple[Band, ...]:
    """Every band, the highest scores first, with three queries. Decisions without a score were about no proposal."""
    standing = LinkDecision.objects.filter(undone_at=None, score__isnull=False)
    accepted = _counted(standing.filter(verdict=LinkVerdict.ACCEPT))
    rejected = _counted(standing.filter(verdict=LinkVerdict.REJECT))
    undecided = _counted(undecided_proposals())
    highs = (*BOUNDS[1:], None)
    found = zip(BOUNDS, highs, accepted, rejected, undecided, strict=True)
    return tuple(Band(*each) for each in found)[::-1]


def in_band(text: str) -> Q | None:
    """Rows whose `score` is in the band that a URL names: by its lower bound, or ANY for every score; None for no such
    band.
    """
    if text == ANY:
        return Q(score__isnull=False)
    if text not in NAMES:
        return None
    place = NAMES.index(text)
    return Q(score__gte=BOUNDS[place], score__lt=HIGHS[place])


def undecided_proposals() -> QuerySet[LinkProposal]:
    """Proposals whose pair was not decided about, and whose ERP customer was neither linked, ignored nor put off."""
    standing = LinkDecision.objects.filter(erp_customer=OuterRef("erp_customer"), undone_at=None)
    linked = AccountLink.objects.filter(erp_customer=OuterRef("erp_customer"), status=LinkStatus.LINKED)
    decided = standing.filter(~Q(verdict=LinkVerdict.REJECT) | Q(account=OuterRef("account")))
    found: QuerySet[LinkProposal] = LinkProposal.objects.filter(~Exists(decided), ~Exists(linked))
    return found


def measured() -> tuple[Threshold, ...]:
    """The same for invented companies whose truth is known, by lowest score."""
    return curve()


def _counted(rows: QuerySet[LinkDecision] | QuerySet[LinkProposal]) -> list[int]:
    counts = {
        f"n{place}": Count("pk", filter=Q(score__gte=low, score__lt=high))
        for place, (low, high) in enumerate(zip(BOUNDS, HIGHS, strict=True))
    }
    found = rows.aggregate(**counts)
    return [int(found[f"n{place}"]) for place in range(len(BOUNDS))]
