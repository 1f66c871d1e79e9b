"""Late deliveries: orders past their promised date, and how often customers were served on time and in full."""

from django.db.models import Q

from reports.classes import Classes
from reports.columns import measure_column
from reports.customer_rows import ASKED, WHO, asked_of, customer_answer, field_words
from reports.shape import Answer, Chart, Question, Report

CLASSES = Classes(
    labels={"late": "Late now", "was_late": "Was shipped late", "in_time": "In time", "none": "No deliveries"},
    label="State",
)
RULES = (
    (Q(late_orders_count__gt=0) | Q(late_lines_count__gt=0), "late"),
    (Q(shipped_late_count__gt=0), "was_late"),
    (Q(delivered_orders_12m__gt=0) | Q(open_orders_count__gt=0), "in_time"),
    (None, "none"),
)
MEASURES = (
    "late_orders_count",
    "late_orders_amount",
    "late_lines_count",
    "late_lines_amount",
    "shipped_late_count",
    "otif",
    "open_orders_count",
    "open_orders_amount",
)
CONVERTED = (
    "Orders and their lines are converted to the reporting currency each for themselves, so that the same goods can "
    "differ by cents between an amount of orders and one of lines."
)
COLUMNS = (*WHO, CLASSES.column(RULES), *map(measure_column, MEASURES))


def answer(question: Question) -> Answer:
    """Customers with what is late; above, what each state amounts to."""
    classified = CLASSES.classified(asked_of(question), RULES)
    sums = ("late_orders_count", "late_orders_amount", "open_orders_amount")
    overview = CLASSES.overview(classified, sums, question, REPORT, title="By state")
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        COLUMNS,
        overview=overview,
        charts=(
            Chart(title="Open and late orders", category="class", series=("open_orders_amount", "late_orders_amount")),
        ),
        notes=(*CLASSES.notes(overview), CONVERTED),
        words=(*CLASSES.words(question), *field_words(question)),
    )


REPORT = Report(
    name="late-deliveries",
    title="Late deliveries",
    description="Orders past their promised date, and how reliably customers were served.",
    group="Orders and deliveries",
    answer=answer,
    parameters=(CLASSES.parameter, *ASKED),
    sort="late_orders_amount",
    rests_on=frozenset({"late_orders_count", "late_lines_count", "shipped_late_count", "open_orders_count"}),
    picture="bars",
    position=21,
)
