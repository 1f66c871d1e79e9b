"""Won opportunities without an order, longer than usual."""

from django.db.models import Count, Q, QuerySet, Sum

from customers import formats
from customers.handover.numbers import named_elsewhere
from customers.models import Handover
from integration_hub.config import hub
from reports.columns import CellKind, Column
from reports.handover_rows import ASKED, GROUP, MATCHED, RESTS_ON, amount, awake, standing, worklist
from reports.parameters import Parameter, ParameterKind
from reports.shape import Answer, Question, Report

POSSIBLE = Column(
    name="possible",
    label="Possible orders",
    kind=CellKind.COUNT,
    value="possible",
    definition="Orders of the customer that fit equally well; choose one on the opportunity's page.",
)
NUMBER = Parameter(
    name="number",
    label="Order number",
    kind=ParameterKind.CHOICE,
    choices=(("", "With or without"), ("loose", "Known under an ERP customer without account")),
)


def answer(question: Question) -> Answer:
    """One row per won opportunity that no order followed."""
    late = awake(question, standing(question, "no_order"), "opportunity_id")
    loose = named_elsewhere(dict(late.values_list("opportunity_id", "opportunity__custom_fields")))
    notes = (
        *_of_loose(late.filter(pk__in=loose)),
        MATCHED,
        f"Listed from {hub().handover.late_days} days after the close date on.",
    )
    empty = "Every won opportunity has an order, or is not late yet."
    among = Q(pk__in=loose) if question.values["number"] else Q()
    own = (amount("won", "Won", "won"), POSSIBLE)
    return worklist(question, "no_order", own, empty=empty, notes=notes, among=among)


def _of_loose(rows: QuerySet[Handover]) -> tuple[str, ...]:
    """How many of them miss only a link, in words; nothing where none does."""
    sums = rows.aggregate(count=Count("pk"), won=Sum("won"))
    if not sums["count"]:
        return ()
    name = "names an order" if sums["count"] == 1 else "name orders"
    words = (
        f"{formats.plural(sums['count'], 'deal')}, {formats.money(sums['won'], hub().company.reporting_currency)} won, "
        f"{name} that the ERP has under a customer in conflict or without account: decide its account under Links."
    )
    return (words,)


REPORT = Report(
    name="won-without-order",
    title="Won, but no order",
    description="Won opportunities that no ERP order followed in time.",
    group=GROUP,
    answer=answer,
    parameters=(*ASKED, NUMBER),
    sort="won",
    rests_on=RESTS_ON,
    position=71,
    pages=(("Overview", "customers:handover"),),
)
