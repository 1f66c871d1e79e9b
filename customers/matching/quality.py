"""How a threshold trades wrong links for missing ones: decisions taken so far by score, beside what was measured."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from customers.matching.measured import Threshold, curve
from customers.models import AccountLink, LinkDecision, LinkProposal, LinkStatus, LinkVerdict

BOUNDS = tuple(map(Decimal, ("0", "0.1", "0.3", "0.5", "0.7", "0.8", "0.9", "0.95", "0.98", "0.99")))


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
    def right(self) -> Decimal | None:
        """The share of decided ones that were accepted; None before anybody decided."""
        decided = self.accepted + self.rejected
        return Decimal(self.accepted) / decided if decided else None


def bands() -> tuple[Band, ...]:
    """Every band, the highest scores first, with three queries. Decisions without a score were about no proposal."""
    standing = LinkDecision.objects.filter(undone_at=None, score__isnull=False)
    accepted = _counted(standing.filter(verdict=LinkVerdict.ACCEPT))
    rejected = _counted(standing.filter(verdict=LinkVerdict.REJECT))
    undecided = _counted(undecided_proposals())
    highs = (*BOUNDS[1:], None)
    found = zip(BOUNDS, highs, accepted, rejected, undecided, strict=True)
    return tuple(Band(*each) for each in found)[::-1]


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
    highs = (*BOUNDS[1:], Decimal(2))
    counts = {
        f"n{place}": Count("pk", filter=Q(score__gte=low, score__lt=high))
        for place, (low, high) in enumerate(zip(BOUNDS, highs, strict=True))
    }
    found = rows.aggregate(**counts)
    return [int(found[f"n{place}"]) for place in range(len(BOUNDS))]
