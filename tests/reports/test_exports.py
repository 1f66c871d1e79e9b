"""Files hold exactly the selection: typed cells, defused text, totals and provenance."""

import csv
import io
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth.models import User

from integration_hub.freshness import SourceFreshness
from reports import exporting
from reports.catalogue import get_report
from reports.export_csv import csv_lines
from reports.export_xlsx import write_xlsx
from reports.exporting import xlsx_response
from reports.exports import DiskFull, Export, csv_text
from tests.reports.asked import answer_of, question_of
from tests.reports.world import DAY, add_customer


def test_a_negative_amount_stays_a_number():
    assert csv_text(Decimal("-12.50")) == "-12.50"


def export_of(**parameters):
    report = get_report("segmentation")
    return Export(report, answer_of("segmentation", **parameters), DAY, "EUR", (("Figures as of", DAY.isoformat()),))


@pytest.fixture
def customers(db):
    add_customer("=HYPERLINK(0)", erp_numbers="00042", revenue_last_year=Decimal("1234.56"))
    add_customer(
        "Zoë's Parts, Ltd", revenue_last_year=Decimal("-12.50"), overdue_amount=Decimal("7.01"), overdue_count=1
    )


def test_csv_has_the_rows_of_the_selection_in_order_and_the_totals(customers):
    text = "".join(csv_lines(export_of()))
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    heads = lines[0]
    column = heads.index("Revenue last year (EUR)")
    assert [line[0] for line in lines[1:]] == ["'=HYPERLINK(0)", "Zoë's Parts, Ltd", "Total of 2 rows"]
    assert [line[column] for line in lines[1:]] == ["1234.56", "-12.50", "1222.06"]
    assert lines[1][1] == "00042"


def test_xlsx_has_numbers_as_numbers_text_as_text_and_no_formula(customers, tmp_path):
    path = tmp_path / "out.xlsx"
    assert write_xlsx(export_of(), path) == 2
    sheet = openpyxl.load_workbook(path)["Customer segmentation"]
    heads = [cell.value for cell in sheet[1]]
    column = heads.index("Revenue last year (EUR)") + 1
    assert sheet.cell(2, 1).value == "=HYPERLINK(0)"
    assert sheet.cell(2, 1).data_type == "s"
    assert sheet.cell(2, 2).value == "00042"
    assert sheet.cell(2, column).value == pytest.approx(1234.56)
    assert sheet.cell(3, column).value == -12.5
    assert sheet.cell(4, column).value == pytest.approx(1222.06)
    assert sheet.cell(4, 1).value == "Total of 2 rows"


def test_the_second_sheet_says_where_the_figures_come_from(customers, tmp_path):
    path = tmp_path / "out.xlsx"
    write_xlsx(export_of(), path)
    facts = {row[0].value: row[1].value for row in openpyxl.load_workbook(path)["About"].rows}
    assert facts["Rows"] == "2"
    assert facts["Figures as of"] == "2026-02-10"
    assert len(facts["Revenue last year"]) > 20


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_is_full_at_the_last_byte_is_told_as_well(customers, monkeypatch):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full.open("r+b", buffering=1_000_000))
    with pytest.raises(DiskFull, match="No space left"):
        xlsx_response(export_of())


def test_a_filter_leaves_the_same_rows_in_file_and_total(customers):
    text = "".join(csv_lines(export_of(standing="overdue", overdue="5")))
    assert "Zoë" in text
    assert "HYPERLINK" not in text
    assert "Total of 1 rows" in text


@pytest.mark.parametrize(("group", "status"), [("Analysts", 200), ("Account managers", 403)])
def test_exporting_is_a_right_of_its_own(client, customers, group, status):
    from django.contrib.auth.models import Group

    from tests.reports.world import open_day

    open_day()
    user = User.objects.create_user("someone", password="x")
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    client.force_login(user)
    assert client.get("/reports/segmentation/export/csv/").status_code == status


def test_an_export_says_of_each_source_as_of_when_it_is_and_whether_that_is_late(customers, monkeypatch):
    read = datetime(2026, 2, 10, 6, 0, tzinfo=UTC)
    sources = (
        SourceFreshness("erp", "Main ERP", read, 15, "amber", "It was last read 40 minutes ago."),
        SourceFreshness("us", "US files", read, 60, "green", ""),
        SourceFreshness("salesforce", "Salesforce", None, 15, "red", "It has never been loaded."),
    )
    monkeypatch.setattr(exporting, "freshness", lambda: sources)
    report = get_report("segmentation")
    facts = dict(exporting.prepare(report, question_of("segmentation")).facts)
    assert facts["Main ERP read"] == "2026-02-10 06:00 UTC, late. It was last read 40 minutes ago"
    assert facts["US files read"] == "2026-02-10 06:00 UTC, current"
    assert facts["Salesforce read"] == "never read"
