"""The switch on the list of pushes."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from integration_hub.push import switch

pytestmark = pytest.mark.django_db


def stop_in_file() -> None:
    path = Path(settings.HUB_CONFIG)
    path.write_text(path.read_text(encoding="utf-8").replace("[push]\n", "[push]\nenabled = false\n"), encoding="utf-8")


def words(page_of: Client) -> str:
    return " ".join(page_of.get(reverse("plans")).content.decode().split())


def test_stopping_asks_for_a_reason_and_tells_everybody_who_when_and_why(admin_page: Client) -> None:
    assert "Values are written to Salesforce." in words(admin_page)
    page = admin_page.post(reverse("push_stop"), {"reason": "  "}, follow=True)
    assert "was not stopped" in page.content.decode()
    assert switch.is_on()
    admin_page.post(reverse("push_stop"), {"reason": "Wrong <rates>"})
    assert not switch.is_on()
    text = words(admin_page)
    assert "Stopped by alice on" in text
    assert "Wrong &lt;rates&gt;" in text
    assert "Push now" not in text


def test_resuming_lets_pushes_go_out_again(admin_page: Client) -> None:
    switch.stop("bob", "Wrong rates")
    admin_page.post(reverse("push_resume"))
    assert switch.is_on()
    text = words(admin_page)
    assert "Resumed by alice on" in text
    assert "Push now" in text


def test_the_switch_in_the_file_is_shown_beside_the_one_of_the_page(admin_page: Client) -> None:
    stop_in_file()
    text = words(admin_page)
    assert "Stopped in hub.toml" in text
    assert "Push now" not in text
    switch.stop("bob", "Wrong rates")
    text = words(admin_page)
    assert "Stopped by bob on" in text
    assert "It is stopped in hub.toml as well" in text
    page = admin_page.post(reverse("push_resume"), follow=True)
    assert "enabled = false still stands" in page.content.decode()


def test_the_switch_is_turned_only_by_post(admin_page: Client) -> None:
    for name in ("push_stop", "push_resume"):
        assert admin_page.get(reverse(name)).status_code == 405
    assert switch.last() is None
