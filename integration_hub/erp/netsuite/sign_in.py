"""NetSuite's token-based authentication: OAuth 1.0a with HMAC-SHA256, for one fixed address."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from integration_hub.config import SourceConfig


def _escaped(text: str) -> str:
    return quote(text, safe="~")


def realm_of(source: SourceConfig) -> str:
    """The account as it signs: "1234567_SB1" for https://1234567-sb1.suitetalk.api.netsuite.com."""
    named = source.options.get("account", "") or (urlsplit(source.url).hostname or "").split(".")[0]
    return named.upper().replace("-", "_")


@dataclass(frozen=True)
class TokenSignIn:
    """Signs each POST to one address. client_id and client_secret are the integration's, the option `token_id` and
    `password` the token's. A token that was refused cannot be renewed.
    """

    source: SourceConfig
    path: str
    parameters: Mapping[str, str]
    calls: int = 0

    def headers(self) -> Mapping[str, str]:
        """The Authorization header of the next request."""
        given = {
            "oauth_consumer_key": self.source.client_id,
            "oauth_token": self.source.options["token_id"],
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
            "oauth_nonce": secrets.token_hex(16),
            "oauth_version": "1.0",
        }
        signed = {**given, "oauth_signature": self.signature(given)}
        parts = ", ".join(f'{name}="{_escaped(value)}"' for name, value in signed.items())
        return {"Authorization": f'OAuth realm="{realm_of(self.source)}", {parts}'}

    def signature(self, given: Mapping[str, str]) -> str:
        """Over method, address and all parameters in order (RFC 5849, 3.4)."""
        pairs = sorted((_escaped(name), _escaped(value)) for name, value in {**given, **self.parameters}.items())
        joined = "&".join(f"{name}={value}" for name, value in pairs)
        address = self.source.url.rstrip("/") + self.path
        base = f"POST&{_escaped(address)}&{_escaped(joined)}"
        key = f"{_escaped(self.source.client_secret)}&{_escaped(self.source.password)}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode("ascii")

    def renew(self) -> bool:
        """No other token is to be had."""
        return False
