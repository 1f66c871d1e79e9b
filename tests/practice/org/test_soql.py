"""What queries select, and how wrong ones are refused."""

from decimal import Decimal

import pytest

from integration_hub.practice.org.errors import ApiError
from integration_hub.practice.org.keeping import open_org
from integration_hub.practice.org.seeding import seed
from integration_hub.practice.org.soql.binding import bind
from integration_hub.practice.org.soql.execution import select
from integration_hub.practice.org.soql.grouping import group
from integration_hub.practice.org.soql.parser import parse

ACCOUNTS = [
    # name, revenue, employees, city, modified
    ("Alpha", "1000", 10, "Bonn", "2026-01-01T00:00:00Z"),
    ("beta", "2500000000", None, "Köln", "2026-02-01T10:00:00Z"),
    ("Gamma's \\ Co", None, 30, None, "2026-03-01T00:00:00+01:00"),
    ("delta 100%", "10", 40, "Bonn", "2026-03-01T00:00:00Z"),
]


@pytest.fixture(scope="module")
def org():
    org = open_org(None)
    rows = [
        {"Name": name, "AnnualRevenue": revenue, "NumberOfEmployees": employees, "BillingCity": city,
         "SystemModstamp": stamp, "_ref": name}
        for name, revenue, employees, city, stamp in ACCOUNTS
    ]  # fmt: skip
    seed(org, org.schema.objects["account"], rows)
    seed(org, org.schema.objects["account"], [{"Name": "Gone", "IsDeleted": True, "ParentId": {"ref": "Alpha"}}])
    seed(
        org,
        org.schema.objects["contact"],
        [{"LastName": f"C{n}", "AccountId": {"ref": "Alpha"} if n < 3 else None} for n in range(5)],
    )
    return org


def plan(org, text):
    return bind(org, org.default_caller(), parse(text))


def run(org, text):
    return select(org, org.default_caller(), plan(org, text), deleted=False)


def names(org, where, *, deleted=False):
    found = plan(org, f"SELECT Id FROM Account {where}")
    return [row["Name"] for row in select(org, org.default_caller(), found, deleted=deleted)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("WHERE Name = 'ALPHA'", ["Alpha"]),
        ("WHERE Name != 'Alpha'", ["beta", "Gamma's \\ Co", "delta 100%"]),
        ("WHERE Name = 'Gamma\\'s \\\\ Co'", ["Gamma's \\ Co"]),
        ("WHERE Name LIKE '%A'", ["Alpha", "beta"]),
        ("WHERE Name LIKE '_eta'", ["beta"]),
        ("WHERE Name LIKE '%100\\%'", ["delta 100%"]),
        ("WHERE AnnualRevenue >= 1e3", ["Alpha", "beta"]),
        ("WHERE AnnualRevenue < 1000", ["delta 100%"]),
        ("WHERE AnnualRevenue = null", ["Gamma's \\ Co"]),
        ("WHERE NumberOfEmployees != NULL AND BillingCity = 'bonn'", ["Alpha", "delta 100%"]),
        ("WHERE BillingCity IN ('Bonn', 'Köln')", ["Alpha", "beta", "delta 100%"]),
        ("WHERE BillingCity NOT IN ('Bonn')", ["beta", "Gamma's \\ Co"]),
        ("WHERE NOT (Name = 'Alpha' OR Name = 'beta')", ["Gamma's \\ Co", "delta 100%"]),
        ("WHERE (Name = 'Alpha' OR Name = 'beta') AND NOT BillingCity = 'Bonn'", ["beta"]),
        ("WHERE SystemModstamp >= 2026-02-28T23:00:00Z", ["Gamma's \\ Co", "delta 100%"]),
        ("WHERE SystemModstamp > 2026-03-01T00:00:00.000+01:00", ["delta 100%"]),
        ("WHERE IsDeleted = false", ["Alpha", "beta", "Gamma's \\ Co", "delta 100%"]),
        ("WHERE IsDeleted = true", []),
        ("WHERE Owner.Username = 'integration@practice.example' AND Name = 'beta'", ["beta"]),
    ],
)
def test_conditions_pick_the_right_rows(org, where, expected):
    assert names(org, where) == expected


