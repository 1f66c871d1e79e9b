"""The objects as streams: whole and incremental, over REST and through a Bulk job, always with the same text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from integration_hub import sources
from integration_hub.column_doubles import rounded
from integration_hub.config import Company, Hub, PushConfig, PushField, SalesforceConfig
from integration_hub.salesforce import source as module
from integration_hub.salesforce.errors import DailyLimitReached, SalesforceProblem
from integration_hub.salesforce.source import SalesforceSource
from tests.practice_org import PracticeOrg

FIELDS = [
    {"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True, "unique": True},
    {"name": "ERP_Overdue_Amount__c", "type": "currency", "precision": 18, "scale": 2},
    {"name": "Segment__c", "type": "string", "length": 20},
]
MUELLER = 'Müller "Söhne", 🚀\u2028 \\N \\ Co\nHaus 2\tB'
Open = Callable[..., SalesforceSource]


@pytest.fixture
def open_source(practice_org: PracticeOrg, config: SalesforceConfig, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The source under a configuration of its own; keyword arguments change [salesforce]."""
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})

    def opened(**changes: Any) -> SalesforceSource:
        settings = replace(config, account_fields=("Segment__c",), **changes)
        whole = Hub(
            company=Company(name="Test", reporting_currency="EUR", time_zone="Europe/Berlin"),
            sources=(),
            salesforce=settings,
            push=PushConfig(fields=(PushField(field="ERP_Overdue_Amount__c", measure="overdue_amount"),)),
        )
        monkeypatch.setattr(module, "hub", lambda: whole)
        return SalesforceSource(settings)

    return opened


@dataclass(frozen=True)
class Read:
    """What one extract brought, as PostgreSQL's own COPY understood it."""

    rows: list[dict[str, str | None]]
    format: str
    complete: bool
    expected: int | None
    calls: int
    notes: tuple[str, ...]

    def by_name(self) -> dict[str | None, dict[str, str | None]]:
        return {row["Name"]: row for row in self.rows}


def read(source: SalesforceSource, name: str, cursor: str | None = None) -> Read:
    """Extract one stream and COPY it into a table of text columns, then read it as the warehouse does."""
    stream = next(each for each in source.streams if each.name == name)
    with source.extract(stream, cursor) as extract:
        rows = list(copied(extract))
        return Read(
            rows, extract.format, extract.complete(), extract.expected_rows(), extract.api_calls(), extract.notes
        )


def copied(extract: sources.Extract) -> Iterator[dict[str, str | None]]:
    settings = connection.get_connection_params()
    with psycopg.connect(
        **{name: settings[name] for name in ("dbname", "user", "host", "port") if settings.get(name)}
    ) as own:
        columns = ", ".join(f'"{name}" text' for name in extract.columns)
        own.execute(f"create temporary table stage ({columns})")
        for portion in extract.portions or ():
            names = ", ".join(f'"{name}"' for name in portion.columns)
            with own.cursor().copy(f"copy stage ({names}) from stdin (format {portion.format})") as copy:
                for chunk in portion.chunks:
                    copy.write(chunk)
        texts = [
            rounded(sql.Identifier(name), extract.decimals[name]) if name in extract.decimals else sql.Identifier(name)
            for name in extract.columns
        ]
        for row in own.execute(sql.SQL("select {} from stage").format(sql.SQL(", ").join(texts))):
            yield dict(zip(extract.columns, (value or "" for value in row), strict=True))


def test_the_streams_fill_their_tables_with_their_parents_first(open_source: Open) -> None:
    streams = open_source().streams
    assert [(stream.name, stream.target) for stream in streams] == [
        ("UserRole", "sf_user_role"),
        ("User", "sf_user"),
        ("Account", "sf_account"),
        ("AccountTeamMember", "sf_account_team_member"),
        ("Contact", "sf_contact"),
        ("Opportunity", "sf_opportunity"),
        ("Quote", "sf_quote"),
        ("Order", "sf_order"),
    ]
    account = streams[2]
    assert account.columns["custom_fields"].source == ("Segment__c", "ERP_Overdue_Amount__c")
    assert account.columns["currency"].default == "EUR"
    assert account.columns["gone"].source == ("IsDeleted",)


