"""Single sign-on by OpenID Connect: who gets in, as whom, with which roles, and everything that is refused."""

import logging
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.models import AuditRow, SignOnIdentity
from tests.integration_hub.sign_on.provider import SECRET, public, sign_on, who

pytestmark = pytest.mark.django_db


def test_a_verified_address_finds_the_login_once_and_the_providers_own_name_ever_after(provider, anna) -> None:
    client, answer = sign_on(provider, wanted="/customers/?q=a")
    assert (answer.status_code, answer["Location"], who(client)) == (302, "/customers/?q=a", "anna")
    assert 7.9 * 3600 < client.session.get_expiry_age() <= 8 * 3600
    # It counts from the sign-on, whatever is kept in the session meanwhile.
    session = client.session
    session["seen"] = "1"
    session.save()
    later = timezone.now() + timedelta(hours=5)
    assert client.session.get_expiry_age(modification=later) < 3.1 * 3600
    identity = SignOnIdentity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (anna, provider.url, "p-1")
    provider.person |= {"email": "anna.married@x.org", "email_verified": False}
    assert who(sign_on(provider)[0]) == "anna"
    provider.person |= {"sub": "p-2", "email": "anna@x.org", "email_verified": True}
    client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (403, "")


def test_the_session_gets_another_key_and_ends_with_the_login(provider, anna) -> None:
    client = Client()
    client.get(reverse("sign_on"))
    before = client.session.session_key
    sign_on(provider, client)
    assert client.session.session_key != before
    assert client.get("/customers/").status_code == 200
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert client.get("/customers/").status_code == 302
    assert sign_on(provider)[1].status_code == 403


def test_a_session_that_ended_with_its_login_does_not_come_back_with_it(provider, anna) -> None:
    browsers = [sign_on(provider)[0] for _ in range(2)]
    other = Client()
    other.force_login(User.objects.create_user("ben"))
    for active in (False, True):
        anna.is_active = active
        anna.save()
    assert [who(client) for client in (*browsers, other)] == ["", "", "ben"]
    assert who(sign_on(provider)[0]) == "anna"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:alert(1)"]
)
def test_the_way_on_never_leads_away(provider, anna, wanted) -> None:
    assert sign_on(provider, wanted=wanted)[1]["Location"] == reverse("customers:home")


SPOILED = {
    "for another client": {"aud": "another"},
    "for another client that names us as the one who asked": {"aud": "another", "azp": "hub"},
    "of another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": 1_700_000_000},
    "of another sign-on": {"nonce": "n"},
    "signed by somebody else": {"key": rsa.generate_private_key(65537, 2048)},
    "not signed": {"key": None, "alg": "none"},
    "signed with the secret that we know": {"key": SECRET, "alg": "HS256"},
    "of nobody": {"sub": ""},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_token_that_cannot_be_believed_signs_nobody_in(provider, anna, spoil, caplog) -> None:
    provider.spoil = spoil
    with caplog.at_level(logging.WARNING):
        client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (403, "")
    assert "sign-on refused" in caplog.text
    assert "reason" in (AuditRow.objects.get(what="login.failed").after or {})
    assert "id_token" not in caplog.text.replace("'id_token'", "")
    assert SECRET not in answer.content.decode() + caplog.text


def test_a_forged_or_repeated_way_back_signs_nobody_in(provider, anna) -> None:
    client, answer = sign_on(provider, state="forged")
    assert (answer.status_code, who(client)) == (403, "")
    stranger = Client()
    assert stranger.get(reverse("sign_on_back"), {"code": "code-0", "state": "s"}).status_code == 403
    client = Client()
    parameters = provider.sign_in(client.get(reverse("sign_on"))["Location"])
    assert client.get(reverse("sign_on_back"), parameters).status_code == 302
    client.logout()
    assert client.get(reverse("sign_on_back"), parameters).status_code == 403
    refused = Client()
    refused.get(reverse("sign_on"))
    assert refused.get(reverse("sign_on_back"), {"error": "access_denied"}).status_code == 403


@pytest.mark.parametrize(
    ("person", "others", "trust"),
    [
        ({"email_verified": False}, (), False),
        ({"email_verified": "true"}, (), False),
        ({"email": ""}, (), True),
        ({"email": "nobody@x.org"}, (), False),
        ({}, ("ANNA@x.org",), False),
    ],
    ids=["not verified", "verified in words", "no address", "unknown", "two logins"],
)
def test_who_cannot_be_told_for_sure_stays_outside(provider, anna, settings, person, others, trust) -> None:
    settings.OIDC_TRUST_EMAIL = trust
    provider.person |= person
    for number, email in enumerate(others):
        User.objects.create_user(f"other{number}", email)
    client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (403, "")
    assert "did not sign you in here" in answer.content.decode()
    assert not SignOnIdentity.objects.exists()


def test_unknown_people_get_a_login_without_a_password_only_where_that_is_allowed(provider, settings) -> None:
    settings.OIDC_CREATE_USERS, settings.OIDC_TRUST_EMAIL = True, True
    provider.person = {"sub": "p-9", "email": "new@x.org"}
    client, _ = sign_on(provider)
    user = User.objects.get(username="new@x.org")
    assert (who(client), user.has_usable_password(), user.is_staff, user.is_superuser) == (
        "new@x.org",
        False,
        False,
        False,
    )


