"""Revenue and orders of one calendar year by customer, also only of those who began in a certain year."""

from reports.columns import CellKind, measure_column, summed
from reports.customer_rows import WHO, customer_answer
from reports.document_rows import OF_INVOICES
from reports.parameters import ACCOUNT_FIELD
from reports.shape import Answer, Question, Report
from reports.years import FIRST, ORDERED, YEAR, customers_of_year, documents_url, year_of, year_words

NOTE = "Years are calendar years. Revenue is that of the invoices of the year less its credit notes."


def answer(question: Question) -> Answer:
    """One row per customer with its orders and revenue of the year."""
    year = year_of(question)
    columns = (
        *WHO,
        measure_column("first_order_on"),
        summed(
            "orders",
            f"Orders {year}",
            CellKind.COUNT,
            "year_orders",
            url=lambda row: documents_url("order-list", question, row.keys["customer"]),
            total_url=documents_url("order-list", question),
        ),
        summed(
            "revenue",
            f"Revenue {year}",
            CellKind.MONEY,
            "year_revenue",
            url=lambda row: documents_url("invoices", question, row.keys["customer"]),
            total_url=documents_url("invoices", question),
        ),
        measure_column("last_order_on", wide=True),
        measure_column("revenue_12m", wide=True),
    )
    partly = f" The year {year} ends at {question.as_of.isoformat()}." if year == question.as_of.year else ""
    return customer_answer(
        question, customers_of_year(question), columns, words=year_words(question), notes=(NOTE + partly,)
    )


REPORT = Report(
    name="customer-years",
    title="Customers of a year",
    description="Who ordered in a calendar year and what it brought, also of those who began in a certain one.",
    group="Revenue",
    answer=answer,
    parameters=(YEAR, FIRST, ORDERED, ACCOUNT_FIELD),
    sort="revenue",
    rests_on=OF_INVOICES | {"first_order_on", "last_order_on", "order_count", "order_count_12m"},
    newest_only="orders and revenue are kept by whole months, so a month that had only begun cannot be told any more.",
    position=19,
)
