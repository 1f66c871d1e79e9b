"""Opportunities that Salesforce calls lost although an order came."""

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


def answer(question: Question) -> Answer:
    """One row per lost opportunity with an order."""
    rows = awake(question, standing(question, "lost_ordered"), "opportunity_id")
    columns = (
        NAME,
        CUSTOMER,
        OWNER,
        age(question),
        amount("ordered", "Ordered", "ordered"),
        amount("lost", "Lost", "won"),
        Column(name="orders", label="Orders", kind=CellKind.COUNT, value="orders", wide=True),
        Column(name="proposed", label="Only proposed", kind=CellKind.COUNT, value="proposed", wide=True),
        WON_ON,
        *noted(question, "opportunity_id"),
    )
    notes: tuple[str, ...] = (MATCHED,)
    if not rows.exists():
        notes = ("No lost opportunity has an order.", *notes)
    return handover_answer(question, rows, columns, notes=notes)


REPORT = Report(
    name="lost-but-ordered",
    title="Lost, but ordered",
    description="Opportunities closed as lost that have an ERP order.",
    group=GROUP,
    answer=answer,
    parameters=(SNOOZED,),
    sort="ordered",
    rests_on=RESTS_ON,
    position=74,
    pages=(("Overview", "customers:handover"),),
)
