"""Segments follow the thresholds in the URL, every customer is in exactly one, and totals add up."""

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from customers.models import CustomerRollup
from customers.segments import USUAL, Thresholds, classify
from reports.catalogue import get_report
from reports.parameters import BadParameter
from tests.reports.asked import answer_of, dicts, foot, question_of
from tests.reports.world import add_customer

pytestmark = pytest.mark.django_db


def class_of(**figures):
    rollup = add_customer("One", **figures)
    return classify(CustomerRollup.objects.filter(pk=rollup.pk), USUAL).get()


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [
        ("150000", "large"),
        ("149999.99", "medium"),
        ("40000", "medium"),
        ("39999.99", "small"),
        ("-5", "small"),
        ("0", "none"),
    ],
)
def test_a_threshold_belongs_to_the_class_that_begins_there(revenue, expected):
    assert class_of(revenue_last_year=Decimal(revenue)).revenue_class == expected


def test_an_amount_below_the_overdue_threshold_is_good_standing():
    assert class_of(overdue_amount=Decimal("999.99")).standing == "good"


def test_a_zero_threshold_does_not_make_everyone_overdue():
    rollup = add_customer("Nothing due")
    limits = Thresholds(overdue=Decimal(0))
    assert classify(CustomerRollup.objects.filter(pk=rollup.pk), limits).get().standing == "good"


def test_a_customer_without_won_deals_has_no_deal_class_of_size():
    assert class_of().deal_class == "none"
    assert class_of(won_amount_12m=Decimal(60000), won_count_12m=2).deal_class == "big"


def test_every_customer_is_in_exactly_one_segment_and_segments_add_up_to_the_total():
    add_customer("A", revenue_last_year=Decimal("200000.10"), overdue_amount=Decimal("5000.55"))
    add_customer("B", revenue_last_year=Decimal("50000.20"))
    add_customer("C", revenue_last_year=Decimal("10.01"), overdue_amount=Decimal("1000.00"))
    add_customer("D")
    answer = answer_of("segmentation")
    assert answer.overview is not None
    found = dicts(answer.overview)
    assert [cell["segment"] for cell in found] == [
        "Large, overdue",
        "Medium, in good standing",
        "Small, overdue",
        "No revenue, in good standing",
    ]
    assert sum(cell["customers"] for cell in found) == 4 == answer.rows.count()
    for total in (foot(answer), foot(answer.overview)):
        assert total["revenue_last_year"] == sum(cell["revenue_last_year"] for cell in found) == Decimal("250010.31")
        assert total["overdue_amount"] == Decimal("6000.55")


def test_the_total_of_an_average_is_the_ratio_of_the_sums():
    add_customer("A", won_amount_12m=Decimal(100), won_count_12m=1)
    add_customer("B", won_amount_12m=Decimal(500), won_count_12m=4)
    assert foot(answer_of("segmentation"))["average_deal_size"] == Decimal("120.00")


def test_rows_come_in_the_chosen_order_with_unknown_last():
    for name, size in (("A", 5), ("B", None), ("C", 9)):
        add_customer(name, **({"won_amount_12m": Decimal(size), "won_count_12m": 1} if size else {}))
    assert [row["name"] for row in dicts(answer_of("segmentation", sort="average_deal_size"))] == ["C", "A", "B"]


@pytest.mark.parametrize("text", ["abc", "NaN", "Infinity", "-1", "1e99", "1;drop"])
def test_a_threshold_that_is_no_amount_is_refused_with_its_name(text):
    with pytest.raises(BadParameter, match="Overdue"):
        question_of("segmentation", overdue=text)


def test_medium_above_large_is_refused():
    with pytest.raises(BadParameter, match="below large"):
        answer_of("segmentation", medium="10", large="5")


def test_the_url_of_a_question_reads_back_as_the_same_question():
    given = {"large": "99999.50", "revenue": "small", "standing": "overdue", "sort": "last_order_on", "order": "asc"}
    asked = question_of("segmentation", **given)
    assert dict(parse_qsl(get_report("segmentation").query(asked))) == given
