"""Keeps the refresh token that Salesforce gave last: encrypted, for good before it is needed, one worker at a time."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper

from integration_hub import locks
from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.errors import AuthenticationFailed
from integration_hub.salesforce.sign_in_errors import NO_SESSION

PURPOSE = b"customer-360 refresh token"


@dataclass(frozen=True)
class StoredTokens:
    """The place of one app's refresh token while it is held. `configured` is the one in the configuration."""

    cursor: CursorWrapper
    app: str
    configured: str

    def current(self) -> str:
        """The token to use. Raises AuthenticationFailed when the stored one cannot be read with this SECRET_KEY."""
        self.cursor.execute("select configured, token from hub_refresh_token where app = %s", [self.app])
        row = self.cursor.fetchone()
        if row is None or row[0] != _digest(self.configured):
            return self.configured
        try:
            return _cipher().decrypt(row[1].encode()).decode()
        except InvalidToken:
            raise AuthenticationFailed(
                "The stored refresh token cannot be read: SECRET_KEY is not the one it was stored with.",
                NO_SESSION,
                "Set SECRET_KEY back, or name the old one in SECRET_KEY_FALLBACKS. If it is lost, authorise the app "
                "again with the integration user and set refresh_token (environment: SALESFORCE_REFRESH_TOKEN).",
            ) from None

    def keep(self, token: str) -> None:
        """Store a new token for good, at once."""
        self.cursor.execute(
            "insert into hub_refresh_token (app, configured, token, stored_at) values (%s, %s, %s, now()) "
            "on conflict (app) do update set configured = excluded.configured, token = excluded.token, "
            "stored_at = excluded.stored_at",
            [self.app, _digest(self.configured), _cipher().encrypt(token.encode()).decode()],
        )


@contextmanager
def held_tokens(config: SalesforceConfig) -> Iterator[StoredTokens]:
    """The app's refresh token, for one worker at a time; others wait.

    It has a connection of its own: a run may be in the middle of a transaction or a COPY, and what Salesforce gave
    must stay even when that run is rolled back.
    """
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            app = _digest(config.login_url.rstrip("/"), config.client_id)
            locks.wait_on(cursor, f"refresh-token:{app}")
            yield StoredTokens(cursor, app, config.refresh_token)
    finally:
        own.close()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _cipher() -> MultiFernet:
    """Encrypts with the SECRET_KEY, and reads with the ones before it as well."""
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
