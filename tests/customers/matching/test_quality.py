"""Decisions by score beside the measured curve."""

from decimal import Decimal
from itertools import pairwise

from django.utils import timezone

from customers.matching.quality import bands, measured
from customers.models import LinkDecision, LinkProposal
from tests.customers.world import World


def test_each_proposal_and_decision_is_counted_in_one_band(figures: World) -> None:
    now = timezone.now()
    for number, score in enumerate(("0.02", "0.5", "0.91", "0.99", "1", "1")):
        LinkProposal.objects.create(erp_customer=f"erp:{number}", account="a", score=Decimal(score), found_at=now)
    decided = {"at": now, "by_name": "Jo", "score": Decimal(1)}
    LinkDecision.objects.create(erp_customer="erp:4", account="a", verdict="accept", **decided)
    LinkDecision.objects.create(erp_customer="erp:5", account="a", verdict="reject", **decided)
    LinkDecision.objects.create(erp_customer="erp:3", account="other", verdict="reject", **decided)
    LinkDecision.objects.create(erp_customer="erp:0", account="a", verdict="accept", undone_at=now, **decided)
    LinkDecision.objects.create(erp_customer="erp:2", verdict="ignore", **decided)
    found = bands()
    assert [each.low for each in found] == sorted((each.low for each in found), reverse=True)
    highest = found[0]
    assert (highest.accepted, highest.rejected, highest.undecided) == (1, 2, 1)
    assert highest.right == Decimal(1) / 3
    assert sum(each.undecided for each in found) == 3
    assert sum(each.accepted + each.rejected for each in found) == 3
    assert found[-1].right is None


def test_the_measured_curve_trades_recall_for_precision() -> None:
    found = measured()
    assert len(found) > 5
    for lower, higher in pairwise(found):
        assert lower.score < higher.score
        assert lower.recall >= higher.recall
        assert lower.precision <= higher.precision
    assert found[0].recall >= Decimal("0.98")
