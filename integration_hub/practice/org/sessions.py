"""External client apps, access tokens and refresh tokens of the practice org."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ClientApp:
    """An external client app: its consumer key and secret, the user it runs as, the public key for JWT."""

    client_id: str
    client_secret: str = ""
    username: str = ""
    public_key: str = ""


@dataclass
class Sessions:
    """What was handed out: token -> user id, refresh token -> (client id, user id)."""

    apps: dict[str, ClientApp] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    refresh: dict[str, tuple[str, str]] = field(default_factory=dict)

    def open(self, org_id: str, user_id: str) -> str:
        """A new access token for the user."""
        token = f"{org_id[:15]}!{secrets.token_urlsafe(60)}"
        self.tokens[token] = user_id
        for old in list(self.tokens)[:-200]:
            del self.tokens[old]
        return token

    def new_refresh_token(self, client_id: str, user_id: str) -> str:
        """A new refresh token, as the authorisation code flow would have given."""
        token = f"5Aep861{secrets.token_urlsafe(40)}"
        self.refresh[token] = (client_id, user_id)
        return token

    def dump(self) -> dict[str, Any]:
        """The state for the journal."""
        return {
            "apps": [asdict(each) for each in self.apps.values()],
            "tokens": self.tokens,
            "refresh": self.refresh,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take over a state from the journal."""
        self.apps = {each["client_id"]: ClientApp(**each) for each in state["apps"]}
        self.tokens = dict(state["tokens"])
        self.refresh = {token: (pair[0], pair[1]) for token, pair in state["refresh"].items()}
