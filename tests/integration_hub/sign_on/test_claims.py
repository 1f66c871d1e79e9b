"""What a provider says of a person: in the id token, at its userinfo endpoint, and what is no word of a person."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from integration_hub.models import AuditRow, SignOnIdentity
from tests.integration_hub.sign_on.provider import sign_on, who

pytestmark = pytest.mark.django_db
VERIFIED = {"email": "anna@x.org", "email_verified": True}


def told(provider: Any, token: dict[str, Any], userinfo: Any) -> None:
    """Let the id token say only this beside `sub`, and the userinfo endpoint that."""
    provider.person, provider.userinfo = {"sub": "p-1"} | token, userinfo


def reason() -> str:
    row = AuditRow.objects.filter(what="login.failed").latest("sequence")
    return str((row.after or {})["reason"])


def test_what_the_id_token_leaves_out_is_asked_of_the_userinfo_endpoint(provider, anna, settings) -> None:
    told(provider, {}, {"sub": "p-1"} | VERIFIED)
    assert who(sign_on(provider)[0]) == "anna"
    assert provider.asked[-1] == "/userinfo"
    settings.OIDC_ROLE_CLAIM, settings.OIDC_ROLES = "groups", {"hub-analysts": "Analysts"}
    told(provider, VERIFIED, {"sub": "p-1", "groups": ["hub-analysts"]})
    sign_on(provider)
    assert list(anna.groups.values_list("name", flat=True)) == ["Analysts"]
    # What the id token says is not asked for again, and counts more.
    told(provider, VERIFIED | {"groups": []}, {"sub": "p-1", "groups": ["hub-analysts"]})
    provider.asked.clear()
    sign_on(provider)
    assert "/userinfo" not in provider.asked
    assert not anna.groups.exists()


@pytest.mark.parametrize(
    ("token", "userinfo"),
    [
        ({}, VERIFIED | {"sub": "p-2"}),
        ({}, VERIFIED),
        ({"email": "anna@x.org"}, {"sub": "p-1", "email": "eve@x.org", "email_verified": True}),
        ({"email": "anna@x.org", "email_verified": False}, {"sub": "p-1"} | VERIFIED),
        ({}, {"sub": "p-1", "email": "anna@x.org"}),
        ({}, {}),
        ({}, ["p-1"]),
        ({}, "p-1"),
    ],
    ids=["another", "nobody", "another address", "not verified", "no word of it", "nothing", "a list", "a text"],
)
def test_a_userinfo_that_does_not_fit_signs_nobody_in(provider, anna, token, userinfo) -> None:
    told(provider, token, userinfo)
    client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (403, "")
    assert reason()


def test_a_userinfo_endpoint_that_is_away_signs_nobody_in_and_the_next_try_works(provider, anna) -> None:
    told(provider, {}, {"sub": "p-1"} | VERIFIED)
    provider.broken = {"/userinfo"}
    assert sign_on(provider)[1].status_code == 403
    provider.broken = set()
    assert who(sign_on(provider)[0]) == "anna"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("custom_attributes.hub", "hub-analysts"),
        ("realm_access.roles", ["cooks", "hub-analysts"]),
        ("https://x.org/claims.roles", ["hub-analysts"]),
    ],
)
def test_a_role_claim_may_lie_within_another_one_and_have_dots_in_its_name(
    provider, anna, settings, claim, value
) -> None:
    settings.OIDC_ROLE_CLAIM, settings.OIDC_ROLES = claim, {"hub-analysts": "Analysts", "None": "Administrators"}
    outer, _, inner = claim.partition(".")
    provider.person |= {claim: value} if claim.startswith("https") else {outer: {inner: value}}
    sign_on(provider)
    assert list(anna.groups.values_list("name", flat=True)) == ["Analysts"]
    provider.person |= {claim: None, outer: "no object"}
    sign_on(provider)
    assert not Group.objects.filter(user=anna).exists()


ODD = {
    "sub with NUL": {"sub": "p\0"},
    "sub too long": {"sub": "p" * 256},
    "sub no text": {"sub": ["p-1"]},
    "half a letter": {"sub": "\ud800"},
    "email with NUL": {"email": "new\0@x.org"},
    "email in a list": {"email": ["new@x.org"]},
    "email an object": {"email": {"value": "new@x.org"}},
    "email longer than a name": {"email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.org"},
    "email too long": {"email": f"{'a' * 300}@x.org"},
    "email with lines": {"email": "new@x.org\nadmin@x.org"},
    "no address": {"email": "new"},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_words_of_a_provider_are_refused_with_the_reason_and_make_nobody(provider, settings, odd) -> None:
    settings.OIDC_CREATE_USERS = True
    provider.person |= odd
    client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (403, "")
    assert "did not sign you in here" in answer.content.decode()
    assert reason()
    assert not User.objects.exists()
    assert not SignOnIdentity.objects.exists()


@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
@pytest.mark.parametrize("nonsense", [[], "x", None, 7, {}], ids=["list", "text", "nothing", "number", "empty"])
def test_a_provider_that_answers_nonsense_signs_nobody_in(provider, anna, path, nonsense) -> None:
    client, sent = Client(), None
    if path != "/.well-known/openid-configuration":
        sent = provider.sign_in(client.get(reverse("sign_on"))["Location"])
    provider.instead = {path: nonsense}
    answer = client.get(reverse("sign_on_back"), sent) if sent else client.get(reverse("sign_on"))
    assert (answer.status_code, who(client)) == (403 if sent else 502, "")


def test_letters_that_only_look_alike_in_capitals_are_another_address(provider) -> None:
    User.objects.create_user("mike", "mike@x.org")
    provider.person |= {"email": "m\u0131ke@x.org"}  # a small i without its dot, whose capital is I
    client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (403, "")
