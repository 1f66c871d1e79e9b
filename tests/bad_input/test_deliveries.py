"""What an ERP may deliver by mistake, from its file to the customer page."""

import pytest
from django.urls import reverse

from customers.models import Customer
from integration_hub.models import ErpInvoice, ErpOrder, Notice, RejectedRow, Run, RunStatus
from tests.bad_input.company import ERP, INVOICES, NAME, ORDERS, Company, counts

pytestmark = pytest.mark.chaos


def test_before_anything_breaks_the_pages_show_all_of_it_and_are_current(company: Company) -> None:
    company.expect_last_good()
    assert company.mark() == ("green", "All sources current")


def test_an_unknown_column_stops_the_run_where_a_known_one_vanished(company: Company) -> None:
    company.deliver("invoices", INVOICES.replace("gross_amount", "betrag"))
    run = company.sync()
    company.expect_failure(run, problem='no longer delivers "gross_amount" for "invoices"', remedy="hub.toml")
    company.deliver("invoices", INVOICES)
    company.expect_recovery()


def test_an_unknown_column_beside_the_known_ones_is_noticed_and_stops_nothing(company: Company) -> None:
    text = INVOICES.replace("gross_amount", "gross_amount,betrag").replace(".00\n", ".00,1\n").replace("74\n", "74,1\n")
    company.deliver("invoices", text)
    run = company.sync()
    assert (run.status, counts(run, "invoices")) == (RunStatus.SUCCEEDED, {"unchanged": 2})
    notice = Notice.objects.get(subject=f"{ERP}.invoices", cleared_at=None)
    assert "betrag" in notice.text
    assert "hub.toml" in notice.remedy
    company.expect_last_good()


def test_a_missing_file_is_named_and_deletes_nothing(company: Company) -> None:
    (company.erp.directory / "invoices.csv").unlink()
    run = company.sync()
    company.expect_failure(run, problem='No file matches "invoices*.csv"', remedy="Check that the ERP still delivers")
    company.deliver("invoices", INVOICES)
    company.expect_recovery()


def test_a_missing_folder_is_named_and_deletes_nothing(company: Company) -> None:
    company.erp.directory.rename(company.erp.directory.with_name("away"))
    run = company.sync()
    company.expect_failure(run, problem="does not exist", remedy="Create the folder or mount it")
    company.erp.directory.with_name("away").rename(company.erp.directory)
    company.expect_recovery()


def test_a_file_in_a_wrong_encoding_is_refused_before_any_name_is_spoilt(company: Company) -> None:
    path = company.erp.directory / "customers.csv"
    good = path.read_bytes()
    path.write_bytes(good.decode().encode("latin-1"))
    run = company.sync()
    company.expect_failure(run, problem="utf-8", remedy="Deliver the file again")
    path.write_bytes(good)
    company.expect_recovery()


@pytest.mark.parametrize(("text", "reason"), [("two hundred", '"two hundred" is not a number'), ("NaN", '"NaN"')])
def test_a_text_or_nan_in_an_amount_is_kept_whole_and_the_last_good_amount_stays(
    company: Company, text: str, reason: str
) -> None:
    company.deliver("invoices", INVOICES.replace("76.25", text) + "3,R3,7,{day},{day},EUR,0.00,0.00\n")
    run = company.sync()
    assert run.status == RunStatus.PARTIAL
    assert "1 of invoices" in run.problem
    assert "Open the rejected rows" in run.remedy
    assert counts(run, "invoices") == {"inserted": 1, "unchanged": 1, "rejected": 1}
    row = RejectedRow.objects.get()
    assert (row.key, row.position, row.column) == ("main:2", 2, "net_amount")
    assert (row.record["number"], row.record["net_amount"], row.record["gross_amount"]) == ("R2", text, "90.74")
    page = rejected_page(company, run)
    assert reason.replace('"', "&quot;") in page
    assert "R2" in page
    for _ in ("at once", "after a look at the same file"):
        assert company.mark() == ("amber", "Main ERP with gaps")
        assert "1 row waits in quarantine (invoices), in no figure; where an earlier version is known" in company.read()
        company.sync()
    ErpInvoice.objects.get(number="R3", deleted_at=None).delete()
    company.expect_last_good()
    company.deliver("invoices", INVOICES)
    company.expect_recovery()
    row.refresh_from_db()
    assert row.resolved_at is not None


