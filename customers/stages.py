"""How far a company has come on its way to being a customer: one declaration for lists, pages, rules and the push.

Salesforce holds suspects, prospects and customers; the ERP holds customers, some of which no account names:

- suspect: a live account without ERP customer that never had an opportunity, only a name to call on
- prospect: an account without ERP customer that has or had an opportunity, whatever became of it
- customer: an account with an ERP customer, also before its first order: somebody opened it in the ERP to sell to it
- lapsed: a customer whose last order is more than [stages] lapsed_after_months ago
- ERP-only: a customer of the ERP that no account names

Orders and opportunities are those up to the figures' day; links are today's. Where a day's figures were stored before
opportunities were counted, accounts without ERP customer are prospects. Suppliers are none of these: the source leaves
them out (hub.toml).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import DateField, DurationField, Expression, F, Func, Q, Value
from django.db.models.functions import Cast

from customers.models import CustomerRollup
from customers.segments import Rules, case_of
from integration_hub.config import hub

SUSPECT, PROSPECT, CUSTOMER, LAPSED, ERP_ONLY = "suspect", "prospect", "customer", "lapsed", "erp_only"
STAGES: Mapping[str, str] = {
    SUSPECT: "Suspect",
    PROSPECT: "Prospect",
    CUSTOMER: "Customer",
    LAPSED: "Lapsed",
    ERP_ONLY: "ERP-only",
}
MEANING = (
    "Suspect: an account without ERP customer and without any opportunity. Prospect: with one. Customer: an ERP "
    "customer is linked. Lapsed: its last order is longer ago than the months that hub.toml names. ERP-only: a "
    "customer of the ERP that no account names."
)


def lapsed_before(day: date) -> date:
    """Whoever ordered last before this day has lapsed at the other."""
    return day - relativedelta(months=hub().stages.lapsed_after_months)


def stage_rules() -> Rules:
    """Over a CustomerRollup and its day."""
    months = Func(
        Value(hub().stages.lapsed_after_months),
        template="make_interval(months => %(expressions)s)",
        output_field=DurationField(),
    )
    limit: Any = Cast(F("as_of") - months, DateField())
    return (
        (Q(customer__account=None), ERP_ONLY),
        (Q(customer__is_prospect=True, opportunity_count=0), SUSPECT),
        (Q(customer__is_prospect=True), PROSPECT),
        (Q(last_order_on__lt=limit), LAPSED),
        (None, CUSTOMER),
    )


def stage_words() -> Expression:
    """The stage of a rollup's customer in words."""
    return case_of(stage_rules(), STAGES)


def stage_of(rollup: CustomerRollup) -> str:
    """The stage of a rollup that was read with its customer, as `stage_rules` has it."""
    customer = rollup.customer
    if customer.account is None:
        return ERP_ONLY
    if customer.is_prospect:
        return SUSPECT if rollup.opportunity_count == 0 else PROSPECT
    ordered = rollup.last_order_on
    return LAPSED if ordered is not None and ordered < lapsed_before(rollup.as_of) else CUSTOMER
