"""Revenue growth: what came, grew, shrank and went between two periods."""

from decimal import Decimal

from django.db.models import Case, DecimalField, F, Q, Value, When
from django.db.models.functions import Round

from customers.calendar import periods
from customers.segments import Rules
from reports.classes import Classes
from reports.columns import CellKind, Column, Total, measure_column, summed
from reports.customer_rows import ASKED, WHO, asked_of, customer_answer, field_words
from reports.parameters import Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report, label_of

# Period -> its measure and that of the period before.
PERIODS = {
    "ytd": ("revenue_ytd", "revenue_ytd_prior"),
    "12m": ("revenue_12m", "revenue_prior_12m"),
    "year": ("revenue_last_year", "revenue_year_before_last"),
}
PERIOD = Parameter(
    name="period",
    label="Compare",
    kind=ParameterKind.CHOICE,
    default="ytd",
    choices=(
        ("ytd", "This year with the same days last year"),
        ("12m", "Last 12 months with the 12 before"),
        ("year", "Last year with the year before"),
    ),
)
CLASSES = Classes(
    labels={
        "new": "New",
        "grown": "Grown",
        "shrunk": "Shrunk",
        "lost": "Lost",
        "same": "Unchanged",
        "none": "No revenue",
    }
)
CHANGE = Column(name="change", label="Change", kind=CellKind.MONEY, total=Total(""))


def _change_share(now: str, before: str) -> Case:
    """The change in percent of what was; unknown where nothing, or less, was."""
    share = Round((F(now) - F(before)) * Decimal(100) / F(before), precision=1)
    money = DecimalField(max_digits=24, decimal_places=1)
    return Case(When(**{f"{before}__gt": 0}, then=share), default=Value(None), output_field=money)


def _rules(now: str, before: str) -> Rules:
    """What came and went needs an amount above zero on one side only; the rest grew, shrank or stayed."""
    return (
        (Q(**{before: 0, now: 0}), "none"),
        (Q(**{f"{before}__lte": 0, f"{now}__gt": 0}), "new"),
        (Q(**{f"{before}__gt": 0, f"{now}__lte": 0}), "lost"),
        (Q(**{f"{now}__gt": F(before)}), "grown"),
        (Q(**{f"{now}__lt": F(before)}), "shrunk"),
        (None, "same"),
    )


DAYS_OF = {
    "ytd": ("year_to_date", "same_days_last_year"),
    "12m": ("last_12_months", "prior_12_months"),
    "year": ("last_year", "year_before_last"),
}


def _lengths(question: Question) -> tuple[str, ...]:
    """A sentence where the periods differ in length: by a leap day, or by a 53rd week."""
    known = periods(question.as_of)
    now, before = (known[name] for name in DAYS_OF[question.values["period"]])
    if now.days == before.days:
        return ()
    told = f" ({now.note}, before {before.note})" if now.note and before.note else ""
    return (f"The periods differ in length: {now.days} days against {before.days} days before{told}.",)


def answer(question: Question) -> Answer:
    """Customers with both periods and the change; above, what each kind of change adds up to."""
    now, before = PERIODS[question.values["period"]]
    rules = _rules(now, before)
    classified = CLASSES.classified(asked_of(question), rules)
    change = F(now) - F(before)
    columns = (
        *WHO,
        CLASSES.column(rules),
        measure_column(now),
        measure_column(before),
        summed("change", "Change", CellKind.MONEY, change),
        Column(
            name="change_share",
            label="Change",
            kind=CellKind.PERCENT,
            value=_change_share(now, before),
            total=Total(change, before, factor=100, places=1),
            definition="Change as a share of the period before; unknown where that is zero or negative.",
        ),
    )
    overview = CLASSES.overview(
        classified,
        (now, before),
        question,
        REPORT,
        title="From one period to the next",
        derived=((CHANGE, lambda sums: sums[now] - sums[before]),),
    )
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        columns,
        overview=overview,
        charts=(
            Chart(
                title="What made the difference",
                category="class",
                series=("change",),
                kind="bridge",
                ends=(before, now),
            ),
        ),
        notes=(*CLASSES.notes(overview), *_lengths(question)),
        words=(label_of(PERIOD.options(), question.values["period"]), *CLASSES.words(question), *field_words(question)),
    )


REPORT = Report(
    name="growth",
    title="Revenue growth",
    description="New, grown, shrunk and lost customers between two periods.",
    group="Revenue",
    answer=answer,
    parameters=(PERIOD, CLASSES.parameter, *ASKED),
    sort="change",
    rests_on=frozenset(name for pair in PERIODS.values() for name in pair),
    picture="bridge",
    position=12,
)
