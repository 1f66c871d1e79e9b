"""What all pages share: strict policy, one heading, honest freshness, navigation by role, error pages."""

import re
from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from customers.layout import freshness_mark
from integration_hub.freshness import SourceFreshness
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_access import of_kestrel

READ = datetime(2026, 11, 23, 6, 2, tzinfo=UTC)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def source(state: str, problem: str = "", as_of: datetime | None = READ) -> SourceFreshness:
    return SourceFreshness("erp", "ERP", as_of, 15, state, problem)  # type: ignore[arg-type]


def test_pages_have_nothing_inline_and_one_main_heading(world: World, cast: Cast) -> None:
    of_customer = [path for path in of_kestrel(world).values() if not path.endswith(".xlsx")]
    paths = ["/", *of_customer, "/customers/", "/search/?q=x"]
    pages = {path: cast.administrator.get(path).content.decode() for path in paths}
    for path, page in pages.items():
        assert not INLINE.search(page), path
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert '<html lang="en">' in page
        assert "{{" not in page
        assert "{%" not in page


def test_the_login_page_has_nothing_inline_either(cast: Cast) -> None:
    assert not INLINE.search(cast.anonymous.get("/login/").content.decode())


def test_the_policy_forbids_inline_code(cast: Cast) -> None:
    policy = cast.analyst.get("/customers/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_a_customer_page_without_plotly_is_light(world: World, cast: Cast) -> None:
    assert len(cast.owner.get(of_kestrel(world)["detail"]).content) < 60_000


def test_only_administrators_see_the_machine_room(cast: Cast) -> None:
    assert "Pushes" in cast.administrator.get("/customers/").content.decode()
    assert "Pushes" not in cast.owner.get("/customers/").content.decode()


def test_the_worst_source_gives_the_mark_its_colour_and_words() -> None:
    late = SourceFreshness("sf", "Salesforce", READ, 15, "amber", "The last read failed.")
    mark = freshness_mark((source("green"), late))
    assert (mark.state, mark.headline) == ("amber", "Salesforce running late")
    assert "The last read failed." in mark.sources[1].sentence


def test_sources_that_are_amber_for_several_reasons_are_each_told_their_own() -> None:
    gaps = SourceFreshness("erp", "ERP", READ, 15, "amber", "Three rows are held back.", gaps=True)
    failed = SourceFreshness("us", "US files", READ, 15, "amber", "The read failed.", failed=True)
    late = SourceFreshness("sf", "Salesforce", READ, 15, "amber", "It is late.")
    assert freshness_mark((gaps, late)).headline == "ERP with gaps, Salesforce running late"
    assert freshness_mark((gaps, failed, source("green"))).headline == "ERP with gaps, US files not read the last time"


def test_fresh_sources_are_said_to_be_current() -> None:
    assert freshness_mark((source("green"),)).headline == "All sources current"


def test_a_source_that_was_never_read_is_red_and_says_so() -> None:
    mark = freshness_mark((source("red", "It has never been loaded.", None),))
    assert mark.state == "red"
    assert mark.sources[0].sentence == "It has never been loaded."


def test_sign_in_tells_what_went_wrong_and_keeps_the_name(cast: Cast) -> None:
    page = cast.anonymous.post(reverse("login"), {"username": "ana", "password": "wrong"}).content.decode()
    assert "That did not work" in page
    assert 'value="ana"' in page


def test_ten_wrong_passwords_lock_the_name_for_a_while_and_the_page_says_for_how_long(cast: Cast) -> None:
    for _attempt in range(10):
        answer = cast.anonymous.post(reverse("login"), {"username": "ana", "password": "wrong"})
    assert answer.status_code == 429
    assert "quarter of an hour" in answer.content.decode()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_says_what_happened_and_what_to_do_without_any_context(code: str) -> None:
    page = render_to_string(f"{code}.html")
    assert "<h1>" in page
    assert not INLINE.search(page)
    assert 'href="/customers/"' in page
