"""Won opportunities without an order, longer than usual."""

from integration_hub.config import hub
from reports.columns import CellKind, Column
from reports.handover_rows import ASKED, GROUP, MATCHED, RESTS_ON, amount, worklist
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
    notes = (MATCHED, f"Listed from {hub().handover.late_days} days after the close date on.")
    empty = "Every won opportunity has an order, or is not late yet."
    return worklist(question, "no_order", (amount("won", "Won", "won"), POSSIBLE), empty=empty, notes=notes)


REPORT = Report(
    name="won-without-order",
    title="Won, but no order",
    description="Won opportunities that no ERP order followed in time.",
    group=GROUP,
    answer=answer,
    parameters=ASKED,
    sort="won",
    rests_on=RESTS_ON,
    position=71,
    pages=(("Overview", "customers:handover"),),
)
