"""Won opportunities without an order, longer than usual."""

from integration_hub.config import hub
from reports.columns import CellKind, Column
from reports.handover_rows import (
    CUSTOMER,
    GROUP,
    MATCHED,
    NAME,
    OWNER,
    RESTS_ON,
    SNOOZED,
    WON_ON,
    age,
    amount,
    awake,
    handover_answer,
    noted,
    standing,
)
from reports.shape import Answer, Question, Report

POSSIBLE = Column(
    name="possible",
    label="Possible orders",
    kind=CellKind.COUNT,
    value="possible",
    definition="Orders of the customer that fit equally well; choose one on the opportunity's page.",
)


def answer(question: Question) -> Answer:
    """One row per won opportunity that no order followed."""
    rows = awake(question, standing(question, "no_order"), "opportunity_id")
    columns = (
        NAME,
        CUSTOMER,
        OWNER,
        age(question),
        amount("won", "Won", "won"),
        POSSIBLE,
        WON_ON,
        *noted(question, "opportunity_id"),
    )
    late = hub().handover.late_days
    notes: tuple[str, ...] = (MATCHED, f"Listed from {late} days after the close date on.")
    if not rows.exists():
        notes = ("Every won opportunity has an order, or is not late yet.", *notes)
    return handover_answer(question, rows, columns, notes=notes)


REPORT = Report(
    name="won-without-order",
    title="Won, but no order",
    description="Won opportunities that no ERP order followed in time.",
    group=GROUP,
    answer=answer,
    parameters=(SNOOZED,),
    sort="won",
    rests_on=RESTS_ON,
    position=71,
    pages=(("Overview", "customers:handover"),),
)
