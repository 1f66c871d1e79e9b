"""Somebody who works in Salesforce: changes accounts through the API as a user of her own."""

import json
import urllib.parse
import urllib.request
from typing import Any

from tests.integration_hub.push.conftest import World

USERNAME = "carol@practice.example"
CLIENT = {"client_id": "carols-client", "client_secret": "carols-secret"}


def edit_by_hand(world: World, account: str, *, later_seconds: int = 60, **values: Any) -> None:
    """Change fields of an account as Carol, on a clock that has moved on since the last push."""
    world.org.admin("clock", {"offset_seconds": later_seconds})
    world.org.admin("users_app", {**CLIENT, "username": USERNAME})
    form = urllib.parse.urlencode({"grant_type": "client_credentials", **CLIENT}).encode()
    token = _send(f"{world.org.url}/services/oauth2/token", form, "POST", {})["access_token"]
    _send(
        f"{world.org.url}/services/data/v62.0/sobjects/Account/{account}",
        json.dumps(values).encode(),
        "PATCH",
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )


def _send(url: str, body: bytes, method: str, headers: dict[str, str]) -> Any:
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        text = response.read()
    return json.loads(text) if text else None
