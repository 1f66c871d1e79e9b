"""A provider that the settings name, and a login that it knows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.integration_hub.sign_on.provider import CLIENT, SECRET, Provider, serving


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with serving() as made:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = made.url, CLIENT, SECRET
        settings.OIDC_LABEL, settings.PUBLIC_URL = "Salesforce", "http://testserver"
        yield made


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna", "Anna@x.org", "a-long-password")
