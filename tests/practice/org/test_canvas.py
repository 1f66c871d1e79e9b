"""The practice org shows the app on a record, with a request signed as the other side reads it."""

import os
import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests
from django.utils import timezone

from integration_hub.salesforce.signed_request import read_signed_request
from tests.practice_org import PracticeOrg, start_practice_org

SECRET, HUB = "a-consumer-secret-for-tests", "http://127.0.0.1:8123"


@pytest.fixture(scope="module")
def framing() -> Iterator[PracticeOrg]:
    """An org that knows an app and where it is."""
    given = {"SALESFORCE_CANVAS_SECRET": SECRET, "PUBLIC_URL": HUB}
    process, url = start_practice_org(environment=os.environ | given)
    yield PracticeOrg(url)
    process.terminate()
    process.wait(timeout=10)


def get(org: PracticeOrg, path: str) -> requests.Response:
    return requests.get(f"{org.url}/practice/{path}", headers={"Accept": "text/html"}, timeout=10)


def test_the_app_on_a_record_gets_a_request_that_the_other_side_accepts(framing: PracticeOrg) -> None:
    (user,) = framing.seed("User", {"Username": "ana@practice.example", "Email": "ana@x.example", "LastName": "Ana"})
    (account,) = framing.seed("Account", {"Name": "A & <B>", "OwnerId": user})
    assert f'href="/practice/canvas/{account}"' in get(framing, f"objects/Account/{account}").text
    page = get(framing, f"canvas/{account}")
    assert f"form-action 'self' {HUB}; frame-src {HUB};" in page.headers["Content-Security-Policy"]
    assert f'action="{HUB}/salesforce/canvas/"' in page.text
    sent = re.search(r'name="signed_request" value="([^"]+)"', page.text)
    assert sent
    envelope = read_signed_request(unescape(sent[1]), SECRET, timezone.now())
    (organization,) = framing.records("Organization")
    assert (envelope.user, envelope.username, envelope.email) == (user, "ana@practice.example", "ana@x.example")
    assert (envelope.record, envelope.organization) == (account, organization["Id"])
    # Somebody else looks at the same record.
    other = get(framing, f"canvas/{account}?user={framing.username}").text
    sent = re.search(r'name="signed_request" value="([^"]+)"', other)
    assert sent
    assert read_signed_request(unescape(sent[1]), SECRET, timezone.now()).username == framing.username
    for nothing in ("001000000000000AAA", "x", f"{account}?user=nobody@x.example"):
        assert get(framing, f"canvas/{nothing}").status_code == 404


def test_without_an_app_the_page_says_what_is_missing(practice_org: PracticeOrg) -> None:
    (account,) = practice_org.seed("Account", {"Name": "A"})
    page = get(practice_org, f"canvas/{account}")
    assert (page.status_code, "SALESFORCE_CANVAS_SECRET and PUBLIC_URL are not set" in page.text) == (404, True)
