"""Which accounts became customers, month by month, and how long that took from the first opportunity on."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate, TruncMonth
from django.db.models.lookups import LessThan
from django.urls import reverse

from customers import formats
from customers.models import Conversion, ConversionCause
from integration_hub.config import hub
from reports.columns import Cell, CellKind, Column, Row, Total, measure_column
from reports.customer_rows import CUSTOMER, OWNER, asked_of, customer_answer, field_words, stage_today
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.percentiles import Percentile
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table, label_of

OF = "customer__conversion__"
SEEN, LATE, BEFORE = "seen", "late", "before"
OPEN_DAYS = 7
SPANS = (("12", "12 months"), ("24", "24 months"), ("60", "5 years"))
RECORDED = (("", "All"), (SEEN, "As it happened"), (LATE, "Backdated"), (BEFORE, "Known before"))
CAUSES = {ConversionCause.LINK: "First link", ConversionCause.ORDER: "First order"}
LABELS = dict(RECORDED)
MOST_MONTHS = 60


def _months() -> Sequence[tuple[str, str]]:
    """The months in which somebody converted, newest first."""
    found = Conversion.objects.filter(converted_on__isnull=False, merged_into=None)
    months = found.annotate(month=TruncMonth("converted_on")).order_by("-month").values_list("month", flat=True)
    return (("", "All"), *((f"{month:%Y-%m}", formats.month(month)) for month in months.distinct()))


SPAN = Parameter(name="span", label="Up to now", kind=ParameterKind.CHOICE, default="12", choices=SPANS)
MONTH = Parameter(name="month", label="Month", kind=ParameterKind.CHOICE, choices=_months)
KNOWN = Parameter(name="recorded", label="Recorded", kind=ParameterKind.CHOICE, choices=RECORDED)
OPEN_FOR = Value(timedelta(days=OPEN_DAYS), output_field=DurationField())
DAYS = Func(
    F(f"{OF}first_order_on"), F(f"{OF}first_opportunity_on"), template="(%(expressions)s)", arg_joiner=" - ",
    output_field=IntegerField(),
)  # fmt: skip
CONVERTED = (
    "An account converts on the day its first ERP customer was linked, or of that one’s first order where it was "
    f"earlier. Backdated: that day is more than {OPEN_DAYS} days before the one on which it was recorded, as where an "
    "older customer was linked by hand, so a month that was over has changed. Known before: it was a customer when its "
    "ERP was read first, so the day is that of its first order."
)
DAYS_ARE = (
    "Days run from the creation of the first opportunity to the first order. They are unknown where the customer "
    "ordered without one, or has not ordered yet. Half of the customers took no more than the median, nine in ten no "
    "more than the 90th percentile."
)


def answer(question: Question) -> Answer:
    """The customers that converted; above, each month."""
    first = question.as_of.replace(day=1) - relativedelta(months=int(question.values["span"]) - 1)
    everybody = asked_of(question).filter(**{f"{OF}isnull": False, f"{OF}merged_into": None})
    converted = _recorded(everybody.filter(**{f"{OF}converted_on__range": (first, question.as_of)}), question)
    month = question.values["month"]
    rows = converted.filter(**{f"{OF}converted_on__range": _days_of(month)}) if month else converted
    rows = rows.annotate(how=_how())
    return customer_answer(
        question,
        rows,
        _columns(),
        overview=_overview(question, converted, first),
        charts=(
            Chart(
                title="Conversions by month",
                category="month",
                series=(SEEN, LATE, BEFORE),
                kind="stacked",
                colours={LABELS[SEEN]: "--bar", LABELS[LATE]: "--age-3", LABELS[BEFORE]: "--bar-2"},
                most=MOST_MONTHS,
            ),
        ),
        words=(
            f"Converted from {formats.day(first)} to {formats.day(question.as_of)}",
            *((f"Month: {formats.month(_days_of(month)[0])}",) if month else ()),
            *((f"Recorded: {label_of(RECORDED, chosen)}",) if (chosen := question.values["recorded"]) else ()),
            *field_words(question),
        ),
        notes=(*_unknown(everybody), CONVERTED, DAYS_ARE),
    )


def _recorded(rows: QuerySet[Any], question: Question) -> QuerySet[Any]:
    chosen = question.values["recorded"]
    return rows.annotate(how=_how()).filter(how=chosen) if chosen else rows


def _how() -> Case:
    """How each was recorded: SEEN, LATE or BEFORE."""
    day = TruncDate(f"{OF}recorded_at", tzinfo=ZoneInfo(hub().company.time_zone))
    late = LessThan(F(f"{OF}converted_on"), ExpressionWrapper(day - OPEN_FOR, output_field=DateField()))
    return Case(
        When(**{f"{OF}known_before": True}, then=Value(BEFORE)),
        When(late, then=Value(LATE)),
        default=Value(SEEN),
        output_field=CharField(),
    )


def _days_of(month: str) -> tuple[date, date]:
    first = date.fromisoformat(f"{month}-01")
    return first, first + relativedelta(day=31)


def _columns() -> tuple[Column, ...]:
    text = CharField()
    causes = (When(**{f"{OF}cause": cause}, then=Value(words)) for cause, words in CAUSES.items())
    recorded = (When(how=name, then=Value(LABELS[name])) for name in (SEEN, LATE, BEFORE))
    return (
        CUSTOMER,
        OWNER,
        Column(name="converted_on", label="Converted", kind=CellKind.DATE, value=f"{OF}converted_on"),
        Column(name="days", label="Days", definition=DAYS_ARE, kind=CellKind.DAYS, value=DAYS, url=_deals),
        measure_column("revenue_12m"),
        Column(name="cause", label="By", value=Case(*causes, output_field=text)),
        Column(name="opportunity", label="First opportunity", kind=CellKind.DATE, value=f"{OF}first_opportunity_on"),
        Column(name="ordered", label="First order", kind=CellKind.DATE, value=f"{OF}first_order_on"),
        Column(name="recorded", label="Recorded", value=Case(*recorded, output_field=text)),
        stage_today(),
    )


def _deals(row: Row) -> str:
    """The opportunities of the customer, of which the first begins the days."""
    return reverse("customers:opportunities", args=[row.keys["customer"]])


def _overview(question: Question, converted: QuerySet[Any], first: date) -> Table:
    figures: dict[str, Any] = {
        "all": Count("pk"),
        **{name: Count("pk", filter=Q(how=name)) for name in (SEEN, LATE, BEFORE)},
        "median": Percentile(DAYS, "0.5"),
        "ninetieth": Percentile(DAYS, "0.9"),
    }
    converted = converted.order_by().annotate(how=_how())
    by_month = converted.annotate(month=TruncMonth(f"{OF}converted_on")).values("month")
    found: dict[date, Any] = {row["month"]: row for row in by_month.annotate(**figures)}
    whole = converted.aggregate(**figures)
    count = (question.as_of.year - first.year) * 12 + question.as_of.month - first.month + 1
    months = [first + relativedelta(months=number) for number in range(count)]
    rows = tuple(
        Row((formats.month(month), *_cells(found.get(month, {}))), {"month": f"{month:%Y-%m}"}) for month in months
    )

    def of(keys: Mapping[str, Any], **more: str) -> str:
        # A month without conversions is no choice.
        named = keys["month"] in filled
        return f"?{REPORT.query(question, month=keys['month'], **more)}" if named else ""

    filled = {f"{month:%Y-%m}" for month in found}

    def recorded(name: str) -> Column:
        return Column(
            name=name,
            label=LABELS[name],
            kind=CellKind.COUNT,
            total=Total(""),
            url=lambda row: of(row.keys, recorded=name),
            total_url=f"?{REPORT.query(question, month='', recorded=name)}",
            wide=True,
        )

    columns = (
        Column(name="month", label="Month"),
        Column(name="all", label="Conversions", kind=CellKind.COUNT, total=Total(""), url=lambda row: of(row.keys)),
        recorded(SEEN),
        recorded(LATE),
        recorded(BEFORE),
        Column(name="median", label="Median days", kind=CellKind.DAYS, definition=DAYS_ARE),
        Column(name="ninetieth", label="90th percentile", kind=CellKind.DAYS, definition=DAYS_ARE),
    )  # fmt: skip
    foot = ("All months", *_cells(whole))
    return Table(title="By month", columns=columns, rows=ListedRows(rows, columns, foot), row_url=of, noun="month")


def _cells(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    return *(row.get(name, 0) for name in ("all", SEEN, LATE, BEFORE)), row.get("median"), row.get("ninetieth")


def _unknown(everybody: QuerySet[Any]) -> tuple[str, ...]:
    """What the months leave out, and who is no customer any more."""
    found = everybody.order_by().aggregate(
        undated=Count("pk", filter=Q(**{f"{OF}converted_on": None})),
        unlinked=Count("pk", filter=Q(**{f"{OF}unlinked_at__isnull": False})),
    )
    told = (
        (found["undated"], "was known before and has no order yet, so the day is unknown.",
         "were known before and have no order yet, so their day is unknown."),
        (found["unlinked"], "is no longer linked to an ERP customer; what was stamped stays.",
         "are no longer linked to an ERP customer; what was stamped stays."),
    )  # fmt: skip
    return tuple(
        f"{formats.plural(count, 'account')} {one if count == 1 else many}" for count, one, many in told if count
    )


REPORT = Report(
    name="conversions",
    title="Conversions",
    description="Which accounts became customers of the ERP, and how long that took from the first opportunity.",
    group="From prospect to customer",
    answer=answer,
    parameters=(SPAN, MONTH, KNOWN, ACCOUNT_FIELD),
    sort="converted_on",
    rests_on=frozenset({"first_order_on"}),
    pushes=("stage",),
    picture="stacked",
    position=40,
)
