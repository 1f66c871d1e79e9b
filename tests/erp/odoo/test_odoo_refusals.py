"""What cannot leave, and what a person reads when Odoo refuses, misbehaves or hides something."""

from collections.abc import Callable
from typing import Any

import pytest

from integration_hub.erp.odoo.source import OdooAdapter
from integration_hub.sources import SourceProblem, SourceRefused
from tests.erp.odoo.company import OTHER, Business
from tests.erp.odoo.conftest import Reads
from tests.erp.odoo.rows import pulled, stream
from tests.erp.odoo.standin import KEY, SECRET_TRACE, OdooStandin, methods_asked

WRITES = (
    "create", "write", "unlink", "copy", "action_post", "action_confirm", "action_cancel", "button_draft",
    "button_validate", "message_post", "toggle_active", "action_archive", "name_create", "load", "web_save",
    "execute_kw", "execute", "sudo", "browse", "read_progress_bar", "search_read ", "SEARCH_READ", "",
)  # fmt: skip


SERVICES = (("object", "execute"), ("object", "exec_workflow"), ("db", "drop"), ("db", "list"), ("common", "about"))
PATHS = (
    "/json/2/account.move/write", "/json/2/account.move/search_read/x", "/json/2/../jsonrpc", "/json/1/a/search",
    "/web/dataset/call_kw/account.move/write", "/xmlrpc/2/object", "/web/database/drop", "/jsonrpc/x",
)  # fmt: skip


def test_no_other_method_reaches_the_socket(reads: Reads, odoo: OdooStandin) -> None:
    adapter = reads()
    adapter.check()
    before = len(odoo.asked)
    for method in WRITES:
        with pytest.raises(SourceRefused, match="was not sent"):
            adapter.reader.odoo.call("account.move", method, {"vals": {}}, {})
    assert len(odoo.asked) == before


def test_no_other_service_reaches_the_socket(reads: Reads, odoo: OdooStandin) -> None:
    session = reads().reader.odoo.session
    args = ["company", 2, KEY, "account.move", "search_read", [], {}]
    bodies: list[Any] = [None, [], {"params": []}]
    for service, method in SERVICES:
        bodies.append({"params": {"service": service, "method": method, "args": args}})
        bodies.append({"params": {"service": service, "method": method}})
    bodies.append({"params": {"service": "object", "method": "execute_kw", "args": [*args[:4], ["search_read"]]}})
    for body in bodies:
        with pytest.raises(SourceRefused):
            session.post("/jsonrpc", body)
    assert odoo.asked == []


def test_no_other_path_reaches_the_socket(reads: Reads, odoo: OdooStandin) -> None:
    session = reads().reader.odoo.session
    for path in PATHS:
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            with pytest.raises(SourceRefused):
                session.ask(method, path, body={"params": {}})
    assert odoo.asked == []


def test_a_whole_read_sends_only_what_reads(reads: Reads, odoo: OdooStandin) -> None:
    adapter = reads()
    adapter.check()
    for each in adapter.source.streams:
        if not each.within:
            pulled(adapter, each.name)
            adapter.totals(each)
    sent = {each.rsplit(".", 1)[-1] for each in methods_asked(odoo)} - {"/web/version"}
    assert sent <= {
        "version", "authenticate", "context_get", "search", "search_read", "search_count", "fields_get", "read_group",
        "formatted_read_group", "has_access", "check_access_rights",
    }  # fmt: skip


def problem_of(ask: Callable[[], object]) -> SourceProblem:
    with pytest.raises(SourceProblem) as caught:
        ask()
    for text in (str(caught.value), caught.value.logged, repr(caught.value)):
        assert KEY not in text
        assert "hunter2" not in text
        assert SECRET_TRACE[:20] not in text
    return caught.value


def invoices(adapter: OdooAdapter) -> Callable[[], object]:
    return lambda: pulled(adapter, "invoices")


def test_a_wrong_key_is_told_as_one(reads: Reads) -> None:
    problem = problem_of(reads(api_key="wrong").check)
    assert (problem.problem, problem.transient) == ("Odoo refuses our sign-in.", False)


def test_a_key_that_ends_during_a_read_is_told_as_one(reads: Reads, odoo: OdooStandin) -> None:
    adapter = reads()
    adapter.check()
    odoo.key_valid = False
    problem = problem_of(invoices(adapter))
    assert (problem.problem, "expired" in problem.meaning) == ("Odoo refuses our sign-in.", True)


def test_an_unknown_database_is_told_as_one(reads: Reads) -> None:
    problem = problem_of(reads(database="nope").check)
    assert problem.problem == 'Odoo does not know the database "nope".'


