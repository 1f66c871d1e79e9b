"""Random rules over random customers: the database, the test of single values and an independent one agree."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from customers.models import CustomerRollup
from customers.rules.binding import bind
from customers.rules.contradictions import contradictions
from customers.rules.fields import all_fields
from customers.rules.query import matching, with_facts
from customers.rules.reasons import facts_of, is_member, reasons
from customers.rules.shape import as_data, read_group
from tests.customers.rules.brute_force import holds
from tests.customers.rules.company import AS_OF, FIELDS, Company

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def mirrored_fields(tmp_path: Path, settings: Any) -> None:
    """hub.toml mirrors the account fields of the random company."""
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    names = ", ".join(f'"{name}"' for name in FIELDS)
    text = path.read_text(encoding="utf-8").replace("account_fields = []", f"account_fields = [{names}]")
    path.write_text(text, encoding="utf-8")
    settings.HUB_CONFIG = str(path)


@pytest.mark.parametrize("seed", range(2))
def test_the_database_and_each_single_value_agree_with_an_independent_judge(
    db: None, mirrored_fields: None, seed: int
) -> None:
    company = Company(seed)
    rollups, fields = CustomerRollup.objects.filter(as_of=AS_OF), all_fields()
    matched = used = 0
    asked = [{"all": [company.rule()]} for _ in range(90)] + [company.rules() for _ in range(40)]
    for data in asked:
        group = read_group(data)
        assert read_group(as_data(group)) == group
        bound = bind(group, fields, AS_OF)
        expected = {pk for pk, now in company.now.items() if holds(data, now, company.earlier[pk], AS_OF)}
        found = set(matching(rollups, bound).values_list("customer_id", flat=True))
        assert found == expected, data
        for rollup in with_facts(rollups, bound):
            facts = facts_of(bound, rollup)
            assert is_member(bound.root, facts) is (rollup.customer_id in expected), (data, facts)
            if rollup.customer_id in expected:
                assert reasons(bound, facts)
        assert not (contradictions(bound) and bound.root.kind == "all" and expected), data
        matched += len(expected)
        used += bool(expected)
    assert used > 60
    assert matched < len(asked) * len(company.now) * 0.7
