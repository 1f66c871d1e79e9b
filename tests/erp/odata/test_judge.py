"""SAP's own mock server of OData v2 as judge: it must give our adapter the same rows as the stand-in does.

It serves SAP's own metadata of sales orders (judge/API_SALES_ORDER_SRV.edmx, MIT licence, from the public repository
gregorwolf/teched2020-DT261-cap); of the other services, whose metadata no licence lets us pass on, it serves the facts
in s4hana_facts.toml. It cannot filter by datetimeoffset, so change marks are left to the stand-in.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integration_hub.config import SourceConfig, hub
from integration_hub.erp.adapter import Question
from integration_hub.erp.odata.source import ODataAdapter
from tests.erp.odata.described import metadata
from tests.erp.odata.sap import Sap
from tests.erp.odata.world import BASE
from tests.node_packages import installed

pytestmark = [pytest.mark.external, pytest.mark.django_db]
HERE = Path(__file__).parent / "judge"
REAL = "API_SALES_ORDER_SRV"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """SAP's mock server, installed by npm."""
    return installed(HERE / "package.json", "odata-judge")


@pytest.fixture
def books(sap: Sap) -> Sap:
    """Documents whose keys have the same length, because the judge orders numbers as text, and no empty dates, which
    it takes for 1970.
    """
    for number in ("17", "18", "19"):
        sap.partner(number, f"Customer {number}", "2026-02-03", CreationDate="2025-01-01")["Customer"] = number
    for number in ("101", "102", "103", "104", "105"):
        sap.order(number, "100", "50", RequestedDeliveryDate="2026-03-20")
    for number in ("201", "202", "203"):
        days = {"PlannedGoodsIssueDate": "2026-03-02", "ActualGoodsMovementDate": "2026-03-03"}
        sap.delivery(number, "101", "2026-03-03", OverallGoodsMovementStatus="C", **days)
    for number, category in (("301", "M"), ("302", "O"), ("303", "M"), ("304", "N"), ("305", "U"), ("306", "P")):
        sap.bill(number, category, "100")
    for number in ("401", "402", "403"):
        sap.item(number, "119", BillingDocument="301")
    sap.reduces("405", "-19", "402")
    return sap


@pytest.fixture
def judge(books: Sap, node_modules: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the mock server with the stand-in's books."""
    services = []
    for root, sets in books.facts.items():
        folder = tmp_path / root.partition(";")[0]
        folder.mkdir()
        described = HERE / f"{root}.edmx"
        if root != REAL:
            described = folder / "metadata.xml"
            described.write_text(metadata(sets, "v2"), encoding="utf-8")
        files: dict[str, list[dict[str, Any]]] = {name: [] for name in sets}
        for path, rows in books.data.items():
            if path.startswith(f"{root}/"):
                for row in rows:
                    _spread(books, sets, path.rpartition("/")[2], row, files)
        for name, rows in files.items():
            (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
        services.append({"urlPath": f"{BASE}/{root}", "metadataPath": str(described), "mockdataPath": str(folder)})
    config = tmp_path / "judge.json"
    config.write_text(json.dumps({"services": services, "annotations": [], "plugins": []}))
    command = [shutil.which("node") or "node", str(HERE / "serve.cjs"), str(config)]
    environment = {**os.environ, "NODE_PATH": str(node_modules)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            yield f"http://127.0.0.1:{_port(server)}{BASE}"
        finally:
            server.terminate()


def _port(server: "subprocess.Popen[str]") -> str:
    said = []
    for line in server.stdout or ():
        said.append(line)
        if found := re.fullmatch(r"port (\d+)\n", line):
            return found[1]
    raise AssertionError("the judge does not listen: " + "".join(said))


def _spread(
    books: Sap, sets: Mapping[str, Any], name: str, row: Mapping[str, Any], files: dict[str, list[dict[str, Any]]]
) -> None:
    """A row and what it leads to, each into the file of its entity set; one row of a key is enough."""
    own: dict[str, Any] = {}
    for each, value in row.items():
        kind = sets[name][each]
        if kind.startswith("->"):
            for line in value if isinstance(value, list) else [value]:
                _spread(books, sets, kind.split()[-1], line, files)
        else:
            own[each] = books._value(value, kind)
    if own not in files[name]:
        files[name].append(own)


def _pulled(config: SourceConfig, stream: str) -> tuple[list[Any], dict[str, list[Any]], list[str], int | None]:
    adapter = ODataAdapter(replace(config, page_rows=2))
    try:
        wanted = next(each for each in config.streams if each.name == stream)
        batches = list(adapter.pull(Question(wanted)))
        rows = [_known(row) for batch in batches for row in batch.rows]
        beside: dict[str, list[Any]] = {}
        for batch in batches:
            for name, lines in batch.beside.items():
                beside.setdefault(name, []).extend(_known(line) for line in lines)
        totals = adapter.totals(wanted)
        keys = [key for page in adapter.keys(wanted) for key in page]
        return rows, {name: sorted(lines) for name, lines in beside.items()}, keys, totals.rows if totals else None
    finally:
        adapter.close()


def _known(row: Any) -> tuple[str, ...]:
    """A row without what the judge makes up where the books say nothing: zero, false, and the day of today."""
    return tuple("" if value in {None, "0", "false"} else value for value in row)


@pytest.mark.parametrize("stream", ["customers", "orders", "deliveries", "invoices", "credit_memos", "open_items"])
def test_the_judge_and_the_stand_in_give_the_same_rows(judge: str, books: Sap, stream: str) -> None:
    config = hub().source("sap")
    ours, theirs = _pulled(config, stream), _pulled(replace(config, url=judge), stream)
    assert len(ours[0]) > 1
    assert theirs == ours
