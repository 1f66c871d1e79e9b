"""Finds what differs between accounts and the ERP customers linked to them, inside each publish.

An account has one name and one address, so one ERP customer is compared with it: the leading one of those linked. One
that a rule shares leads only where no whole one is linked, and is compared with each of its accounts so, but only in
what is the company's, as its name: an address or a credit limit is not divided over accounts.
Nothing is written but the inbox: no value ever goes to the ERP or to Salesforce from here.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import connection

from customers.differences.countries import as_json
from customers.differences.fields import AMOUNT, FIELDS, ComparedField
from customers.models import DifferenceCheck
from customers.period import last_12_months
from customers.statements import Parameter, run
from integration_hub.config import Master, hub

# What no field can differ in.
NOTHING = """
select customer_id, account, erp_customer, field, master, erp_value, salesforce_value, falls_to
from difference
where false
"""
NO_PAIR = "select ''::text as account, ''::text as erp_customer where false"
# Of several ERP customers the one leads whose number the account carries, else the one with the most revenue of the
# last 12 months, else the first by key: customers/differences/leading.py says the same of one account.
PAIRS = """
with delivered as materialized (
    {delivered}
),
linked as (
    select l.customer_id, l.account, l.erp_customer, count(*) over (partition by l.account) as together,
        l.part_to is not null or l.places is not null as is_shared,
        btrim(a.erp_number) in (btrim(e.number), c.code || '/' || btrim(e.number)) and e.number <> '' as is_carried
    from account_link l
    join erp_customer e on e.key = l.erp_customer and e.deleted_at is null
    join sf_account a on a.key = l.account and a.deleted_at is null
    left join erp_company c on c.key = e.company_id
    where l.status = 'linked' {where}
),
leader as (
    select distinct on (l.account) l.customer_id, l.account, l.erp_customer, l.is_shared
    from linked l
    left join lateral (
        select sum(i.reporting_amount) as revenue
        from erp_invoice i
        where l.together > 1 and i.customer_id = l.erp_customer and i.deleted_at is null
            and i.revenue_on between %(year_start)s and %(year_end)s
    ) r on true
    order by l.account, l.is_shared, l.is_carried desc nulls last, r.revenue desc nulls last, l.erp_customer
)
select l.customer_id, l.account, l.erp_customer, coalesce(a.owner_id, '') as owner,
    array[lower(u.email), lower(u.username)] as also, {sides}
from leader l
join erp_customer e on e.key = l.erp_customer
join sf_account a on a.key = l.account
join delivered d on d.source = e.source
left join sf_user u on u.key = a.owner_id
"""
# A source that never fills a column does not have it: that is no difference of all its customers.
DELIVERED = """
    select source, {filled},
        (select min(currency) <> max(currency) from sf_account where deleted_at is null) as several_currencies
    from erp_customer where deleted_at is null group by source
"""
KEPT = """
    select s.key as source, {kept}
    from jsonb_each(%(delivered)s::jsonb) s
"""
SEVERAL = "several_currencies"
# Field by field, as PostgreSQL keeps only 32 compiled regular expressions and would make others anew for each row.
ONE_FIELD = """
select customer_id, account, erp_customer, '{name}' as field, '{master}' as master, erp_value, salesforce_value,
    {falls_to} as falls_to
