"""A company whose ERP delivers files and whose Salesforce is the practice org: one customer, two orders, two invoices,
brought in by the real sync with the real roll-up. Tests break one thing and look at the run and at the customer page.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from customers.models import Customer, CustomerRollup
from integration_hub.config import hub
from integration_hub.jobs import finish
from integration_hub.models import ErpInvoice, ErpOrder, Run, RunKind, RunStatus, SfAccount, StreamRun
from integration_hub.runs import start_run
from integration_hub.schedule import local_day
from tests.integration_hub.warehouse.world import World
from tests.practice_org import PracticeOrg

ERP, SALESFORCE = "main", "salesforce"
NAME = "Müller Hydraulik"
CUSTOMERS = f"key,number,name,currency\n7,7,{NAME},EUR\n"
ORDERS = "key,number,customer,ordered_on,currency,net_amount\n1,A1,7,{day},EUR,1000.00\n2,A2,7,{day},EUR,234.50\n"
INVOICES = (
    "key,number,customer,issued_on,due_on,currency,net_amount,gross_amount\n"
    "1,R1,7,{day},{day},EUR,800.00,952.00\n2,R2,7,{day},{day},EUR,76.25,90.74\n"
)
FIELDS = [{"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True, "unique": True}]
SECTION = """
[salesforce]
login_url = "{url}"
client_id = "{client_id}"
client_secret = "${{BAD_INPUT_SECRET}}"
account_fields = ["Website"]
timeout_seconds = {timeout}
"""
MARK = re.compile(r'<div class="fresh"><span class="pulse (\w+)"></span><div><b><a href="/status/">([^<]*)</a></b>')


@dataclass
class Company:
    """The ERP's folder, the org, and two people who look: an analyst and an administrator."""

    erp: World
    org: PracticeOrg
    analyst: Client
    administrator: Client

    def configure(self, **changes: object) -> None:
        """Write hub.toml anew; keyword arguments change [salesforce]."""
        values = {"url": self.org.url, "client_id": self.org.client_id, "timeout": 20} | changes
        self.erp.streams["salesforce"] = SECTION.format(**values)
        self.erp.write()

    def deliver(self, name: str, text: str) -> None:
        """The ERP delivers this stream again; {day} in the text is today."""
        self.erp.deliver(name, text.replace("{day}", local_day(timezone.now()).isoformat()))

    def sync(self, source: str = ERP, **options: object) -> Run:
        """Bring a source up to date; the finished run."""
        return finish(start_run(RunKind.SYNC, source, options=options))

    @property
    def customer(self) -> Customer:
        """The account with the ERP customer."""
        return Customer.objects.get(account__isnull=False, name=NAME)

    def read(self, page: str = "detail") -> str:
        """A page of the customer as the analyst gets it."""
        answer = self.analyst.get(reverse(f"customers:{page}", args=(self.customer.pk,)))
        assert answer.status_code == 200
        return answer.content.decode()

    def mark(self, seen: str = "") -> tuple[str, str]:
        """Colour and headline of the freshness mark on the customer page, which may have been read just before."""
        found = MARK.search(seen or self.read())
        assert found
        return found[1], found[2]

    def expect_last_good(self, seen: str = "") -> None:
        """The customer page (`seen` just before, or read now), its lists and the mirror are as after the first sync."""
        rollup = CustomerRollup.objects.get(customer=self.customer.pk)
        assert (rollup.revenue_ytd, rollup.order_intake_ytd) == (Decimal("876.25"), Decimal("1234.50"))
        assert escape(NAME) in (seen or self.read())
        for page, numbers in (("orders", ("A1", "A2")), ("invoices", ("R1", "R2"))):
            text = self.read(page)
            assert all(number in text for number in numbers), page
        assert (ErpOrder.objects.live().count(), ErpInvoice.objects.live().count()) == (2, 2)
        assert SfAccount.objects.live().count() == 1

    def expect_failure(self, run: Run, *, problem: str, remedy: str) -> None:
        """The run failed and says to the administrator what happened and what to do; the customer page says that it
        failed, and has the last good data, as every page, under an amber mark.
        """
        assert run.status == RunStatus.FAILED
        assert problem in run.problem
        assert run.meaning
        assert remedy in run.remedy
        told = self.administrator.get(reverse("run", args=(run.pk,))).content.decode()
        assert escape(run.problem) in told
        assert escape(run.remedy) in told
        label = "Salesforce" if run.subject == SALESFORCE else hub().source(run.subject).label
        seen = self.read()
        assert self.mark(seen) == ("amber", f"{label} not read the last time")
        assert " failed; the figures are those before." in seen
        assert escape(run.problem) not in seen, "what it says may name hosts and roles"
        self.expect_last_good(seen)

    def expect_recovery(self, source: str = ERP) -> None:
        """Once the cause is gone the next run succeeds and the mark is green."""
        assert self.sync(source).status == RunStatus.SUCCEEDED
        assert self.mark() == ("green", "All sources current")


def counts(run: Run, stream: str) -> dict[str, int]:
    """The non-zero counts of one stream of a run, which must add up to the rows read."""
    row = StreamRun.objects.get(run_ref=run, stream=f"{run.subject}.{stream}")
    found = {name: getattr(row, name) for name in ("inserted", "updated", "unchanged", "rejected", "duplicates")}
    assert row.read == sum(found.values())
    return {name: count for name, count in found.items() if count}
