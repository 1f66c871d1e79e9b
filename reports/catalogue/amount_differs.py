"""Won opportunities whose orders come to another amount."""

from django.db.models.functions import Abs

from reports.columns import CellKind, Column
from reports.handover_rows import GROUP, MATCHED, RESTS_ON, SNOOZED, amount, less, tolerance_words, worklist
from reports.shape import Answer, Question, Report


def answer(question: Question) -> Answer:
    """One row per opportunity that differs beyond the tolerance."""
    own = (
        amount("difference", "Ordered less won", less("ordered", "won")),
        amount("won", "Won", "won"),
        amount("ordered", "Ordered", "ordered"),
        Column(name="apart", label="Apart", kind=CellKind.MONEY, value=Abs(less("ordered", "won")), wide=True),
        Column(name="orders", label="Orders", kind=CellKind.COUNT, value="orders", wide=True),
    )
    empty = "All orders agree with their opportunities."
    return worklist(question, "differs", own, empty=empty, notes=(tolerance_words(), MATCHED))


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
