"""Odd addresses get an answer, never an error."""

import pytest

from integration_hub.models import Run
from tests.integration_hub.pages.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/customers/?q=%00", 400),
        ("/customers/?owner=005%00", 400),
        ("/search/?q=a&q=%00", 400),
        ("/orders/erp:%00/", 404),
        ("/runs/1/rows/%00/inserted/", 404),
    ],
)
def test_a_path_with_a_nul_character_is_not_found_and_a_query_with_one_cannot_be_read(
    address: str, status: int
) -> None:
    assert signed_in("admin", "Administrators").get(address).status_code == status


def test_w4_after_logging_out_no_page_is_shown_again_neither_kept_nor_asked_for() -> None:
    client = signed_in("admin", "Administrators")
    shown = client.get("/runs/")
    assert shown.status_code == 200
    assert {"no-store", "private"} <= set(shown["Cache-Control"].split(", "))
    assert client.post("/logout/").status_code == 302
    again = client.get("/runs/")
    assert (again.status_code, again["Location"]) == (302, "/login/?next=/runs/")
    assert client.post("/runs/sync/", {"source": "salesforce"}).status_code == 302
    assert not Run.objects.exists()
