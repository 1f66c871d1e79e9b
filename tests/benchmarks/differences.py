"""The inbox of differences between 200,000 linked ERP customers and their accounts, and one decision about a link.

Of the pairs a third are written otherwise but the same, one in twenty differs in a field, and every hundredth changes
for the increment. A tenth more ERP customers have no account; one of them is given one, which links it, and brings the
figures of both, the totals and the inbox up to date before the click is answered. BENCH_PAIRS makes it smaller.
"""

import os
import time
from collections.abc import Callable
from datetime import date
from functools import partial

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from customers.deciding.acts import Wanted, decide
from customers.differences.detection import compare
from customers.models import AccountLink, Difference, LinkStatus, LinkVerdict
from customers.publishing import recompute_all

PAIRS = int(os.environ.get("BENCH_PAIRS", "200000"))
AS_OF = date(2026, 11, 23)
SCRATCH_TARGET, CHANGED_TARGET, DECISION_TARGET = 15, 2, 1
PARAMETERS: dict[str, int | date] = {"pairs": PAIRS, "customers": PAIRS + PAIRS // 10, "as_of": AS_OF}

# Invented rows.
STATEMENTS = (
    """insert into sf_account (key, source, synced_at, gone_reason, name, erp_number, owner_id, master_record,
        account_number, industry, type, phone, website, billing_street, billing_city, billing_postal_code,
        billing_country, currency, custom_fields)
    select '001' || lpad(n::text, 12, '0') || 'AAA', 'salesforce', now(), '',
        'Works ' || n || case when n %% 3 = 0 then ' G.m.b.H.' else ' GmbH' end,
        case when n < %(pairs)s then n::text else '' end, null, '', '', '', '',
        case when n %% 3 = 0 then '0049 711/' else '+49 711 ' end || 100000 + n, 'https://www.works' || n || '.example',
        case when n %% 3 = 0 then 'Industriestr. ' else 'Industriestraße ' end || n %% 90,
        case when n %% 20 = 0 then 'Ulm' else 'Stuttgart' end, '70173', 'Germany', 'EUR',
        jsonb_build_object('VAT_Number__c', 'DE' || 100000000 + n, 'Payment_Terms__c', 'Net 30',
            'Credit_Limit__c', 5000)
    from generate_series(0, %(customers)s - 1) n""",
    """insert into erp_customer (key, source, synced_at, gone_reason, number, name, salesforce_account, vat_id, email,
        phone, website, street, postal_code, city, country, currency, payment_terms, credit_limit, salesperson, blocked,
        block_reason, archived)
    select 'erp:' || n, 'erp', now(), '', n::text, 'Works ' || n || ' GmbH', '', 'DE' || 100000000 + n, '',
        '+49 711 ' || 100000 + n, 'works' || n || '.example', 'Industriestraße ' || n %% 90, '70173', 'Stuttgart', 'DE',
        'EUR', '30 days net', 5000, '', false, '', false
    from generate_series(0, %(customers)s - 1) n""",
    """insert into erp_invoice (key, source, synced_at, gone_reason, number, kind, customer_id, issued_on, posted_on,
        due_on, currency, net_amount, tax_amount, gross_amount, company_currency, status, source_status,
        customer_reference)
    select 'erp:F' || n, 'erp', now(), '', 'F' || n, 'invoice', 'erp:' || n %% %(customers)s, day, day, day + 30, 'EUR',
        100, 0, 119, '', 'paid', '', ''
    from (select n, %(as_of)s::date - (n %% 700) as day from generate_series(1, %(customers)s) n) made""",
    "analyze",
)
CHANGE = (
    "update erp_customer set city = 'Karlsruhe', phone = '+49 721 5' || number where number::int %% 100 = 1",
    "drop table if exists pg_temp.rollup_scope",
    """create temp table rollup_scope as
    select customer_id from account_link l join erp_customer c on c.key = l.erp_customer where c.city = 'Karlsruhe'""",
    "analyze rollup_scope",
)


def measure() -> list[dict[str, object]]:
    """A row for each step."""
    _execute(STATEMENTS)
    results = [_timed("link, roll up and compare all", lambda: recompute_all(AS_OF, current=True))]
    _execute(("truncate difference, difference_note", "vacuum (analyze)"))
    results += [
        _timed("differences, from scratch", lambda: _compare(everything=True), SCRATCH_TARGET),
        _timed("differences, all again", lambda: _compare(everything=True), SCRATCH_TARGET),
    ]
    _execute(CHANGE)
    results.append(_timed("differences, 1 % changed", lambda: _compare(everything=False), CHANGED_TARGET))
    user = User.objects.create_superuser("bench")
    open_links = AccountLink.objects.filter(status=LinkStatus.UNLINKED).values_list("erp_customer", flat=True)
    for number, erp_customer in enumerate(open_links.order_by("erp_customer")[:3]):
        wanted = Wanted(LinkVerdict.ACCEPT, erp_customer, f"001{number + PAIRS:012}AAA")
        results.append(_timed("one link accepted", partial(decide, user, wanted), DECISION_TARGET))
        if AccountLink.objects.get(pk=erp_customer).status != LinkStatus.LINKED:
            raise RuntimeError("the decision did not link")
    return results


@transaction.atomic
def _compare(*, everything: bool) -> int:
    return compare(AS_OF, timezone.now(), everything=everything)


def _timed(name: str, step: Callable[[], object], target: float | None = None) -> dict[str, object]:
    start = time.perf_counter()
    step()
    seconds = time.perf_counter() - start
    result: dict[str, object] = {
        "step": name,
        "linked": AccountLink.objects.filter(status=LinkStatus.LINKED).count(),
        "open_differences": Difference.objects.filter(closed_at=None).count(),
        "seconds": round(seconds, 2),
    }
    return result if target is None else result | {"target_seconds": target, "met": seconds < target}


def _execute(statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, PARAMETERS)
