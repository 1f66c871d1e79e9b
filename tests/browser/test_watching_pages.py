"""Alerts and audit in a real browser: accessible, free of complaints, at home on a desk and on a phone."""

import pytest
from django.utils import timezone

from integration_hub.audit import record
from integration_hub.models import Alert, Severity
from tests.browser.accessible import wrong_in_both_themes
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def fill() -> None:
    """Open, acknowledged and past alerts with long words, and acts with long values."""
    now = timezone.now()
    for number, (over, by) in enumerate(
        ((None, ""), (None, "a.very.long.name.of.somebody@northgate.example"), (now, ""))
    ):
        Alert.objects.create(
            condition="run_failed",
            subject=f"Sync s{number}",
            severity=Severity.CRITICAL if number else Severity.WARNING,
            text="3 runs in a row failed. " + "https://erp.northgate.example/" + "x" * 90,
            meaning="Its figures stay as they were.",
            remedy="Renew the password.",
            first_seen_at=now,
            last_seen_at=now,
            raised_at=now,
            recovered_at=over,
            acknowledged_by=by,
            acknowledged_at=now if by else None,
            comment="On it" if by else "",
        )
    record(
        "configuration.changed", "configuration", "hub.toml", before={"a.key": "x" * 200}, after={"a.key": "y" * 200}
    )
    record("login.failed", "login", "a.very.long.name.of.somebody@northgate.example", result="refused", who="")


@pytest.mark.parametrize("width", [1440, 390])
def test_alerts_and_audit_have_no_accessibility_violation_and_no_sideways_scroll(site: Site, width: int) -> None:
    fill()
    page = site.open("/runs/", width=width)
    wrong = []
    for path in ("/alerts/", "/audit/", "/audit/?who=nobody", "/audit/mine/"):
        page.goto(site.url + path)
        wrong += wrong_in_both_themes(page)
    assert wrong + site.complaints == []
