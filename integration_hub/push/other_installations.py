"""Another installation that pushes to the same org: noticed by its mark, a text beside the figures (measure
"installation"), before anything is sent. Two of them would overwrite each other's figures for ever, each taking those
of the other for edits by hand; a lock of the database cannot tell, as each has a database of its own.
"""

import secrets
from collections.abc import Sequence

from django.db import connection

from integration_hub.config import PushField
from integration_hub.installation import restored
from integration_hub.models import Installation
from integration_hub.push.brake import PushRefused

MEASURE = "installation"
"""What a push field names to carry the mark."""
# Where our own mark was acknowledged and another one stands now, the other installation has written since.
FOREIGN = """
select l.values ->> %(field)s, count(*), bool_or(p.value = %(ours)s)
from hub_live_account as l left join hub_pushed_value as p on p.account = l.account and p.field = %(field)s
where l.organization = %(organization)s and coalesce(l.values ->> %(field)s, '') not in ('', %(ours)s)
group by 1 order by 2 desc, 1
"""


def mark() -> str:
    """What tells this installation from others: twelve letters and digits, the same for ever."""
    here = Installation.objects.first()
    if here is None:
        restored.look()
    if here is None or not here.mark:
        # Whoever comes second takes what the first one stored.
        Installation.objects.filter(mark="").update(mark=secrets.token_hex(6))
        here = Installation.objects.get()
    return here.mark


def check_alone(organization: str, rules: Sequence[PushField], *, take_over: str) -> None:
    """Raise PushRefused where another installation's mark stands in the org, as it was read last. `take_over` is the
    mark of one whose place this one takes from now on; it counts until that one writes again.
    """
    field = next((rule.field for rule in rules if rule.measure == MEASURE), "")
    if not field:
        return
    ours = mark()
    here = Installation.objects.get()
    replaced = here.taken_over.split()
    if take_over and take_over not in replaced:
        here.taken_over = " ".join([*replaced, take_over])
        here.save(update_fields=["taken_over"])
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN, {"field": field, "ours": ours, "organization": organization})
        for other, accounts, again in cursor.fetchall():
            if other != take_over and (other not in replaced or again):
                raise _refused(other, accounts, ours, again=bool(again))


def _refused(other: str, accounts: int, ours: str, *, again: bool) -> PushRefused:
    named = "1 account carries" if accounts == 1 else f"{accounts:,} accounts carry"
    what = "has written over what this one pushed" if again else "pushes to this org as well"
    return PushRefused(
        f"Another installation of Customer 360 {what}: {named} its mark {other} (this one is {ours}).",
        "Nothing was sent: two of them would overwrite each other's figures for ever.",
        "Only one may push: set enabled = false under [push] in the hub.toml of all others. If this one is to push, "
        f"run then: manage.py push --take-over {other}.",
    )