def test_checking_the_source_names_the_org_and_why_it_is_only_read(
    open_source: Open, practice_org: PracticeOrg
) -> None:
    found = open_source().check()
    assert found.label == "Salesforce"
    assert found.version == "API 62.0"
    assert "only asks" in found.read_only_proof
    assert {call["method"] for call in practice_org.calls() if "/oauth2/" not in call["path"]} == {"GET"}


STREAMS = ("UserRole", "User", "Account", "AccountTeamMember", "Contact", "Opportunity", "Quote", "Order")


@pytest.fixture
def company(practice_org: PracticeOrg) -> dict[str, str]:
    """Two roles, two users, three accounts, contacts and opportunities with every kind of difficult value."""
    head, team = practice_org.seed(
        "UserRole", {"Name": "Head", "_ref": "head"}, {"Name": "Team", "ParentRoleId": {"ref": "head"}}
    )
    (anna,) = practice_org.seed(
        "User",
        {
            "Username": "anna@x.example",
            "LastName": "Keller",
            "FirstName": "Anna",
            "Email": "anna@x.example",
            "Alias": "anna",
            "UserRoleId": team,
        },
    )
    champion, mueller, quiet = practice_org.seed(
        "Account",
        {
            "Name": "Champion",
            "ERP_Number__c": "0000104233",
            "ERP_Overdue_Amount__c": 12345678.9,
            "OwnerId": anna,
            "Segment__c": "NA",
        },
        {"Name": MUELLER, "Segment__c": "null", "ERP_Overdue_Amount__c": 0.1},
        {"Name": "#N/A"},
    )
    practice_org.seed("Contact", {"LastName": "O'Brien", "AccountId": champion, "Email": "O.Brien@X.example"})
    (won, _) = practice_org.seed(
        "Opportunity",
        {
            "Name": "Won",
            "AccountId": champion,
            "StageName": "Closed Won",
            "CloseDate": "2026-01-31",
            "Amount": 33333333.33,
        },
        {"Name": "Open", "AccountId": champion, "StageName": "Prospecting", "CloseDate": "2026-03-31"},
    )
    practice_org.seed("AccountTeamMember", {"AccountId": quiet, "UserId": anna, "TeamMemberRole": "Sales Rep"})
    practice_org.seed("Quote", {"Name": "Q", "OpportunityId": won, "TotalPrice": 1e7, "IsSyncing": True})
    order = {"AccountId": champion, "OpportunityId": won, "EffectiveDate": "2026-02-01", "Status": "Activated"}
    practice_org.seed("Order", {**order, "TotalAmount": 0.1, "ActivatedDate": "2026-02-01T09:00:00Z"})
    return {"head": head, "team": team, "anna": anna, "champion": champion, "mueller": mueller, "quiet": quiet}


def test_an_account_arrives_with_its_values_as_exact_text(open_source: Open, company: dict[str, str]) -> None:
    found = read(open_source(), "Account")
    champion = found.by_name()["Champion"]
    assert champion["Id"] == company["champion"]
    assert champion["ERP_Number__c"] == "0000104233"
    assert champion["OwnerId"] == company["anna"]
    assert champion["IsDeleted"] == "false"
    assert (found.complete, found.expected, found.notes) == (True, 3, ())


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_25_doubles_are_exact_to_the_cent(open_source: Open, company: dict[str, str], bulk_from_rows: int) -> None:
    source = open_source(bulk_from_rows=bulk_from_rows)
    amounts = [row["ERP_Overdue_Amount__c"] for row in read(source, "Account").rows]
    assert sorted(amounts, key=str) == ["", "0.10", "12345678.90"]
    assert read(source, "Opportunity").by_name()["Won"]["Amount"] == "33333333.33"


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_26_texts_that_look_like_nothing_stay_texts_and_only_an_empty_one_is_nothing(
    open_source: Open, company: dict[str, str], bulk_from_rows: int
) -> None:
    names = read(open_source(bulk_from_rows=bulk_from_rows), "Account").by_name()
    assert names["Champion"]["Segment__c"] == "NA"
    assert names[MUELLER]["Segment__c"] == "null"
    assert names["#N/A"]["Segment__c"] == ""


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_27_a_name_that_looks_like_syntax_stays_as_it_is(
    open_source: Open, company: dict[str, str], bulk_from_rows: int
) -> None:
    names = read(open_source(bulk_from_rows=bulk_from_rows), "Account").by_name()
    assert names[MUELLER]["Id"] == company["mueller"]


