"""Matching ERP customers with accounts: how good it is on labelled data, and how fast on 200,000 of each.

Quality is measured on the scoring seeds of tests/customers/matching/corruptions.py, which nothing was tuned on, and on
a labelled set of your own: BENCH_LABELLED names a CSV (the benchmark says how it looks where none is named). The curve
of all seeds together is written to customers/matching/measured.json when BENCH_KEEP=1. BENCH_RECORDS makes the second
part smaller, 0 leaves it out. `cpu_seconds` is the time of this process alone, without PostgreSQL's.
"""

import json
import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import SimpleNamespace

from django.db import connection, transaction

from customers import matching
from customers.matching.measured import MEASURED, Automatic
from customers.models import LinkProposal, MatchRecord, MatchState
from integration_hub.models import ErpCustomer, SfAccount
from tests.customers.matching.corruptions import SCORING, Labelled, labelled
from tests.customers.matching.mirror import FILE, fill, from_file

RECORDS = int(os.environ.get("BENCH_RECORDS", "200000"))
CHANGED, PART, SPEED_SEED = 1000, 4000, 700_000
THRESHOLDS = tuple(
    map(Decimal, ("0.02", "0.05", "0.1", "0.2", "0.3", "0.5", "0.7", "0.8", "0.9", "0.95", "0.98", "0.99"))
)
PRECISION_TARGET, RECALL_TARGET = 0.999, 0.98
SECONDS_TARGET, MB_TARGET, INCREMENT_TARGET = 600, 2048, 10
TABLES = "erp_customer, sf_account, customer, account_link, link_proposal, match_record, match_block, match_state"


def measure() -> list[dict[str, object]]:
    """A row for each scored set, for each threshold of all seeds together, and for each step of the large one."""
    own = _own_set()
    results: list[dict[str, object]] = []
    curve: dict[Decimal, list[int]] = defaultdict(lambda: [0, 0, 0])
    customers = 0
    for seed in SCORING:
        parties = labelled(seed)
        results.append(_quality(f"seed {seed}", parties))
        _add_to(curve, parties)
        customers += len(parties.customers)
    automatic = Automatic(
        *(sum(int(str(row[name])) for row in results) for name in ("automatic", "automatic_wrong", "same"))
    )
    results.append(_shown(automatic))
    rows = [_at(threshold, *curve[threshold]) for threshold in THRESHOLDS]
    if os.environ.get("BENCH_KEEP") == "1":
        kept = {"seeds": SCORING, "customers": customers, "automatic": asdict(automatic), "thresholds": rows}
        MEASURED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    results += [{"step": f"all seeds, score {row['threshold']} or more", **row} for row in rows]
    results += [_quality(name, parties) for name, parties in own.items()]
    return results + (_speed() if RECORDS else [])


def _own_set() -> dict[str, Labelled]:
    """The set that BENCH_LABELLED names, read before minutes are spent on the others; says how one looks."""
    path = os.environ.get("BENCH_LABELLED")
    try:
        found = {Path(path).name: from_file(Path(path))} if path else {}
    except (OSError, ValueError) as problem:
        raise SystemExit(f"BENCH_LABELLED: {problem}\n\n{FILE}") from problem
    if not found:
        print(f"To score matching on pairs of your own, name a file in BENCH_LABELLED.\n{FILE}\n")
    return found


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {TABLES} cascade")


def _quality(name: str, parties: Labelled) -> dict[str, object]:
    _empty()
    fill(parties)
    matching.match_all()
    proposed = list(LinkProposal.objects.values_list("erp_customer", "account", "certain"))
    certain = [(customer, account) for customer, account, is_certain in proposed if is_certain]
    right = sum(pair in parties.same for pair in certain)
    found = sum((customer, account) in parties.same for customer, account, _ in proposed)
    precision, recall = _share(right, len(certain)), _share(found, len(parties.same))
    return {
        "step": name,
        "customers": len(parties.customers),
        "accounts": len(parties.accounts),
        "same": len(parties.same),
        "automatic": len(certain),
        "automatic_wrong": len(certain) - right,
        "automatic_precision": precision,
        "recall": recall,
        "proposals_each": round(len(proposed) / max(len(parties.customers), 1), 2),
        "met": precision >= PRECISION_TARGET and recall >= RECALL_TARGET,
    }


def _shown(automatic: Automatic) -> dict[str, object]:
    """What all seeds together show of the automatic links: a share alone says nothing of how many it rests on."""
    return {
        "step": "all seeds, automatic links",
        "automatic": automatic.links,
        "automatic_wrong": automatic.wrong,
        "same": automatic.same,
        "precision_at_least": str(automatic.at_least),
        "met": automatic.at_least >= Decimal(str(PRECISION_TARGET)),
    }


def _add_to(curve: Mapping[Decimal, list[int]], parties: Labelled) -> None:
    scores = list(LinkProposal.objects.values_list("erp_customer", "account", "score"))
    for threshold in THRESHOLDS:
        kept = [(customer, account) for customer, account, score in scores if score >= threshold]
        so_far = curve[threshold]
        so_far[0] += len(kept)
        so_far[1] += sum(pair in parties.same for pair in kept)
        so_far[2] += len(parties.same)


def _at(threshold: Decimal, proposed: int, right: int, same: int) -> dict[str, object]:
    return {
        "threshold": str(threshold),
        "proposed": proposed,
        "right": right,
        "same": same,
        "precision": _share(right, proposed),
        "recall": _share(right, same),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 1.0


def _speed() -> list[dict[str, object]]:
    _empty()
    _fill_many()
    first = _timed("everything from scratch", matching.match_all, SECONDS_TARGET)
    first["proposals"] = LinkProposal.objects.count()
    customers = list(ErpCustomer.objects.order_by("fingerprint", "key")[: CHANGED // 2].values_list("key", flat=True))
    accounts = list(SfAccount.objects.order_by("fingerprint", "key")[: CHANGED // 2].values_list("key", flat=True))
    ErpCustomer.objects.filter(key__in=customers).update(phone="+49 711 4711471", email="")
    SfAccount.objects.filter(key__in=accounts).update(phone="+49 711 4711472", website="")
    increment = _timed(f"{CHANGED:,} changed", lambda: _publish(customers, accounts), INCREMENT_TARGET)
    if MatchState.objects.filter(pending=True).exists():
        raise RuntimeError("the increment was left for later")
    return [first, increment, _timed("nothing changed", matching.match_all, INCREMENT_TARGET)]


def _fill_many() -> None:
    """Sets of other seeds than those that are tuned or scored, until there are enough."""
    for number in count():
        fill(labelled(SPEED_SEED + number, PART, demo=False))
        if SfAccount.objects.count() >= RECORDS:
            break
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) erp_customer, sf_account, customer, account_link")


@transaction.atomic
def _publish(customers: Iterable[str], accounts: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for table, keys in (("touched_customer", customers), ("touched_account", accounts)):
            cursor.execute(f"create temp table {table} (key varchar primary key) on commit drop")
            cursor.executemany(f"insert into {table} values (%s)", [(key,) for key in keys])
    matching.take_in(SimpleNamespace(full=False), {"erp_customer", "sf_account"})
    matching.refresh()


def _timed(name: str, step: Callable[[], object], target: int) -> dict[str, object]:
    start, cpu = time.perf_counter(), time.process_time()
    step()
    seconds = time.perf_counter() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "step": name,
        "customers": ErpCustomer.objects.count(),
        "accounts": MatchRecord.objects.filter(side="a").count(),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mb": megabytes,
        "met": seconds < target and megabytes < MB_TARGET,
    }
