"""NetSuite behind a stand-in that executes its statements: documents were the only judge of what it answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from integration_hub.erp.netsuite.suiteql import PATH
from integration_hub.models import ErpCustomer, ErpInvoice, ErpInvoiceLine, ErpOpenItem, ErpOrder, ErpOrderLine
from integration_hub.sources import SourceRefused, open_source
from tests.erp.contract.subject import Seen, Subject, changes_of
from tests.erp.rest.netsuite_account import SESSION, NetSuiteAccount
from tests.erp.rest.netsuite_history import document, fill, link

UNDESCRIBED = "SuiteQL describes no columns; a column that is gone is refused by name"
WRITES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/services/rest/record/v1/customer", {}),
    ("PATCH", "/services/rest/record/v1/customer/7", {}),
    ("DELETE", "/services/rest/record/v1/customer/7", None),
    ("POST", PATH, {"q": "DELETE FROM customer"}),
    ("POST", PATH, {"q": "SELECT 1 FROM dual; DELETE FROM customer"}),
)


def netsuite(_folder: Path) -> Subject:
    """An account of its own."""
    account = NetSuiteAccount()
    fill(account)
    for number in range(400, 406):
        document(account, number, "CustInvc", 10.0, unpaid=11.9)
    return Subject(
        name="netsuite",
        source="netsuite",
        toml='[[sources]]\nname = "netsuite"\nlabel = "NetSuite"\nkind = "rest"\nprofile = "netsuite"\npage_rows = 4\n'
        'without = ["rates", "products", "contacts"]\n'
        f'url = "{account.url}"\ncompanies = ["1", "2"]\nmax_deleted_share = 0.5\napi_key = "${{CONTRACT_KEY}}"\n',
        environment={"CONTRACT_KEY": "key"},
        wrong={"CONTRACT_KEY": "a-wrong-key"},
        changes=changes_of(account, *CHANGES),
        breaks=_breaks(account),
        writes=lambda: _writes(account),
        not_applicable={
            "down_payment": "deposits are records of their own at NetSuite, and are not read as invoices",
            "field_added": UNDESCRIBED,
            "field_retyped": UNDESCRIBED,
        },
        close=account.close,
    )


def _now(minutes: int = 0) -> str:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return f"{moment.astimezone(SESSION):%Y-%m-%d %H:%M:%S}"


def _seen(model: Any, key: str, **values: Any) -> Seen:
    return Seen(model, f"netsuite:{key}", values)


def touch(account: NetSuiteAccount, key: int, setting: str, *values: Any) -> None:
    account.change(f'update "transaction" set {setting}, lastmodifieddate = ? where id = ?', *values, _now(), key)


def part_payment(account: NetSuiteAccount) -> list[Seen]:
    document(account, 300, "CustPymt", 5.0, modified=_now(), unused=0.0)
    link(account, 400, 0, 300, 0, "Payment", 5.0, ("CustInvc", "CustPymt"))
    touch(account, 400, "foreignamountunpaid = 6.9")
    return [
        _seen(ErpInvoice, "400", status="part_paid"),
        _seen(ErpOpenItem, "400", open_amount=Decimal("6.9"), dated_allocations=True),
    ]


def refund(account: NetSuiteAccount) -> list[Seen]:
    document(account, 301, "CustCred", 10.0, modified=_now(), unused=0.0, created_from=401)
    link(account, 401, 0, 301, 0, "Payment", 11.9, ("CustInvc", "CustCred"))
    touch(account, 401, "foreignamountunpaid = 0")
    values = {"kind": "credit_note", "gross_amount": Decimal("-11.9"), "reverses_id": "netsuite:401"}
    return [_seen(ErpInvoice, "301", **values)]


def reversal(account: NetSuiteAccount) -> list[Seen]:
    return [*refund(account), _seen(ErpInvoice, "401", status="reversed")]


def cancel(account: NetSuiteAccount) -> list[Seen]:
    touch(account, 100, "status = 'C'")
    return [_seen(ErpOrder, "100", status="cancelled")]


def archive(account: NetSuiteAccount) -> list[Seen]:
    account.change("update customer set isinactive = 'T', lastmodifieddate = ? where id = 8", _now())
    return [_seen(ErpCustomer, "8", archived=True)]


def hard_delete(account: NetSuiteAccount) -> list[Seen]:
    account.change('delete from "transaction" where id = 402')
    return [Seen(ErpInvoice, "netsuite:402", None)]


def gone_resumed(account: NetSuiteAccount) -> list[Seen]:
    """Deleted, which the account writes down, while another changed."""
    account.unseen.clear()
    touch(account, 400, "foreignamountunpaid = foreignamountunpaid")
    account.add("deletedrecord", recordid=402, deleteddate=_now())
    return hard_delete(account)


def line_text(account: NetSuiteAccount) -> list[Seen]:
    where = 'where "transaction" = 100 and id = 1'
    account.change(f"update transactionline set memo = 'Other', linelastmodifieddate = ? {where}", _now())
    return [_seen(ErpOrderLine, "100/1", text="Other")]


def replaced_whole(account: NetSuiteAccount) -> list[Seen]:
    account.change('delete from transactionline where "transaction" = 100 and id = 2')
    touch(account, 100, "status = 'B'")
    return [Seen(ErpOrderLine, "netsuite:100/2", None)]


def late_commit(account: NetSuiteAccount) -> list[Seen]:
    account.add("customer", id=9, entityid="C9", companyname="Late", lastmodifieddate="2026-03-01 01:55:00")
    return [_seen(ErpCustomer, "9", number="C9")]


def long_text(account: NetSuiteAccount) -> list[Seen]:
    account.change('update transactionline set memo = ? where "transaction" = 400 and id = 1', "x" * 1_000_000)
    return [_seen(ErpInvoiceLine, "400/1", text="x" * 500), _seen(ErpInvoice, "400", status="open")]


CHANGES = (
    part_payment,
    refund,
    reversal,
    cancel,
    archive,
    hard_delete,
    gone_resumed,
    line_text,
    replaced_whole,
    late_commit,
    long_text,
)


def _breaks(account: NetSuiteAccount) -> dict[str, Callable[[], None]]:
    def misbehaving(kind: str, **options: Any) -> Callable[[], None]:
        return lambda: account.misbehave(kind, path="CustInvc", times=99, **options)

    unordered = {"items": [{"id": "9"}, {"id": "8"}], "hasMore": False, "count": 2}
    return {
        "lost_right": lambda: account.unseen.add("NextTransactionLineLink"),
        "lost_company": lambda: account.change("delete from subsidiary where id = 2"),
        "field_removed": lambda: account.change('alter table "transaction" drop column foreigntotal'),
        "html_page": misbehaving("html"),
        "cut_answer": misbehaving("cut_json"),
        "repeated_page": lambda: account.misbehave("repeat", path=r"CustInvc.* > ", times=1),
        "page_out_of_order": misbehaving("status", status=200, body=unordered),
    }


def _writes(account: NetSuiteAccount) -> tuple[int, int]:
    session = open_source("netsuite")._adapter.session  # type: ignore[attr-defined]
    refused = 0
    for method, path, body in WRITES:
        try:
            session.ask(method, path, body=body)
        except SourceRefused:
            refused += 1
    return refused, len(account.asked)
