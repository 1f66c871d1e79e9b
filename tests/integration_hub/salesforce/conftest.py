"""A client of the practice org, with short waits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce import polling, result_page, session
from integration_hub.salesforce.client import Org, connect
from tests.practice_org import PracticeOrg

Connect = Callable[..., Org]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses keep their number and become short."""
    monkeypatch.setattr(session, "PAUSES", (0.01, 0.02, 0.03, 0.04))
    monkeypatch.setattr(result_page, "PAUSES", (0.01, 0.02, 0.03))
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)


@pytest.fixture
def config(practice_org: PracticeOrg) -> SalesforceConfig:
    return SalesforceConfig(
        login_url=practice_org.url,
        client_id=practice_org.client_id,
        client_secret=practice_org.client_secret,
        timeout_seconds=20,
    )


@pytest.fixture
def sign_in(config: SalesforceConfig) -> Connect:
    """Connect with some settings changed."""

    def connected(**changes: Any) -> Org:
        return connect(replace(config, **changes))

    return connected


@pytest.fixture
def org(sign_in: Connect) -> Org:
    return sign_in()


@pytest.fixture
def accounts(practice_org: PracticeOrg) -> Callable[[int], list[str]]:
    """Store that many accounts named "Customer 1" on; returns their ids."""

    def seed(number: int) -> list[str]:
        return practice_org.seed("Account", *({"Name": f"Customer {place}"} for place in range(1, number + 1)))

    return seed


@pytest.fixture
def token_requests(practice_org: PracticeOrg) -> Callable[[], int]:
    """How many tokens were asked for since the test began."""
    return lambda: sum("/oauth2/token" in call["path"] for call in practice_org.calls())
