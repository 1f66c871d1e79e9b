"""Odd addresses get an answer, never an error."""

import pytest

from tests.integration_hub.pages.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/customers/?q=%00",
        "/customers/?owner=005%00",
        "/search/?q=a&q=%00",
        "/orders/erp:%00/",
        "/runs/1/rows/%00/inserted/",
    ],
)
def test_an_address_with_a_nul_character_is_not_found(address: str) -> None:
    assert signed_in("admin", "Administrators").get(address).status_code == 404
