"""A statement of account goes to the customer: whoever sees its page may take it, and it is noted like every export."""

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import openpyxl
import pytest
from django.urls import reverse

from customers.models import AccountLink
from customers.views import statement as view
from integration_hub.config import hub
from integration_hub.freshness import SourceFreshness
from integration_hub.models import AuditRow
from reports import export_views
from reports.models import ExportJob, ExportState
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF

ERP_READ = datetime(2026, 11, 23, 20, 54, tzinfo=UTC)
US_READ = ERP_READ - timedelta(minutes=30)


def test_an_account_manager_takes_a_statement_and_it_is_noted_like_every_export(world: World, cast: Cast) -> None:
    assert cast.owner.get(reverse("reports:export", args=["segmentation", "csv"])).status_code == 403
    url = reverse("customers:statement_file", args=(world.kestrel.pk,))
    assert cast.owner.head(url).status_code == 200
    assert not ExportJob.objects.exists()
    assert cast.owner.get(url, {"mode": "outstanding"}).status_code == 200
    kept = ExportJob.objects.get()
    assert (kept.user_name, kept.report, kept.format, kept.as_of) == ("ana", "statement", "xlsx", AS_OF)
    assert (kept.state, kept.question["customer"]) == (ExportState.STREAMED, str(world.kestrel.pk))
    page = cast.owner.get(reverse("customers:statement", args=(world.kestrel.pk,)))
    assert kept.rows_done == page.context["statement"].line_count
    # Whoever sees this customer may know of it, whichever others its maker saw.
    assert kept.seen == {"hidden": [], "customers": [world.kestrel.pk]}
    noted = AuditRow.objects.filter(what="export.downloaded").get()
    assert (noted.who, (noted.after or {})["report"]) == ("ana", "statement")
    listed = cast.administrator.get(reverse("reports:exports"), {"who": "all"})
    assert "Statement of account" in listed.text
    assert "ana" in listed.text
    assert "Statement of account" in cast.administrator.get(reverse("reports:export_job", args=[kept.pk])).text
    assert cast.outsider.get(url).status_code == 404
    assert ExportJob.objects.count() == 1


def test_what_belongs_to_a_statement_opens_where_the_list_of_exports_says_so(world: World, cast: Cast) -> None:
    assert cast.owner.get(reverse("customers:statement_file", args=(world.kestrel.pk,))).status_code == 200
    kept = ExportJob.objects.get()
    about = reverse("reports:export_about", args=[kept.pk])
    assert about in cast.administrator.get(reverse("reports:exports"), {"who": "all"}).text
    told = cast.administrator.get(about)
    assert (told.status_code, world.kestrel.name in told.text) == (200, True)


def test_what_belongs_to_a_statement_is_only_for_whoever_still_sees_all_of_it(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.owner.get(reverse("customers:statement_file", args=(world.kestrel.pk,))).status_code == 200
    page = reverse("reports:export_job", args=[ExportJob.objects.get().pk])
    assert world.kestrel.name in cast.administrator.get(page).text
    monkeypatch.setattr(export_views, "why_not", lambda _job, _user: "Not any more.")
    refused = cast.administrator.get(page).text
    assert ("Not any more." in refused, world.kestrel.name in refused) == (True, False)


def test_it_tells_when_the_erps_of_this_customer_were_read_and_no_other(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {"erp": ERP_READ, "us": US_READ, "salesforce": ERP_READ - timedelta(days=1)}
    sources = tuple(SourceFreshness(name, name, at, 15, "green", "") for name, at in read.items())
    both = SimpleNamespace(
        company=hub().company, sources=(SimpleNamespace(name="erp"), SimpleNamespace(name="us")), access=hub().access
    )
    monkeypatch.setattr(view, "freshness", lambda: sources)
    monkeypatch.setattr(view, "hub", lambda: both)
    pages = [reverse(f"customers:{name}", args=(world.kestrel.pk,)) for name in ("statement", "statement_file")]
    assert cast.owner.get(pages[0]).context["statement"].read_at == ERP_READ
    body = b"".join(cast.owner.get(pages[1]).streaming_content)  # type: ignore[attr-defined]
    about = dict(openpyxl.load_workbook(io.BytesIO(body))["About"].iter_rows(values_only=True))
    assert "23\u00a0Nov\u00a02026 21:54" in str(about["ERP read"])
    # With a customer of the other ERP on it, the older one of both.
    AccountLink.objects.create(erp_customer="us:200194", customer=world.kestrel, status="linked", method="decided")
    assert cast.owner.get(pages[0]).context["statement"].read_at == US_READ