def test_roles_follow_the_claim_at_each_sign_on(provider, anna, settings) -> None:
    settings.OIDC_ROLE_CLAIM, settings.OIDC_ROLES = (
        "groups",
        {"hub-analysts": "Analysts", "hub-admins": "Administrators"},
    )
    anna.groups.add(Group.objects.create(name="Choir"), Group.objects.get_or_create(name="Administrators")[0])
    for told, expected in (
        (["hub-analysts", "cooks"], {"Analysts", "Choir"}),
        ("hub-admins", {"Administrators", "Choir"}),
        (None, {"Choir"}),
    ):
        provider.person["groups"] = told
        sign_on(provider)
        assert set(anna.groups.values_list("name", flat=True)) == expected


def test_rights_and_sessions_follow_what_the_provider_says_in_every_browser(provider, anna, settings) -> None:
    settings.OIDC_ROLE_CLAIM, settings.OIDC_ROLES = "groups", {"hub-admins": "Administrators"}
    provider.person["groups"] = ["hub-admins"]
    office, laptop = sign_on(provider)[0], sign_on(provider)[0]
    assert [client.get(reverse("runs")).status_code for client in (office, laptop)] == [200, 200]
    provider.person["groups"] = []
    sign_on(provider, laptop)
    assert [client.get(reverse("runs")).status_code for client in (office, laptop)] == [404, 404]
    User.objects.filter(pk=anna.pk).update(is_active=False)
    for client in (office, laptop):
        answer = client.get("/customers/")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("login"))
    assert sign_on(provider, office)[1].status_code == 403


def test_the_provider_rolls_its_keys_over_and_a_key_that_is_gone_signs_nobody_in(provider, anna) -> None:
    first, second = provider.key, rsa.generate_private_key(65537, 2048)
    # Announced beside the first, with keys of other uses; then it signs, and the first goes.
    elliptic = {"kty": "EC", "crv": "P-256", "kid": "e", "use": "sig", "alg": "ES256"}
    elliptic |= {"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
    provider.others = {"2": public(second, "2"), "e": elliptic}
    assert who(sign_on(provider)[0]) == "anna"
    provider.key, provider.kid, provider.others = second, "2", {"1": public(first, "1")}
    assert who(sign_on(provider)[0]) == "anna"
    # In the middle of somebody's sign-on, and not announced at all.
    client = Client()
    sent = client.get(reverse("sign_on"))
    provider.key, provider.kid, provider.others = rsa.generate_private_key(65537, 2048), "3", {}
    assert client.get(reverse("sign_on_back"), provider.sign_in(sent["Location"])).status_code == 302
    assert who(client) == "anna"
    for spoil in ({"key": second, "kid": "2"}, {"key": second}, {"kid": "9"}):
        provider.spoil = spoil
        client, answer = sign_on(provider)
        assert (answer.status_code, who(client)) == (403, ""), spoil


@pytest.mark.parametrize(
    ("ahead", "status"), [(90, 302), (-90, 302), (-390, 302), (900, 403), (-900, 403)], ids="{}".format
)
def test_clocks_may_differ_by_a_minute_or_two_and_not_by_more(provider, anna, ahead: int, status: int) -> None:
    # Its tokens hold for five minutes.
    provider.clock = ahead
    client, answer = sign_on(provider)
    assert (answer.status_code, who(client)) == (status, "anna" if status == 302 else "")


@pytest.mark.parametrize("path", ["/keys", "/token"])
def test_a_provider_that_fails_half_way_signs_nobody_in_and_the_next_try_works(provider, anna, path: str) -> None:
    client = Client()
    sent = client.get(reverse("sign_on"))
    provider.broken = {path}
    answer = client.get(reverse("sign_on_back"), provider.sign_in(sent["Location"]))
    assert (answer.status_code, who(client)) == (403, "")
    assert "did not sign you in here" in answer.content.decode()
    provider.broken = set()
    assert who(sign_on(provider, client)[0]) == "anna"


def test_a_provider_that_is_away_or_another_one_is_told_in_words(provider, settings, anna) -> None:
    provider.described = {"issuer": "https://evil.example"}
    answer = Client().get(reverse("sign_on"))
    assert (answer.status_code, b"Back to sign-in" in answer.content) == (502, True)
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    assert Client().get(reverse("sign_on")).status_code == 502


def test_the_page_offers_the_provider_and_passwords_can_be_switched_off(provider, settings, anna) -> None:
    shown = Client().get("/login/?next=/customers/").content.decode()
    assert 'href="/sign-on/?next=%2Fcustomers%2F"' in shown
    assert "Salesforce" in shown
    assert 'name="password"' in shown
    settings.PASSWORD_LOGIN = False
    assert 'name="password"' not in Client().get("/login/").content.decode()
    entered = {"username": "anna", "password": "a-long-password"}
    assert Client().post("/login/", entered).status_code == 405
    settings.OIDC_ISSUER = ""
    assert Client().post("/login/", entered).status_code == 302
    assert "sign-on" not in Client().get("/login/").content.decode()
    assert Client().get(reverse("sign_on")).status_code == 404
    assert Client().get(reverse("sign_on_back")).status_code == 404


def test_what_a_visitor_leaves_behind_on_the_way_to_the_provider_is_small_and_soon_over(provider, anna) -> None:
    client = Client()
    for wanted in (f"/customers/?q={'x' * 6000}", "https://evil.example/", "/customers/"):
        client.get(reverse("sign_on"), {"next": wanted})
        assert client.session["sign_on_next"] == ("/customers/" if wanted == "/customers/" else "")
    assert client.session.get_expiry_age() <= 1800
    # By password after all: this session lasts as long as any.
    client.post("/login/", {"username": "anna", "password": "a-long-password"})
    assert (who(client), client.session.get_expiry_age()) == ("anna", 12 * 3600)
    client.get(reverse("sign_on"))
    assert client.session.get_expiry_age() == 12 * 3600
