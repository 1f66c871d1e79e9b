"""A comparison on demand names the same rows whether source and mirror hash their own or all rows are read."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from pytest_django import Settings

from integration_hub import reconcile as reconciling
from integration_hub import reconcile_hashes
from integration_hub.models import ErpOrder, RunKind
from integration_hub.reconcile import reconcile
from integration_hub.reconcile_compared import Compared
from integration_hub.runs import start_run
from tests.integration_hub.warehouse.world import SQL_ERP
from tests.integration_hub.warehouse.world import brought_up_to_date as sync

CONFIG = (
    SQL_ERP
    + """[[sources.streams]]
name = "orders"
target = "erp_order"
query = '''select no, company, day, promised, currency, net, gross, state, remark, held, firm, changed
    from rh_order -- a comment'''
cursor = "changed"
columns.key = "no"
columns.number = { source = "no", strip_zeros = true }
columns.company = "company"
columns.ordered_on = "day"
columns.promised_on = { source = "promised", formats = ["DD.MM.YYYY"] }
columns.net_amount = "net"
columns.gross_amount = { source = "gross", decimal_comma = true }
columns.status = { source = "state", values = { "1" = "open", "2" = "done" } }
columns.source_status = "state"
columns.customer_reference = "remark"
columns.hold_reason = { source = ["held", "company"], separator = " in " }
columns.source_modified_at = "changed"
filters = [{ column = "firm", exclude = ["f"] }]
"""
)
ROWS = 600


@pytest.fixture
def erp(tmp_path: Path, settings: Settings, db: None) -> Iterator[psycopg.Connection]:
    """The ERP's own connection: orders of three companies over a year, with texts that must be read in many ways."""
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG, encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"], autocommit=True) as connection:
        connection.execute("drop table if exists rh_order")
        connection.execute(
            f"""create table rh_order as select lpad(n::text, 6, '0') as no, (1000 + n % 3)::text as company,
                date '2026-01-01' + n % 300 as day, to_char(date '2026-02-01' + n % 200, 'DD.MM.YYYY') as promised,
                (array['EUR', 'usd', ' JPY '])[1 + n % 3] as currency, (n * 7 % 9000 + 0.5)::numeric(12, 2) as net,
                '1.' || lpad((n % 1000)::text, 3, '0') || ',5' as gross, 1 + n % 2 as state,
                case n % 5 when 0 then null when 1 then '' else repeat('Größe | ', n % 40) end as remark,
                case when n % 7 = 0 then 'held' end as held, n % 50 > 0 as firm,
                timestamptz '2026-09-01 12:00+00' + n * interval '1 ms' as changed from generate_series(1, {ROWS}) n"""
        )
        connection.execute("grant select on rh_order to erp_reader")
        try:
            yield connection
        finally:
            connection.execute("drop table rh_order")


def compare() -> Compared:
    """One comparison on demand."""
    (found,) = reconcile(start_run(RunKind.RECONCILE, "main"))
    return found


def both(monkeypatch: pytest.MonkeyPatch) -> tuple[Compared, Compared]:
    """The comparison by hashes, which must not read a row whole, and the one by a whole read."""
    with monkeypatch.context() as patch:
        patch.setattr(reconciling, "stage_stream", unwanted)
        by_hashes = compare()
    with monkeypatch.context() as patch:
        patch.setattr(reconciling, "compared_by_hashes", lambda *_: None)
        return by_hashes, compare()


def unwanted(*_: object) -> None:
    """What must not be called."""
    raise AssertionError("all rows were read")


def documents(found: Compared) -> dict[str, set[str]]:
    """Keys named in the groups, with what is said of them."""
    said: dict[str, set[str]] = {}
    for group in found.groups:
        for each in group["documents"]:
            said.setdefault(each["key"], set()).add(each["what"])
    return said