def test_deleted_rows_show_only_when_asked_for(org):
    assert names(org, "WHERE IsDeleted = true", deleted=True) == ["Gone"]
    assert names(org, "WHERE Parent.Name = 'Alpha'", deleted=True) == ["Gone"]


def test_order_puts_nulls_first_unless_told_otherwise(org):
    assert names(org, "ORDER BY AnnualRevenue")[0] == "Gamma's \\ Co"
    assert names(org, "ORDER BY AnnualRevenue DESC NULLS LAST") == ["beta", "Alpha", "delta 100%", "Gamma's \\ Co"]
    assert names(org, "ORDER BY BillingCity ASC NULLS LAST, Name DESC LIMIT 2") == ["delta 100%", "Alpha"]


def test_limit_and_offset_cut_the_ordered_rows(org):
    assert names(org, "ORDER BY Name LIMIT 2 OFFSET 1") == ["beta", "delta 100%"]


def test_an_id_is_found_by_both_lengths_and_letter_case_counts(org):
    found = plan(org, "SELECT Id FROM Account WHERE Name = 'Alpha'")
    record_id = str(select(org, org.default_caller(), found, deleted=False)[0]["Id"])
    assert names(org, f"WHERE Id = '{record_id}'") == ["Alpha"]
    assert names(org, f"WHERE Id IN ('{record_id[:15]}')") == ["Alpha"]
    assert names(org, f"WHERE Id = '{record_id[:15].swapcase()}'") == []


def test_groups_count_sum_and_compare(org):
    found = plan(
        org,
        "SELECT BillingCity city, COUNT(Id), SUM(AnnualRevenue) total, MIN(Name), COUNT(NumberOfEmployees) "
        "FROM Account GROUP BY BillingCity ORDER BY COUNT(Id) DESC, BillingCity NULLS LAST",
    )
    rows = group(org, org.default_caller(), found, select(org, org.default_caller(), found, deleted=False))
    shape = {"attributes": {"type": "AggregateResult"}}
    assert rows == [
        shape | {"city": "Bonn", "expr0": 2, "total": Decimal(1010), "expr1": "Alpha", "expr2": 2},
        shape | {"city": "Köln", "expr0": 1, "total": Decimal(2_500_000_000), "expr1": "beta", "expr2": 0},
        shape | {"city": None, "expr0": 1, "total": None, "expr1": "Gamma's \\ Co", "expr2": 1},
    ]


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("SELECT Id, Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Name, name FROM Account", "INVALID_FIELD", "duplicate field selected"),
        ("SELECT IsDeleted FROM User", "INVALID_FIELD", "No such column 'IsDeleted'"),
        ("SELECT Id FROM Account WHERE Id IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "OR"),
        ("SELECT Id FROM Account WHERE Name = 'it's'", "MALFORMED_QUERY", ""),
        ("SELECT Id FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY", "Illegal string literal"),
        ("SELECT FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Account WHERE AnnualRevenue = '5'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE SystemModstamp > 2026-01-01", "INVALID_FIELD", "of type dateTime"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account ORDER BY BillingAddress", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Account WHERE OwnerId = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Account HAVING Name = 'x'", "MALFORMED_QUERY", "unexpected token: 'HAVING'"),
    ],
)
def test_a_wrong_query_is_refused_with_its_code_and_a_caret(org, text, code, part):
    with pytest.raises(ApiError) as refused:
        run(org, text)
    assert refused.value.code == code
    assert part in refused.value.message
    if code != "INVALID_FIELD" or "No such column" in part:
        assert "^\nERROR at Row:1:Column:" in refused.value.message


def test_the_caret_stands_under_the_first_letter_of_the_wrong_name(org):
    with pytest.raises(ApiError) as refused:
        plan(org, "SELECT Id, Foo FROM Account")
    _, excerpt, caret, place, *_ = refused.value.message.split("\n")
    assert excerpt[len(caret) - 1 :].startswith("Foo")
    assert place == "ERROR at Row:1:Column:12"


def test_an_ungrouped_column_beside_an_aggregate_is_refused(org):
    found = plan(org, "SELECT Name, COUNT(Id) FROM Account")
    with pytest.raises(ApiError, match="Field must be grouped or aggregated: Name"):
        group(org, org.default_caller(), found, [])