def test_a_missing_name_is_told_before_anything_is_tried(reads: Reads, version: int) -> None:
    adapter = reads(username="")
    if version >= 19:
        assert adapter.check().label == "Odoo"
    else:
        assert "username" in problem_of(adapter.check).remedy


def test_a_missing_right_names_the_object_and_not_the_groups(reads: Reads, business: Business) -> None:
    business.db.unreadable.add("account.move")
    problem = problem_of(invoices(reads()))
    assert problem.problem == "Odoo does not let the reading user read account.move."
    assert "Secret/Group" not in str(problem)


def test_an_unknown_company_names_those_that_are_seen(reads: Reads) -> None:
    problem = problem_of(reads(companies=("Nowhere",)).check)
    assert 'does not see the company "Nowhere"' in problem.problem
    assert "Halden US" in problem.remedy


def test_only_the_companies_of_hub_toml_are_read(reads: Reads) -> None:
    adapter = reads(companies=("Halden US",))
    assert [each["company"] for each in pulled(adapter, "invoices")["invoices"]] == ["2"]
    assert [each["name"] for each in pulled(adapter, "customers")["customers"]] == [
        "Ada GmbH",
        "Berta",
        "Ada Süd GmbH",
        "Foreign Inc",
    ]
    assert list(adapter.keys(stream(adapter, "invoices"))) == [["15"]]


def test_a_company_that_is_taken_away_during_a_session_is_an_error(reads: Reads, business: Business) -> None:
    adapter = reads()
    pulled(adapter, "orders")
    business.db.tables["res.users"][2]["company_ids"] = [1]
    problem = problem_of(invoices(adapter))
    assert "does not let the reading user see a company" in problem.problem


def test_a_named_company_that_is_taken_away_is_an_error_in_the_next_session(reads: Reads, business: Business) -> None:
    business.db.tables["res.users"][2]["company_ids"] = [1]
    problem = problem_of(invoices(reads(companies=("1", str(OTHER)))))
    assert 'does not see the company "2"' in problem.problem


@pytest.mark.parametrize("kind", ["html", "cut", "cut_json", "drop"])
def test_a_disturbed_answer_is_asked_for_again(reads: Reads, odoo: OdooStandin, kind: str) -> None:
    whole = pulled(reads(), "invoices")
    adapter = reads()
    pulled(adapter, "companies")
    odoo.misbehave(kind, path="account.move.line.*search_read", times=2, after=1)
    assert pulled(adapter, "invoices") == whole


@pytest.mark.parametrize("kind", ["html", "cut", "cut_json", "empty", "drop"])
def test_answers_that_stay_disturbed_end_the_read_and_may_pass(reads: Reads, odoo: OdooStandin, kind: str) -> None:
    adapter = reads()
    pulled(adapter, "companies")
    odoo.misbehave(kind, path="account.move.line.*search_read", times=99)
    assert problem_of(invoices(adapter)).transient


@pytest.mark.parametrize(
    "path", ['account.move/search_read|account.move", "search_read', "account.move.line.*search_read"]
)
def test_a_page_that_repeats_ends_the_read_instead_of_leaving_a_gap(reads: Reads, odoo: OdooStandin, path: str) -> None:
    adapter = reads(page_rows=4)
    adapter.capabilities(stream(adapter, "invoices"))
    pulled(adapter, "companies")
    odoo.misbehave("repeat", path=path, after=1)
    assert problem_of(invoices(adapter)).transient


def test_a_page_out_of_order_ends_the_read(reads: Reads, odoo: OdooStandin) -> None:
    adapter = reads()
    adapter.capabilities(stream(adapter, "invoices"))
    pulled(adapter, "companies")
    odoo.reversed_pages = True
    assert "out of order" in problem_of(invoices(adapter)).problem
    assert "out of order" in problem_of(lambda: list(adapter.keys(stream(adapter, "invoices")))).problem


@pytest.mark.parametrize(("status", "transient"), [(503, True), (429, True), (500, True)])
def test_a_busy_odoo_is_tried_again_later(reads: Reads, odoo: OdooStandin, status: int, transient: bool) -> None:
    adapter = reads()
    adapter.check()
    odoo.misbehave("status", status=status, times=99, body={"message": "busy", "debug": SECRET_TRACE})
    assert problem_of(invoices(adapter)).transient is transient


def test_a_condition_that_odoo_does_not_understand_is_told(reads: Reads) -> None:
    adapter = reads()
    config = stream(adapter, "orders")
    for where in ('[["no_such_field", "=", 1]]', "state = draft"):
        changed = reads(streams=(type(config)(**{**vars(config), "where": where}),))
        problem = problem_of(lambda changed=changed: pulled(changed, "orders"))  # type: ignore[misc]
        assert "where" in problem.remedy + problem.problem
        assert not problem.transient