def test_rows_whose_texts_are_read_in_many_ways_agree_without_being_read(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    by_hashes, by_reading = both(monkeypatch)
    assert (by_hashes.agrees, by_hashes.source_rows, by_hashes.mirror_rows) == (True, ROWS - 12, ROWS - 12)
    assert by_hashes == by_reading
    assert set(by_hashes.source_sums) == {"net_amount", "gross_amount"}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_differs_is_named_as_a_whole_read_names_it(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    sync()
    monkeypatch.setattr("integration_hub.reconcile_cells.ROWS_IN_A_CELL", (1, 5, 50, 5000)[seed])
    chance = random.Random(seed)  # noqa: S311 - the same choice in every run
    keys = sorted(ErpOrder.objects.values_list("key", flat=True))
    value, text, month, missing, extra = (
        chance.sample(part, 3) for part in (keys[:100], keys[100:200], keys[200:300], keys[300:400], keys[400:])
    )
    ErpOrder.objects.filter(key__in=value).update(net_amount=chance.randrange(10**6))
    ErpOrder.objects.filter(key__in=text).update(customer_reference="another")
    ErpOrder.objects.filter(key__in=month).update(ordered_on="2025-12-31")
    ErpOrder.objects.filter(key__in=missing).delete()
    erp.execute("delete from rh_order where no = any (%s)", [[key.removeprefix("main:") for key in extra]])
    by_hashes, by_reading = both(monkeypatch)
    others = ", ".join([*sorted(missing), *sorted([*value, *text, *month])][:10])
    assert by_hashes.detail.startswith(
        f"3 rows are missing here and 9 rows have other values: {others}."
        f" 3 rows are here but not in the source: {', '.join(sorted(extra))}."
    )
    same = {"source_rows", "mirror_rows", "source_sums", "mirror_sums", "waiting"}
    assert {name: getattr(by_hashes, name) for name in same} == {name: getattr(by_reading, name) for name in same}
    assert by_reading.detail.split(". ")[:2] == by_hashes.detail.split(". ")[:2]
    known = {(group["company"], group["month"], group["currency"]): group for group in by_hashes.groups}
    for group in by_reading.groups:
        more = known[group["company"], group["month"], group["currency"]]
        # A whole read names the documents of some groups, and none whose amounts agree.
        assert all(document in more["documents"] for document in group["documents"])
        assert {**more, "documents": []} == {**group, "documents": []}
    said = documents(by_hashes)
    assert said == {
        **{key: {"other"} for key in [*value, *text]},
        **{key: {"missing", "extra"} for key in month},
        **{key: {"missing"} for key in missing},
        **{key: {"extra"} for key in extra},
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda erp: erp.execute("insert into rh_order select * from rh_order where no = '000007'"), ""),
        (lambda erp: erp.execute("update rh_order set promised = 'soon' where no = '000007'"), "cannot be read"),
        (lambda erp: erp.execute("update rh_order set net = 'NaN' where no = '000007'"), "cannot be read"),
        (lambda erp: erp.execute("update rh_order set day = 'infinity' where no = '000007'"), "cannot be read"),
        (lambda erp: erp.execute("update rh_order set no = '' where no = '000007'"), "cannot be read"),
    ],
    ids=["a key twice", "a text that is no date", "no number", "no day", "an empty key"],
)
def test_what_hashes_cannot_tell_is_told_by_a_whole_read(
    erp: psycopg.Connection, change: Callable[[psycopg.Connection], object], told: str
) -> None:
    sync()
    change(erp)
    found = compare()
    assert told in found.detail
    assert (found.source_rows, found.mirror_rows) == (ROWS - 12, ROWS - 12)


def test_where_very_much_differs_all_rows_are_read(erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sync()
    ErpOrder.objects.update(net_amount=1)
    monkeypatch.setattr(reconcile_hashes, "MOST_ROWS", 500)
    monkeypatch.setattr(reconcile_hashes, "_named", unwanted)
    found = compare()
    assert "588 rows have other values" in found.detail


def test_an_order_of_another_source_is_none_of_these(erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sync()
    ErpOrder.objects.create(key="other:1", source="other", synced_at=timezone.now(), number="1")
    ErpOrder.objects.filter(key="main:000007").update(deleted_at=timezone.now(), gone_reason="missing")
    by_hashes, by_reading = both(monkeypatch)
    assert by_hashes.detail.startswith("1 row is missing here: main:000007.")
    assert replace(by_hashes, detail="", groups=[]) == replace(by_reading, detail="", groups=[])