@pytest.mark.parametrize("stream", STREAMS)
def test_rest_and_bulk_deliver_the_same_text(open_source: Open, company: dict[str, str], stream: str) -> None:
    rest, bulk = read(open_source(bulk_from_rows=1000), stream), read(open_source(bulk_from_rows=1), stream)
    assert rest.format == "text"
    assert rest.rows
    assert sorted(map(sorted_items, rest.rows)) == sorted(map(sorted_items, bulk.rows))
    assert (bulk.complete, bulk.expected) == (True, len(rest.rows))


def sorted_items(row: dict[str, str | None]) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in row.items())


@pytest.mark.parametrize("stream", STREAMS)
def test_bulk_results_pass_through_as_csv_bytes(open_source: Open, company: dict[str, str], stream: str) -> None:
    assert read(open_source(bulk_from_rows=1), stream).format == "csv"


def test_trap_21_deleted_merged_and_restored_accounts_come_with_their_state(
    open_source: Open, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin("merge", {"sobject": "Account", "winner": company["champion"], "loser": company["mueller"]})
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"]]})
    rows = {row["Id"]: row for row in read(open_source(), "Account").rows}
    assert rows[company["mueller"]]["IsDeleted"] == "true"
    assert rows[company["mueller"]]["MasterRecordId"] == company["champion"]
    assert (rows[company["quiet"]]["IsDeleted"], rows[company["quiet"]]["MasterRecordId"]) == ("true", "")
    practice_org.admin("undelete", {"sobject": "Account", "ids": [company["quiet"]]})
    assert {row["Id"]: row["IsDeleted"] for row in read(open_source(), "Account").rows}[company["quiet"]] == "false"
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    after = read(open_source(), "Account")
    assert company["quiet"] not in {row["Id"] for row in after.rows}
    assert after.complete


def test_trap_19_rows_of_the_same_second_and_late_commits_all_arrive(
    open_source: Open, practice_org: PracticeOrg
) -> None:
    practice_org.seed("Account", {"Name": "Old", "SystemModstamp": "2026-02-01T00:00:00Z"})
    practice_org.seed("Account", *({"Name": f"Tie {n}", "SystemModstamp": "2026-02-10T12:00:00Z"} for n in range(500)))
    source = open_source()
    cursor = max(str(row["SystemModstamp"]) for row in read(source, "Account").rows)
    practice_org.seed("Account", *({"Name": f"Late {n}", "SystemModstamp": "2026-02-10T11:59:30Z"} for n in range(20)))
    again = read(source, "Account", cursor)
    assert len(again.rows) == 520
    assert not again.complete


@pytest.mark.parametrize(
    "cursor",
    ["2026-02-10T12:00:00.000Z", "2026-02-10T12:00:00.000+0000", "2026-02-10 13:00:00+01", "2026-02-10T12:00:00"],
)
def test_trap_24_a_cursor_is_the_same_instant_however_it_is_written(
    open_source: Open, practice_org: PracticeOrg, cursor: str
) -> None:
    for stamp in ("2026-02-10T11:49:59Z", "2026-02-10T11:50:00Z", "2026-02-10T12:00:00Z"):
        practice_org.seed("Account", {"Name": stamp, "SystemModstamp": stamp})
    names = set(read(open_source(overlap_minutes=10), "Account", cursor).by_name())
    assert names == {"2026-02-10T11:50:00Z", "2026-02-10T12:00:00Z"}


def test_a_cursor_that_is_no_instant_is_refused_with_a_remedy(open_source: Open) -> None:
    with pytest.raises(SalesforceProblem, match="--full"):
        read(open_source(), "Account", "yesterday")


def test_trap_20_a_field_that_changed_without_a_stamp_is_found_by_the_full_read_only(
    open_source: Open, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    stamp = next(each["SystemModstamp"] for each in practice_org.records("Account") if each["Id"] == company["quiet"])
    source = open_source(overlap_minutes=0)
    practice_org.admin("clock", {"offset_seconds": 600})
    practice_org.seed("Account", {"Name": "Newer"})
    cursor = max(str(row["SystemModstamp"]) for row in read(source, "Account").rows)
    practice_org.seed("Account", {"Id": company["quiet"], "Segment__c": "changed", "SystemModstamp": stamp})
    assert company["quiet"] not in {row["Id"] for row in read(source, "Account", cursor).rows}
    assert {row["Id"]: row["Segment__c"] for row in read(source, "Account").rows}[company["quiet"]] == "changed"


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_37_a_hidden_field_is_left_empty_and_noted(
    open_source: Open, company: dict[str, str], practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    practice_org.admin("field_access", {"sobject": "Account", "field": "Website", "readable": False, "editable": False})
    found = read(open_source(bulk_from_rows=bulk_from_rows), "Account")
    assert {row["Website"] for row in found.rows} == {""}
    assert len(found.notes) == 1
    assert "Website" in found.notes[0]


def test_trap_37_without_the_erp_number_nothing_is_read(
    open_source: Open, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin(
        "field_access", {"sobject": "Account", "field": "ERP_Number__c", "readable": False, "editable": False}
    )
    with pytest.raises(SalesforceProblem, match="ERP_Number__c") as caught:
        read(open_source(), "Account")
    assert "permission set" in caught.value.remedy


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_a_record_has_its_own_currency_where_the_org_has_several(
    open_source: Open, company: dict[str, str], practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    source = open_source(bulk_from_rows=bulk_from_rows)
    assert {row["CurrencyIsoCode"] for row in read(source, "Account").rows} == {""}
    practice_org.admin("features", {"currencies": ["EUR", "USD"]})
    practice_org.seed("Account", {"Name": "Dollar", "CurrencyIsoCode": "USD"})
    names = read(open_source(bulk_from_rows=bulk_from_rows), "Account").by_name()
    assert (names["Dollar"]["CurrencyIsoCode"], names["Champion"]["CurrencyIsoCode"]) == ("USD", "EUR")


def test_totals_count_live_rows_and_add_amounts_of_a_single_currency(
    open_source: Open, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    source = open_source()
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"]]})
    totals = {stream.name: source.totals(stream) for stream in source.streams}
    assert totals["Account"].rows == 2
    assert totals["Opportunity"].rows == 2
    assert {
        name: {code: str(amount) for code, amount in sums.items()} for name, sums in totals["Opportunity"].sums.items()
    } == {"amount": {"EUR": "33333333.33"}}


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_25_a_sum_of_doubles_is_the_sum_of_its_amounts(
    open_source: Open, practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
    practice_org.seed("Opportunity", *({**deal, "Amount": amount} for amount in (0.1, 0.2)))
    source = open_source(bulk_from_rows=bulk_from_rows)
    stream = next(each for each in source.streams if each.name == "Opportunity")
    added = sum(Decimal(row["Amount"] or 0) for row in read(source, "Opportunity").rows)
    assert str(source.totals(stream).sums["amount"]["EUR"]) == str(added) == "0.30"


def test_trap_9_a_run_stops_at_its_share_of_the_daily_requests(open_source: Open, practice_org: PracticeOrg) -> None:
    practice_org.admin("usage", {"max": 100, "used": 81})
    with pytest.raises(DailyLimitReached, match="of 100 API requests") as caught:
        read(open_source(), "Account")
    assert not caught.value.transient
    assert len(practice_org.calls()) <= 4


def test_the_stages_columns_all_belong_to_a_target_column(open_source: Open, company: dict[str, str]) -> None:
    source = open_source()
    for stream in source.streams:
        wanted = {name for column in stream.columns.values() for name in column.source}
        with source.extract(stream, None) as extract:
            assert set(extract.columns) == wanted
            assert stream.cursor in extract.columns
