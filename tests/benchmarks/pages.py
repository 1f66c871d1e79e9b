"""Server time of the pages of a customer with 50,000 invoices, through the whole stack but the network."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.publishing import recompute_all

AS_OF = date(2026, 11, 23)
INVOICES, OTHER_CUSTOMERS = 50_000, 2_000
ROUNDS, WARM_UP = 60, 5
TARGET_MS = 100
ACCOUNT, OWNER, ROLE = "001Dn00000AbCdEIAV", "005Dn000001aaaaIAA", "00EDn000000ssssMAA"

# Invented rows, made where they will lie: one big customer of two ERP customers, many small ones around it.
STATEMENTS = (
    """insert into sf_user_role (key, source, synced_at, gone_reason, name)
    values (%(role)s, 'salesforce', now(), '', 'Sales')""",
    """insert into sf_user (key, source, synced_at, gone_reason, username, name, email, is_active, role_id)
    values (%(owner)s, 'salesforce', now(), '', 'ana', 'Ana Duarte', 'ana@northgate.example', true, %(role)s)""",
    """insert into sf_account (key, source, synced_at, gone_reason, name, erp_number, owner_id, master_record,
        account_number, industry, type, phone, website, billing_street, billing_city, billing_postal_code,
        billing_country, currency, custom_fields)
    select case n when 0 then %(account)s else '001Dn000' || lpad(n::text, 10, '0') end, 'salesforce', now(), '',
        'Customer ' || n, '', %(owner)s, '', '', '', '', '', '', '', 'Rotterdam', '', 'NL', 'EUR', '{}'
    from generate_series(0, %(others)s) n""",
    """insert into erp_customer (key, source, synced_at, gone_reason, number, name, salesforce_account, vat_id, email,
        phone, website, street, postal_code, city, country, currency, payment_terms, salesperson, blocked,
        block_reason, archived)
    select 'erp:' || n, 'erp', now(), '', n::text, 'Customer ' || n,
        case when n <= 1 then %(account)s else '001Dn000' || lpad((n - 1)::text, 10, '0') end,
        '', '', '', '', '', '', 'Rotterdam', 'NL', 'EUR', '', '', false, '', false
    from generate_series(0, %(others)s) n""",
    """insert into erp_invoice (key, source, synced_at, gone_reason, number, kind, customer_id, issued_on, posted_on,
        due_on, currency, net_amount, tax_amount, gross_amount, company_currency, status, source_status,
        customer_reference)
    select 'erp:F' || n, 'erp', now(), '', 'F' || n, 'invoice', 'erp:' || customer, day, day, day + 30, 'EUR',
        100 + n %% 900, 19, 119 + n %% 900, 'EUR', case when n %% 40 = 0 then 'open' else 'paid' end, '', ''
    from (
        select n, case when n < %(invoices)s then n %% 2 else 2 + n %% (%(others)s - 2) end as customer,
            %(as_of)s::date - n %% 1100 as day
        from generate_series(0, %(invoices)s * 2 - 1) n
    ) made""",
    """insert into erp_product (key, source, synced_at, gone_reason, sku, name, category, unit)
    select 'erp:P' || n, 'erp', now(), '', 'P' || n, 'Product ' || n, 'Category ' || n %% 25, 'pc'
    from generate_series(0, 199) n""",
    """insert into erp_invoice_line (key, source, synced_at, gone_reason, invoice_id, customer_id, position, kind,
        product_id, text, quantity, unit, net_amount)
    select key || '/' || p, 'erp', now(), '', key, customer_id, p, 'goods',
        'erp:P' || (substr(key, 6)::int * 7 + p) %% 200, '', 1, 'pc', net_amount / 2
    from erp_invoice, generate_series(1, 2) p""",
    """insert into erp_open_item (key, source, synced_at, gone_reason, invoice_id, customer_id, number, issued_on,
        due_on, currency, amount, open_amount, dated_allocations, disputed, note)
    select key, 'erp', now(), '', key, customer_id, number, issued_on, due_on, currency, gross_amount,
        case status when 'open' then gross_amount else 0 end, true, false, ''
    from erp_invoice""",
    """insert into erp_payment (key, source, synced_at, gone_reason, number, customer_id, paid_on, currency, amount,
        unallocated_amount, reference)
    select 'erp:P' || key, 'erp', now(), '', 'P' || number, customer_id, due_on + 5, 'EUR', gross_amount,
        case when right(number, 2) = '13' then 10 else 0 end, ''
    from erp_invoice where status = 'paid'""",
    """insert into erp_allocation (key, source, synced_at, gone_reason, open_item_id, invoice_id, payment_id,
        customer_id, allocated_on, currency, amount)
    select 'erp:A' || key, 'erp', now(), '', key, key, 'erp:P' || key, customer_id, due_on + 5, 'EUR', gross_amount
    from erp_invoice where status = 'paid'""",
    """insert into erp_order (key, source, synced_at, gone_reason, number, customer_id, ordered_on, promised_on,
        shipped_on, currency, net_amount, company_currency, status, source_status, hold_reason,
        customer_reference, salesperson)
    select 'erp:O' || key, 'erp', now(), '', 'O' || number, customer_id, issued_on - 20, issued_on - 2,
        case status when 'paid' then issued_on - 3 end, 'EUR', net_amount, 'EUR',
        case status when 'paid' then 'done' else 'open' end, '', '', '', ''
    from erp_invoice""",
    """insert into erp_order_line (key, source, synced_at, gone_reason, order_id, customer_id, position, kind,
        product_id, text, quantity, unit, net_amount, cancelled)
    select key || '/1', 'erp', now(), '', key, customer_id, 1, 'goods', 'erp:P1', '', 10, 'pc', net_amount, false
    from erp_order""",
    """insert into erp_delivery (key, source, synced_at, gone_reason, number, customer_id, order_id, shipped_on, status,
        source_status, is_return, carrier, tracking)
    select 'erp:D' || key, 'erp', now(), '', 'D' || number, customer_id, key, shipped_on, 'shipped', '', false, '', ''
    from erp_order where shipped_on is not null""",
)


@contextmanager
def big_customer() -> Iterator[tuple[Client, int]]:
    """The data and a signed-in account manager who owns the big customer."""
    parameters: dict[str, str | int | date] = {
        "role": ROLE,
        "owner": OWNER,
        "account": ACCOUNT,
        "others": OTHER_CUSTOMERS,
        "invoices": INVOICES,
        "as_of": AS_OF,
    }
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, parameters)
        cursor.execute("analyze")
    recompute_all(AS_OF, current=True)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    user = User.objects.create_user("ana", "ana@northgate.example", "a long enough password")
    user.groups.add(Group.objects.get_or_create(name="Account managers")[0])
    client = Client()
    client.force_login(user)
    yield client, Customer.objects.get(account=ACCOUNT).pk


def measure() -> list[dict[str, object]]:
    """One row per page: median and 95th percentile in milliseconds, number of queries' rows behind it."""
    with big_customer() as (client, pk):
        paths = {
            "customer page": reverse("customers:detail", args=(pk,)),
            "timeline": reverse("customers:timeline", args=(pk,)),
            "products": reverse("customers:products", args=(pk,)),
            "lines of a product category": reverse("customers:product", args=(pk, "Category 3")),
            "invoices": reverse("customers:invoices", args=(pk,)),
            "evidence of revenue this year": reverse("customers:figure", args=(pk, "revenue_ytd")),
            "open items": reverse("customers:open_items", args=(pk,)),
            "settlements": reverse("customers:settlements", args=(pk,)),
            "statement": reverse("customers:statement", args=(pk,)),
            "statement, three months": f"{reverse('customers:statement', args=(pk,))}?mode=activity",
            "pre-call card": reverse("customers:pre_call", args=(pk,)),
            "customer list": reverse("customers:list"),
        }
        return [_timed(client, name, path) for name, path in paths.items()]


def _timed(client: Client, name: str, path: str) -> dict[str, object]:
    times = []
    for _ in range(ROUNDS + WARM_UP):
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    times = sorted(times[WARM_UP:])
    p95 = times[int(len(times) * 0.95) - 1]
    result: dict[str, object] = {
        "page": name,
        "invoices_of_the_customer": INVOICES,
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(p95, 1),
    }
    if name == "customer page":
        result |= {"target_p95_ms": TARGET_MS, "met": p95 < TARGET_MS}
    return result
