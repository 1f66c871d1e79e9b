"""Roll-up of 50,000 customers with 1,000,000 invoices: everything in one pass, and only what a publish touched.

Beside each time stands that of one plain aggregation of the invoices by customer in the same run, so that machines
can be compared: `passes` is how many such aggregations the step costs.
"""

import os
import time
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

from django.db import connection, transaction
from django.utils import timezone

from customers import linking, rollups
from customers.calendar import current_day
from customers.models import CustomerMonth, CustomerRollup
from customers.publishing import recompute
from customers.statements import run

INVOICES = int(os.environ.get("BENCH_ROWS", "1000000"))
CUSTOMERS, ORDERS, TOUCHED = INVOICES // 20, INVOICES // 4, INVOICES // 500
AS_OF = date(2026, 11, 23)

# Invented rows, made where they will lie: skewed customers, three years, two currencies, one part in fifteen unpaid.
STATEMENTS = (
    """insert into erp_currency_rate (key, source, synced_at, gone_reason, currency, base, valid_from, rate)
    select 'erp:USD' || m, 'erp', now(), '', 'USD', 'EUR', date '2023-01-01' + m * interval '1 month', 0.85 + m * 0.002
    from generate_series(0, 60) m""",
    """insert into sf_account (key, source, synced_at, gone_reason, name, erp_number, owner_id, master_record,
        account_number, industry, type, phone, website, billing_street, billing_city, billing_postal_code,
        billing_country, currency, custom_fields)
    select '001' || lpad(n::text, 12, '0') || 'AAA', 'salesforce', now(), '', 'Customer ' || n, n::text, null, '', '',
        '', '', '', '', '', 'Rotterdam', '', 'NL', '', '{}'
    from generate_series(0, %(customers)s - 1) n where n %% 20 > 0""",
    """insert into erp_customer (key, source, synced_at, gone_reason, number, name, salesforce_account, vat_id, email,
        phone, website, street, postal_code, city, country, currency, payment_terms, salesperson, blocked,
        block_reason, archived)
    select 'erp:' || n, 'erp', now(), '', n::text, 'Customer ' || n, '', '', '', '', '', '', '', 'Rotterdam', 'NL',
        'EUR', '', '', false, '', false
    from generate_series(0, %(customers)s - 1) n""",
    """insert into erp_invoice (key, source, synced_at, gone_reason, number, kind, customer_id, issued_on, posted_on,
        due_on, currency, net_amount, tax_amount, gross_amount, company_currency, status, source_status,
        customer_reference)
    select 'erp:F' || n, 'erp', now(), '', 'F' || n, case n %% 25 when 0 then 'credit_note' else 'invoice' end,
        'erp:' || floor(%(customers)s * power(random(), 3))::int, day, day, day + 30,
        case n %% 5 when 0 then 'USD' else 'EUR' end, net, 0, net * 1.19, '',
        case n %% 15 when 0 then 'open' else 'paid' end, '', ''
    from (
        select n, %(as_of)s::date - (n %% 1095) as day,
            case n %% 25 when 0 then -1 else 1 end * (random() * 9000)::numeric(12, 2) as net
        from generate_series(1, %(invoices)s) n
    ) made""",
    """insert into erp_open_item (key, source, synced_at, gone_reason, invoice_id, customer_id, number, issued_on,
        due_on, currency, amount, dated_allocations, disputed, note)
    select key, 'erp', now(), '', key, customer_id, number, issued_on, due_on, currency, gross_amount, true, false, ''
    from erp_invoice""",
    """insert into erp_allocation (key, source, synced_at, gone_reason, open_item_id, invoice_id, customer_id,
        allocated_on, currency, amount)
    select key, 'erp', now(), '', key, key, customer_id, issued_on + 10 + (random() * 60)::int, currency, gross_amount
    from erp_invoice where status = 'paid'""",
    """insert into erp_order (key, source, synced_at, gone_reason, number, customer_id, ordered_on, promised_on,
        currency, net_amount, company_currency, status, source_status, hold_reason, customer_reference, salesperson)
    select 'erp:O' || n, 'erp', now(), '', 'O' || n, 'erp:' || floor(%(customers)s * power(random(), 3))::int, day,
        day + 14, 'EUR', 200, '', 'open', '', '', '', ''
    from (select n, %(as_of)s::date - (n %% 1095) as day from generate_series(1, %(orders)s) n) made""",
    """insert into erp_order_line (key, source, synced_at, gone_reason, order_id, customer_id, position, kind, text,
        quantity, unit, net_amount, cancelled, invoiced_quantity)
    select key || '/' || p, 'erp', now(), '', key, customer_id, p, 'goods', '', 10, 'pc', 100, false,
        case when ordered_on + 20 <= %(as_of)s then 10 else 0 end
    from erp_order, generate_series(1, 2) p""",
    """insert into erp_delivery (key, source, synced_at, gone_reason, number, customer_id, order_id, shipped_on, status,
        source_status, is_return, carrier, tracking)
    select 'erp:D' || key, 'erp', now(), '', 'D' || number, customer_id, key, ordered_on + 15, 'shipped', '', false,
        '', ''
    from erp_order where ordered_on + 15 <= %(as_of)s""",
    """insert into erp_delivery_line (key, source, synced_at, gone_reason, delivery_id, customer_id, order_line_id,
        text, quantity, unit)
    select d.key || '/' || l.position, 'erp', now(), '', d.key, d.customer_id, l.key, '', 10, 'pc'
    from erp_delivery d join erp_order_line l on l.order_id = d.order_id""",
    "analyze",
)
PLAIN = "select customer_id, sum(net_amount) from erp_invoice where deleted_at is null group by customer_id"
NOTHING_TOUCHED = (
    "create temp table touched_customer (key varchar primary key)",
    "create temp table touched_account (key varchar primary key)",
    "create temp table changed_table (name text primary key)",
)
TOUCH = (
    "insert into changed_table values ('erp_invoice')",
    """insert into touched_customer select distinct customer_id from (
        select customer_id from erp_invoice order by md5(key) limit %(touched)s) t""",
    """update erp_invoice set net_amount = net_amount + 1
    where key in (select key from erp_invoice order by md5(key) limit %(touched)s)""",
)
PARAMETERS: dict[str, int | date] = {
    "customers": CUSTOMERS,
    "invoices": INVOICES,
    "orders": ORDERS,
    "touched": TOUCHED,
    "as_of": AS_OF,
}


