"""Finds what differs between linked ERP customers and their accounts, inside each publish, in one statement.

Nothing is written but the inbox: no value ever goes to the ERP or to Salesforce from here.
"""

import json
from dataclasses import asdict
from datetime import date, datetime

from django.db import connection

from customers.differences.countries import as_json
from customers.differences.fields import AMOUNT, FIELDS, ComparedField
from customers.models import DifferenceCheck
from customers.statements import Parameter, run
from integration_hub.config import Master, hub

# What no field can differ in.
NOTHING = """
select customer_id, account, erp_customer, field, master, erp_value, salesforce_value, falls_to
from difference
where false
"""
PAIRS = """
with delivered as (
    -- A source that never fills a column does not have it: that is no difference of all its customers.
    select source, {filled} from erp_customer where deleted_at is null group by source
),
pair as materialized (
    select l.customer_id, l.account, l.erp_customer, coalesce(a.owner_id, '') as owner,
        array[lower(u.email), lower(u.username)] as also, {sides}
    from account_link l
    join erp_customer e on e.key = l.erp_customer and e.deleted_at is null
    join sf_account a on a.key = l.account and a.deleted_at is null
    join delivered d on d.source = e.source
    left join sf_user u on u.key = a.owner_id
    where l.status = 'linked' and l.part_to is null and l.places is null {where}
)
{fields}
"""
# Field by field, as PostgreSQL keeps only 32 compiled regular expressions and would make others anew for each row.
ONE_FIELD = """
select customer_id, account, erp_customer, '{name}' as field, '{master}' as master, erp_value, salesforce_value,
    {falls_to} as falls_to
from (
    select t.*, {erp_form} as erp_form, {salesforce_form} as salesforce_form
    from (
        select p.customer_id, p.account, p.erp_customer, p.owner, p.also,
            p.erp_{name} as erp_value, p.salesforce_{name} as salesforce_value
        from pair p
    ) t
    -- Null is not known, on either side; most are the same as they are.
    where t.erp_value <> t.salesforce_value
    offset 0
) formed
where {differs}
"""
SCOPE = "and l.customer_id in (select customer_id from rollup_scope)"


def compare(as_of: date, at: datetime, *, everything: bool) -> int:
    """Bring the inbox up to date with the mirror; how many fields of the customers looked at differ.

    Without `everything` only the customers of the temporary table rollup_scope are looked at, as a publish left it;
    after another [masters] of hub.toml all are.
    """
    masters = dict(hub().masters.compared)
    told = json.dumps({name: asdict(master) for name, master in masters.items()}, sort_keys=True)
    before = DifferenceCheck.objects.first()
    everything = everything or before is None or before.masters != told
    found = _find(masters, everything=everything)
    run("difference_noted", at=at)
    run("difference", at=at, as_of=as_of)
    run("difference_gone", at=at, everything=everything, declared=list(masters))
    check = before or DifferenceCheck()
    check.compared_at, check.masters = at, told
    check.save()
    return found


def _find(masters: dict[str, Master], *, everything: bool) -> int:
    """Fill the temporary table difference_now; the number of its rows."""
    parameters: dict[str, Parameter] = {"countries": as_json()}
    statement = PAIRS.format(**_parts(masters, parameters), where="" if everything else SCOPE) if masters else NOTHING
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.difference_now")
        cursor.execute(f"create temporary table difference_now on commit drop as {statement}", parameters)
        found: int = cursor.rowcount
        cursor.execute("analyze difference_now")
    return found


def _parts(masters: dict[str, Master], parameters: dict[str, Parameter]) -> dict[str, str]:
    """What the fields that are compared put into the statement; the names of own Account fields become parameters."""
    filled, sides, fields = [], [], []
    for name, master in masters.items():
        field = FIELDS[name]
        empty = "is not null" if name == "credit_limit" else "<> ''"
        filled.append(f"bool_or({field.erp_column} {empty}) as {name}")
        sides.append(f"case when d.{name} then {field.erp_side} end as erp_{name}")
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
    return {"filled": ", ".join(filled), "sides": ", ".join(sides), "fields": "union all".join(fields)}


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
