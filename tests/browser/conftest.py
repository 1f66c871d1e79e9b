"""A real Chromium against the live server; skipped with a reason where there is none."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from customers.models import Customer, Difference
from customers.publishing import recompute_all
from integration_hub.config import hub
from integration_hub.models import StreamState
from tests.customers.pages.world import AS_OF, KESTREL, build_world
from tests.remembered import remembered

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# A stored day beside the current one.
PAST = AS_OF - timedelta(days=14)
PASSWORD = "a long enough password"
# Playwright's own event loop runs in this thread; the tests' queries are still synchronous ones of this thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@dataclass(frozen=True)
class Site:
    """A running site with one signed-in administrator and everything to open pages with."""

    url: str
    kestrel: str
    difference: str
    open: Callable[..., Page]
    complaints: list[str]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium found; install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _rolled_up() -> None:
    build_world()
    recompute_all(PAST, current=False)
    recompute_all(AS_OF, current=True)


@pytest.fixture
def site(browser: Browser, live_server, transactional_db: None) -> Iterator[Site]:
    """The small company on a live server; `open(path, width=..., dark=..., scripts=...)` gives a signed-in page."""
    remembered(_rolled_up)
    cache.clear()
    for source in (*(one.name for one in hub().sources), "salesforce"):
        StreamState.objects.create(stream=f"{source}.all", source=source, as_of=timezone.now())
    user = User.objects.create_user("ana", "ana@northgate.example", PASSWORD, first_name="Ana", last_name="Duarte")
    user.groups.add(Group.objects.get_or_create(name="Administrators")[0])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies["sessionid"].value
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def open_page(path: str, *, width: int = 1440, height: int = 900, dark: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", complain)
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(f"{live_server.url}{path}")
        return page

    kestrel = f"/customers/{Customer.objects.get(account=KESTREL).pk}/"
    difference = f"/differences/{Difference.objects.order_by('pk')[0].pk}/"
    yield Site(live_server.url, kestrel, difference, open_page, complaints)
    for context in contexts:
        context.close()