from (
    select t.*, {erp_form} as erp_form, {salesforce_form} as salesforce_form
    from (
        select p.customer_id, p.account, p.erp_customer, p.owner, p.also,
            p.erp_{name} as erp_value, p.salesforce_{name} as salesforce_value
        from difference_pair p
    ) t
    -- Null is not known, on either side; most are the same as they are.
    where t.erp_value <> t.salesforce_value
    offset 0
) formed
where {differs}
"""
# Another rule than the one that the latest comparison went by compares everything once.
RULE = "one leading ERP customer, shared ones too"
# What is the company's, however many accounts share it.
OF_THE_COMPANY = frozenset({"name", "vat", "payment_terms"})
SCOPE = "and l.customer_id in (select customer_id from difference_scope)"


Delivered = dict[str, dict[str, bool]]
"""By source, which of the fields it ever fills."""


def compare(as_of: date, at: datetime, *, everything: bool, touched: Sequence[int] | None = None) -> int:
    """Bring the inbox up to date with the mirror; how many fields of the customers looked at differ.

    Without `everything` only the customers of the temporary table rollup_scope are looked at, as a publish left it, and
    those whose owner or ERP company it wrote; after another [masters] of hub.toml, or the first value in a column that
    a source had never filled, all are. `touched` are those customers where nothing was published.
    """
    masters = dict(hub().masters.compared)
    told = json.dumps({name: asdict(master) for name, master in masters.items()} | {"rule": RULE}, sort_keys=True)
    before = DifferenceCheck.objects.first()
    everything = everything or before is None or before.masters != told
    among = None if everything or touched is None else list(touched)
    # What no publish changed is as the latest one found it.
    delivered = before.delivered if before is not None and among is not None else None
    if delivered is None:
        delivered = _delivered(masters)
        everything = everything or before is None or delivered != before.delivered
    run("difference_scope", since=before.compared_at if before else None, everything=everything)
    found = _find(masters, as_of, delivered, everything=everything)
    run("difference_noted", at=at)
    run("difference", at=at, as_of=as_of)
    run("difference_gone", at=at, everything=everything, declared=list(masters), customers=among)
    check = before or DifferenceCheck()
    check.compared_at, check.masters = at, told
    check.delivered = delivered
    check.save()
    return found


def _delivered(masters: dict[str, Master]) -> Delivered:
    if not masters:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(DELIVERED.format(filled=", ".join(map(_filled, masters))))
        names = [*masters, SEVERAL]
        return {source: dict(zip(names, told, strict=True)) for source, *told in cursor.fetchall()}


def _filled(name: str) -> str:
    empty = "is not null" if name == "credit_limit" else "<> ''"
    return f"coalesce(bool_or({FIELDS[name].erp_column} {empty}), false) as {name}"


def _find(masters: dict[str, Master], as_of: date, delivered: Delivered, *, everything: bool) -> int:
    """Fill the temporary tables difference_pair, with both values of each field, and difference_now, with those that
    differ; the number of the latter.
    """
    year = last_12_months(as_of)
    parameters: dict[str, Parameter] = {"countries": as_json(), "year_start": year.start, "year_end": year.end}
    parameters["delivered"] = json.dumps(delivered)
    parts = _parts(masters, parameters)
    kept = ", ".join(f"(s.value ->> '{name}')::boolean as {name}" for name in (*masters, SEVERAL))
    parts["delivered"] = KEPT.format(kept=kept)
    pairs = PAIRS.format(**parts, where="" if everything else SCOPE) if masters else NO_PAIR
    with connection.cursor() as cursor:
        for name, statement in (("difference_pair", pairs), ("difference_now", parts["fields"] or NOTHING)):
            cursor.execute(f"drop table if exists pg_temp.{name}")
            cursor.execute(f"create temporary table {name} on commit drop as {statement}", parameters)
            found: int = cursor.rowcount
            cursor.execute(f"analyze {name}")
    return found


def _parts(masters: dict[str, Master], parameters: dict[str, Parameter]) -> dict[str, str]:
    """What the fields that are compared put into the statement; the names of own Account fields become parameters."""
    sides, fields = [], []
    for name, master in masters.items():
        field = FIELDS[name]
        told = f"d.{name}" if name in OF_THE_COMPANY else f"d.{name} and not l.is_shared"
        sides.append(f"case when {told} then {field.erp_side} end as erp_{name}")
        sides.append(f"{_salesforce_side(field, master, parameters)} as salesforce_{name}")
        fields.append(
            ONE_FIELD.format(
                name=name,
                master=master.master,
                falls_to="owner" if master.master == "erp" else "''",
                erp_form=field.form.format(v="erp_value"),
                salesforce_form=field.form.format(v="salesforce_value"),
                differs=field.differs,
            )
        )
    return {"sides": ", ".join(sides), "fields": "union all".join(fields)}


def _salesforce_side(field: ComparedField, master: Master, parameters: dict[str, Parameter]) -> str:
    if not master.salesforce_field:
        return field.salesforce
    key = f"field_{field.name}"
    parameters[key] = master.salesforce_field
    text = f"coalesce(a.custom_fields ->> %({key})s, '')"
    if field.name == "credit_limit":
        amount = AMOUNT.format(amount=f"({text})::numeric", currency="a.currency")
        text = rf"case when {text} ~ '^-?\d+(\.\d+)?$' then {amount} else {text} end"
    # A field that was never read is not there at all: whether it is filled is not known.
    return f"case when a.custom_fields ? %({key})s then {text} end"
