"""The customer's page in a frame of another site, in a browser that blocks third-party cookies and storage."""

import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, Response

from customers.models import Customer
from customers.publishing import recompute_all
from tests.browser.accessible import violations
from tests.browser.conftest import CHROMIUM
from tests.customers.pages.canvas_signing import content, signed, switch_on
from tests.customers.pages.world import AS_OF, KESTREL, build_world

pytestmark = pytest.mark.browser
HIGH = 1500


class StandIn(http.server.ThreadingHTTPServer):
    """The org's page: it frames the app and posts the signed request into the frame, as Salesforce does."""

    target = ""
    request = ""

    @property
    def origin(self) -> str:
        """Another site than the live server, which says localhost."""
        return f"http://127.0.0.1:{self.server_port}"


class OrgPage(http.server.BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        body = (
            '<!doctype html><html lang="en"><title>Account</title><style>iframe { width: 100%; border: 0 }</style>'
            f'<h1>Account</h1><iframe name="app" title="Customer 360" height="{HIGH}"></iframe>'
            f'<form method="post" target="app" action="{escape(self.server.target)}">'
            f'<input type="hidden" name="signed_request" value="{escape(self.server.request)}"></form>'
            "<script>document.forms[0].submit()</script>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        """Nothing: the test run's output is for failures."""


@contextmanager
def serving(target: str) -> Iterator[StandIn]:
    """A page of an org on a port of its own, which makes it an origin of its own."""
    server = StandIn(("127.0.0.1", 0), OrgPage)
    server.target = target
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def org(live_server, transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any) -> Iterator[StandIn]:
    """The small company on a live server, with a stand-in for the org that may frame it."""
    build_world()
    recompute_all(AS_OF, current=True)
    user = User.objects.create_user("ana", "ana@northgate.example", first_name="Ana")
    user.groups.add(Group.objects.get_or_create(name="Account managers")[0])
    with serving(f"{live_server.url}/salesforce/canvas/") as server:
        switch_on(tmp_path, settings, monkeypatch, server.origin)
        yield server


@pytest.fixture
def strict(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that was told to block third-party cookies, as a person does in its settings."""
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(
        '{"profile": {"block_third_party_cookies": true, "cookie_controls_mode": 1}}', encoding="utf-8"
    )
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=["--no-sandbox"], viewport={"width": 1200, "height": 900}
    )
    yield context
    context.close()


def picture(page: Page, name: str) -> None:
    """PICTURES names a folder for looking at them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def framed(page: Page, org: StandIn) -> Frame:
    """The frame once the app answered in it."""
    with page.expect_response(org.target):
        page.goto(org.origin)
    frame = page.frame(name="app")
    assert frame is not None
    frame.wait_for_load_state()
    return frame


def test_the_page_shows_in_the_orgs_frame_where_third_party_cookies_are_blocked(
    strict: BrowserContext, org: StandIn
) -> None:
    page = strict.new_page()
    complaints: list[str] = []
    answers: list[tuple[str, int, str | None]] = []

    def note(answer: Response) -> None:
        answers.append((answer.url, answer.status, answer.headers.get("set-cookie")))

    page.on("console", lambda message: complaints.append(message.text))
    page.on("response", note)
    org.request = signed(content())
    frame = framed(page, org)
    assert frame.locator("h1").inner_text() == "Kestrel Marine Engineering B.V."
    assert frame.locator(".tile").count() > 2
    # The browser does block: the frame has no storage, and what it sets as a cookie does not stay.
    with pytest.raises(Error, match="Access is denied"):
        frame.evaluate("localStorage.length")
    assert frame.evaluate("document.cookie = 'a=b; SameSite=None; Secure'; document.cookie") == ""
    assert (org.target, 200, None) in answers
    assert [answer for answer in answers if answer[1] >= 300 or answer[2]] == []
    assert strict.cookies() == []
    assert complaints == []
    assert frame.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert violations(frame) == []
    picture(page, "canvas")
    with strict.expect_page() as opened:
        frame.get_by_role("link", name="Open Customer 360").click()
    tab = opened.value
    tab.wait_for_load_state()
    # In its own tab the usual login holds: the frame signed nobody in.
    assert "/login/?next=/customers/" in tab.url
    assert tab.evaluate("window.opener") is None
    with strict.expect_page() as opened:
        frame.locator("a.tile").first.click()
    opened.value.wait_for_load_state()
    assert f"/customers/{Customer.objects.get(account=KESTREL).pk}/" in opened.value.url
    page.set_viewport_size({"width": 390, "height": 900})
    assert frame.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    picture(page, "canvas-390")


def test_a_replay_shows_the_calm_page_and_another_site_shows_nothing(strict: BrowserContext, org: StandIn) -> None:
    org.request = signed(content())
    page = strict.new_page()
    assert "Kestrel" in framed(page, org).locator("h1").inner_text()
    again = framed(page, org)
    assert again.locator("h1").inner_text() == "This customer could not be shown"
    picture(page, "canvas-refused")
    # Somebody else's page is refused by the browser, although the request in it is good.
    with serving(org.target) as stranger:
        stranger.request = signed(content())
        other = strict.new_page()
        with other.expect_event("console", lambda message: "frame-ancestors" in message.text):
            other.goto(stranger.origin)
        assert all("Kestrel" not in frame.content() for frame in other.frames)
