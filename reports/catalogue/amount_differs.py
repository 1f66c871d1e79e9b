"""Won opportunities whose orders come to another amount."""

from django.db.models.functions import Abs

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
    less,
    noted,
    standing,
    tolerance_words,
)
from reports.shape import Answer, Question, Report


def answer(question: Question) -> Answer:
    """One row per opportunity that differs beyond the tolerance."""
    rows = awake(question, standing(question, "differs"), "opportunity_id")
    columns = (
        NAME,
        CUSTOMER,
        OWNER,
        age(question),
        amount("difference", "Ordered less won", less("ordered", "won")),
        amount("won", "Won", "won"),
        amount("ordered", "Ordered", "ordered"),
        Column(name="apart", label="Apart", kind=CellKind.MONEY, value=Abs(less("ordered", "won")), wide=True),
        Column(name="orders", label="Orders", kind=CellKind.COUNT, value="orders", wide=True),
        WON_ON,
        *noted(question, "opportunity_id"),
    )
    notes: tuple[str, ...] = (tolerance_words(), MATCHED)
    if not rows.exists():
        notes = ("All orders agree with their opportunities.", *notes)
    return handover_answer(question, rows, columns, notes=notes)


REPORT = Report(
    name="won-amount-differs",
    title="Won and ordered differ",
    description="Won opportunities whose ERP orders come to another amount.",
    group=GROUP,
    answer=answer,
    parameters=(SNOOZED,),
    sort="apart",
    rests_on=RESTS_ON,
    position=73,
    pages=(("Overview", "customers:handover"),),
)
