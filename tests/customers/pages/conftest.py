"""The small company, rolled up, and the cast that looks at it."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from customers.models import Customer
from customers.publishing import recompute_all
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, PROSPECT, build_world


@dataclass(frozen=True)
class Cast:
    """Everybody who might ask: the owner of Kestrel, her manager, an owner of something else, and so on."""

    owner: Client
    manager: Client
    outsider: Client
    analyst: Client
    administrator: Client
    untied: Client
    anonymous: Client


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
    build_world()
    recompute_all(AS_OF, current=True)
    return World(
        kestrel=Customer.objects.get(account=KESTREL),
        keston=Customer.objects.get(account=KESTON),
        prospect=Customer.objects.get(account=PROSPECT),
        unlinked=Customer.objects.get(erp_customer="erp:100009"),
    )


@pytest.fixture
def cast(world: World) -> Cast:
    """One signed-in client per role; managers are tied to their Salesforce user by e-mail."""
    return Cast(
        owner=signed_in("ana", "Account managers", "ana@northgate.example"),
        manager=signed_in("hanna", "Account managers", "hanna@northgate.example"),
        outsider=signed_in("ben", "Account managers", "ben@northgate.example"),
        analyst=signed_in("iris", "Analysts"),
        administrator=signed_in("otto", "Administrators"),
        untied=signed_in("uwe", "Account managers", "nobody@elsewhere.example"),
        anonymous=Client(),
    )


def signed_in(name: str, group: str, email: str = "") -> Client:
    """A client of a new user in one group."""
    user = User.objects.create_user(name, email, first_name=name.capitalize())
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    client = Client()
    client.force_login(user)
    return client