def measure() -> list[dict[str, object]]:
    """One row per step: seconds, rows it is about, and passes."""
    _execute(STATEMENTS)
    plain = min(_timed(lambda: _execute((PLAIN,))) for _ in range(3))
    steps = _full()
    _execute(NOTHING_TOUCHED)
    steps["next day, all customers"] = _timed(lambda: _publish(AS_OF + timedelta(days=1)))
    _execute(TOUCH)
    steps[f"publish of {TOUCHED:,} changed invoices"] = _timed(lambda: _publish(AS_OF + timedelta(days=1)))
    if current_day() != AS_OF + timedelta(days=1) or CustomerRollup.objects.count() != 2 * CUSTOMERS:
        raise RuntimeError("the roll-up did not reach every customer")
    sizes = {
        "customers": CUSTOMERS,
        "invoices": INVOICES,
        "open_items": INVOICES,
        "orders": ORDERS,
        "months": CustomerMonth.objects.count(),
    }
    return [
        {"step": name, "seconds": round(seconds, 2), "passes": round(seconds / plain, 1), "sizes": sizes}
        for name, seconds in (steps | {"plain aggregation of the invoices": plain}).items()
    ]


def _full() -> dict[str, float]:
    """Derive, link and roll up everything, step by step as recompute_all does."""
    with transaction.atomic():
        rollups.begin()
        steps = {"derived columns, first": _timed(lambda: rollups.derive(everything=True))}
        steps["link all customers"] = _timed(lambda: linking.link(AS_OF, full=True))
        steps["roll up all customers"] = _timed(_roll_up)
    _execute(("vacuum analyze",))
    with transaction.atomic():
        rollups.begin()
        steps["derived columns, unchanged"] = _timed(lambda: rollups.derive(everything=True))
        run("scope_drop")
    return steps


def _roll_up() -> None:
    rollups.roll_up(AS_OF, timezone.now(), everything=True, current=True)
    rollups.mark_day(AS_OF, timezone.now(), current=True)


def _publish(as_of: date) -> None:
    """What a source's publish asks of this layer."""
    with transaction.atomic():
        recompute(SimpleNamespace(as_of=as_of, full=False))


def _execute(statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, PARAMETERS)


def _timed(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
