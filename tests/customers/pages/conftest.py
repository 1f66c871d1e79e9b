"""The small company, rolled up, and the cast that looks at it."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client

from customers.models import Customer
from customers.pages import guard
from customers.publishing import recompute_all
from integration_hub.sessions import SessionStore
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, PROSPECT, build_world
from tests.remembered import remembered


class Cast:
    """Everybody who might ask, signed in when a test first names them; managers are tied to Salesforce by e-mail."""

    anonymous: Client

    def __init__(self) -> None:
        self.anonymous = Client()

    @cached_property
    def owner(self) -> Client:
        """Owns Kestrel and the prospect."""
        return signed_in("ana", "Account managers", "ana@northgate.example")

    @cached_property
    def manager(self) -> Client:
        """Above both owners."""
        return signed_in("hanna", "Account managers", "hanna@northgate.example")

    @cached_property
    def outsider(self) -> Client:
        """Owns something else."""
        return signed_in("ben", "Account managers", "ben@northgate.example")

    @cached_property
    def analyst(self) -> Client:
        """Sees every customer."""
        return signed_in("iris", "Analysts")

    @cached_property
    def administrator(self) -> Client:
        """Sees everything."""
        return signed_in("otto", "Administrators")

    @cached_property
    def untied(self) -> Client:
        """An account manager whom Salesforce does not know."""
        return signed_in("uwe", "Account managers", "nobody@elsewhere.example")


class FailedCards(logging.Handler):
    """Keeps what the guard of the cards wrote to the log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def failed_cards() -> Iterator[FailedCards]:
    """No card may fail unnoticed: a test that breaks one on purpose empties the list."""
    kept = FailedCards()
    logger = logging.getLogger(guard.__name__)
    logger.addHandler(kept)
    yield kept
    logger.removeHandler(kept)
    assert [record.getMessage() for record in kept.records] == []


@dataclass(frozen=True)
class World:
    """The customers by what they are."""

    kestrel: Customer
    keston: Customer
    prospect: Customer
    unlinked: Customer


@pytest.fixture
def world(db: None) -> World:
    """The small company as pages find it: mirrored, linked and rolled up."""
    return world_of(_rolled_up)


def world_of(build: Callable[[], None]) -> World:
    """The customers of a world that is built once per worker."""
    remembered(build)
    # What pages keep for each state of the figures: the remembered rows are of one instant, whatever a test changes.
    cache.clear()
    return World(
        kestrel=Customer.objects.get(account=KESTREL),
        keston=Customer.objects.get(account=KESTON),
        prospect=Customer.objects.get(account=PROSPECT),
        unlinked=Customer.objects.get(erp_customer="erp:100009"),
    )


def _rolled_up() -> None:
    build_world()
    recompute_all(AS_OF, current=True)


@pytest.fixture
def cast(world: World) -> Cast:
    """One client per role."""
    return Cast()


def signed_in(name: str, group: str, email: str = "") -> Client:
    """A client of a new user in one group."""
    user = User.objects.create_user(name, email, first_name=name.capitalize())
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    # What signing in leaves; the many small statements on the way there are tested where people sign in.
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), f"{ModelBackend.__module__}.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client
