"""What the analyst of the demo company has decided and kept: where RFM scores begin, and the segments in use."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from customers.models import RfmCalibration, Segment
from customers.rfm_calibration import calibrate
from customers.rfm_scales import Scales
from customers.rules.keeping import Draft, save_new, set_sent
from customers.rules.shape import read_group

# A wholesaler whose customers order every week or two: by the usual scales two of three would be champions.
SCALES = Scales(
    recency=(60, 30, 14, 5),
    frequency=(4, 8, 20, 40),
    monetary=(Decimal(50000), Decimal(100000), Decimal(300000), Decimal(600000)),
    orders="12m",
)
REASON = "Our customers order every week or two, so the usual scales called two of three champions"


@dataclass(frozen=True)
class Kept:
    """A shared segment of the analyst; `sent` ones go to Salesforce."""

    name: str
    description: str
    rules: dict[str, Any]
    sent: bool = True


SEGMENTS = (
    Kept(
        "Key accounts",
        "Who carries the business: look after in person.",
        {"all": [{"field": "rfm_segment", "is": "one_of", "values": ["Champions", "Loyal"]}]},
    ),
    Kept(
        "Overdue and shrinking",
        "Buys less than a year ago and owes us: talk about both at once.",
        {
            "all": [
                {"field": "overdue_amount", "is": "more_than", "values": ["1000"]},
                {"field": "revenue_12m", "is": "down_percent", "values": ["10", "1", "prior"]},
            ]
        },
    ),
    Kept(
        "Good payers with room",
        "Pay on time and buy little: offer more.",
        {
            "all": [
                {"field": "overdue_amount", "is": "at_most", "values": ["0"]},
                {"field": "revenue_12m", "is": "between", "values": ["1", "60000"]},
            ]
        },
        sent=False,
    ),
)


def decide(analyst: User, day: date) -> None:
    """Log the calibration and keep the segments, each unless there is one already."""
    if not RfmCalibration.objects.exists():
        calibrate(analyst, day, SCALES, method=RfmCalibration.Method.ABSOLUTE, ties="", reason=REASON)
    for each in SEGMENTS:
        if Segment.objects.filter(owner=analyst, name=each.name).exists():
            continue
        draft = Draft(each.name, each.description, shared=True, rules=read_group(each.rules))
        kept = save_new(analyst, draft, timezone.now())
        if each.sent:
            set_sent(kept, analyst, timezone.now(), sent=True)
