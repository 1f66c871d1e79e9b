"""The trigger that the other tests live without, because they empty all tables between them."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from integration_hub.audit.roles import web_role


@pytest.fixture
def append_only(db: None) -> Iterator[None]:
    """The table as it is installed: nothing but an insert."""
    _trigger("enable always")
    yield
    if connection.in_atomic_block and not connection.needs_rollback:
        _trigger("disable")


@pytest.fixture
def superuser(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A connection of the cluster's superuser to the database of the tests."""
    address = os.environ["DATABASE_URL"].replace("//hub@", "//postgres@")
    name = connection.settings_dict["NAME"]
    with psycopg.connect(address, dbname=name, autocommit=True) as found:
        yield found


@pytest.fixture
def web(superuser: psycopg.Connection) -> Iterator[str]:
    """The role of the web, which the role of the tests may take on."""
    name = "hub_test_web"
    for statement in web_role(name, connection.settings_dict["NAME"], "hub"):
        superuser.execute(statement)
    superuser.execute(f"grant {name} to hub")
    yield name
    superuser.execute(f"drop owned by {name}")
    superuser.execute(f"drop role {name}")


def _trigger(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"alter table hub_audit {how} trigger hub_audit_append_only")
