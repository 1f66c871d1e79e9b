"""Won opportunities whose orders come to another amount."""

from django.db.models.functions import Abs

from reports.columns import CellKind, Column
from reports.handover_rows import ASKED, CANCELLED, GROUP, MATCHED, REMAINS, RESTS_ON, amount, tolerance_words, worklist
from reports.shape import Answer, Question, Report

APART = Column(name="apart", label="Apart", kind=CellKind.MONEY, value=Abs(REMAINS))


def answer(question: Question) -> Answer:
    """One row per opportunity that differs beyond the tolerance."""
    own = (
        amount("difference", "Ordered less won", REMAINS),
        amount("won", "Won", "won"),
        amount("ordered", "Ordered", "ordered"),
        CANCELLED,
    )
    empty = "All orders agree with their opportunities."
    notes = (
        "The largest differences come first. Ordered less won leaves out what was cancelled of an order.",
        tolerance_words(),
        MATCHED,
    )
    return worklist(question, "differs", own, empty=empty, notes=notes, order=APART)


REPORT = Report(
    name="won-amount-differs",
    title="Won and ordered differ",
    description="Won opportunities whose ERP orders come to another amount.",
    group=GROUP,
    answer=answer,
    parameters=ASKED,
    sort="apart",
    rests_on=RESTS_ON,
    position=73,
    pages=(("Overview", "customers:handover"),),
)
