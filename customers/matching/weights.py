"""What each finding about a pair weighs: logarithms of odds, added up as in Fellegi and Sunter (1969).

Source: a logistic regression over the pairs that blocks bring together in the TUNING sets of
tests/customers/matching/corruptions.py, drawn towards prior weights (a penalty of 20 on the squared distance, so that a
finding with few or one-sided examples stays near what is known of it). Findings that the sets do not have, such as
registration and ERP numbers, have the prior weight; same tax numbers and domains are raised by what sister companies
with a shared one, frequent in the sets, take from them. Never fitted to a set that is scored.
"""

from collections.abc import Mapping
from functools import cache
from math import exp, log

BASE = -2.8
"""Of a pair that a block brings together and that is alike in nothing."""
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "vat": {
        "same checked": 5.5,
        "same": 5.0,
        "similar": 2.4,
        "unchecked": -1.5,
        "abroad": -1.0,
        "different": -3.2,
    },
    "registration": {"same": 5.0, "different": -2.5},
    "number": {"same": 4.5, "different": 0.0},
    "domain": {"same": 3.0, "similar": 1.8, "different": -1.15},
    "phone": {"same": 5.3, "similar": 3.5, "different": -1.85},
    "name": {
        "same": 3.75,
        "close": 3.55,
        "near": 2.05,
        "near, common words": 0.3,
        "loose": 0.35,
        "loose, common words": -1.85,
        "different": -3.5,
    },
    "form": {"same": 0.55, "different": -1.65},
    "street": {"same": 3.0, "similar": -0.1, "different": -1.0},
    "postal_code": {"same": 1.45, "similar": 0.0, "different": -1.2},
    "city": {"same": 1.35, "different": -1.95},
    "country": {"same": 0.1, "different": -2.5},
}

BEST_NAME = max(WEIGHTS["name"].values()) + max(WEIGHTS["form"].values())
"""The most that name and form can add."""


def weight(field: str, level: str) -> float:
    """The weight of a finding; 0 for what is missing. Raises KeyError for a finding that has none."""
    return 0.0 if level == "missing" else WEIGHTS[field][level]


USUAL_BRANCHES = 2
"""So many ERP customers beside one take nothing from the name that they share."""


def shared_name(customers: int, accounts: int) -> float:
    """What it takes from a name that several accounts or very many ERP customers have: it points at each of them
    equally. A few ERP customers of one name are mostly branches of one company.
    """
    return -log(max(customers - USUAL_BRANCHES, accounts, 1))


@cache
def log_odds(probability: float) -> float:
    """The logarithm of odds of a probability between 0 and 1, both left out."""
    return log(probability / (1 - probability))


def probability(total: float) -> float:
    """0 to 1 from the logarithm of odds."""
    return 1 / (1 + exp(-max(min(total, 30.0), -30.0)))