def rejected_page(company: Company, run: Run) -> str:
    """What the administrator reads about the rejected rows of a run."""
    answer = company.administrator.get(reverse("run_rejected", args=(run.pk,)))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_delivery_of_nothing_but_texts_in_amounts_publishes_nothing(company: Company) -> None:
    company.deliver("invoices", INVOICES.replace("800.00", "many").replace("76.25", "some"))
    run = company.sync()
    company.expect_failure(run, problem='2 of 2 rows of "invoices" could not be read', remedy="Open the rejected rows")
    assert counts(run, "invoices") == {"rejected": 2}
    assert rejected_page(company, run).count("is not a number") == 2


def test_a_date_of_zeros_is_no_date_and_its_invoice_is_listed_instead_of_counted_on_some_day(company: Company) -> None:
    company.deliver("invoices", INVOICES + "3,R3,7,00000000,00000000,EUR,50.00,59.50\n")
    run = company.sync()
    assert (run.status, counts(run, "invoices")) == (RunStatus.SUCCEEDED, {"inserted": 1, "unchanged": 2})
    assert ErpInvoice.objects.get(number="R3").issued_on is None
    assert "without a rate, an amount or a day not included" in company.read()
    assert "R3" in company.read("not_converted")
    ErpInvoice.objects.get(number="R3").delete()
    company.expect_last_good()


def test_a_date_that_does_not_exist_is_kept_with_its_reason(company: Company) -> None:
    company.deliver("orders", ORDERS + "3,A3,7,2026-02-30,EUR,50.00\n")
    run = company.sync()
    assert (run.status, counts(run, "orders")) == (RunStatus.PARTIAL, {"unchanged": 2, "rejected": 1})
    assert "2026-02-30&quot; is not a date" in rejected_page(company, run)
    assert company.mark() == ("amber", "Main ERP with gaps")
    company.expect_last_good()


def test_of_a_key_delivered_twice_the_last_row_counts_and_the_run_says_so(company: Company) -> None:
    company.deliver("invoices", INVOICES.replace("1,R1", "2,OLD", 1) + "1,R1,7,{day},{day},EUR,800.00,952.00\n")
    run = company.sync()
    assert (run.status, counts(run, "invoices")) == (RunStatus.SUCCEEDED, {"unchanged": 2, "duplicates": 1})
    told = company.administrator.get(reverse("run", args=(run.pk,))).content.decode()
    assert "Keys that were delivered twice: main:2" in told
    assert Notice.objects.get(code="duplicate_keys", cleared_at=None).remedy.startswith("Make the key unique")
    assert ErpInvoice.objects.get(key="main:2").number == "R2"
    company.expect_last_good()


def test_an_order_without_its_customer_is_shown_as_unlinked_until_the_customer_arrives(company: Company) -> None:
    company.deliver("orders", ORDERS + "3,A3,8,{day},EUR,50.00\n4,A4,,{day},EUR,60.00\n")
    run = company.sync()
    assert (run.status, counts(run, "orders")) == (RunStatus.SUCCEEDED, {"inserted": 2, "unchanged": 2})
    waiting = Customer.objects.get(erp_customer="main:8")
    page = company.analyst.get(reverse("customers:orders", args=(waiting.pk,))).content.decode()
    assert "A3" in page
    assert "This ERP customer belongs to no Salesforce account" in page
    assert ErpOrder.objects.get(number="A4").customer_id is None
    assert "A3" not in company.read("orders")
    company.deliver("customers", f"key,number,name,currency\n7,7,{NAME},EUR\n8,8,Late Ltd,EUR\n")
    company.sync()
    waiting.refresh_from_db()
    assert waiting.name == "Late Ltd"
    ErpOrder.objects.filter(number__in=("A3", "A4")).delete()
    company.expect_last_good()
