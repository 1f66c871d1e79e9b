"""The customer's page inside Salesforce: who gets it, what is refused and how, and what nobody else may frame."""

import base64
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, CustomerView, Login
from integration_hub.canvas import KEPT
from integration_hub.models import ApiUse, CanvasRequest, SfUser
from tests.customers.pages.canvas_signing import (
    ORIGINS,
    OTHER_ORG,
    content,
    encoded,
    milliseconds,
    seal,
    signed,
    switch_on,
)
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_deep_links import DEAL
from tests.customers.pages.world import ANA, BEN, FOREIGN, KESTON, KESTREL, MERGED_AWAY, PROSPECT, mirrored

URL = "/salesforce/canvas/"


@pytest.fixture
def on(world: World, cast: Cast, tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    """Switched on; Ana and Ben have logins, and whoever asks holds no cookie and no CSRF token."""
    switch_on(tmp_path, settings, monkeypatch)
    assert cast.owner is not cast.outsider


def post(request: str | None) -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.post(URL, {} if request is None else {"signed_request": request})


def test_a_signed_request_shows_the_customer_without_session_cookie_or_token(on: None, world: World) -> None:
    page = post(signed(content()))
    assert page.status_code == 200
    assert "Kestrel Marine Engineering B.V." in page.text
    assert not page.cookies
    policy = page["Content-Security-Policy"]
    assert f"frame-ancestors {' '.join(ORIGINS)};" in f"{policy};"
    assert ("script-src 'none'" in policy, "<script" in page.text) == (True, False)
    assert not page.has_header("X-Frame-Options")
    assert "no-store" in page["Cache-Control"]
    # Relative links are those of the full page, and all open a tab of their own.
    assert f'<base href="/customers/{world.kestrel.pk}/" target="_blank">' in page.text
    assert (page.text.count("<form"), page.text.count("csrfmiddlewaretoken")) == (0, 0)
    seen = CustomerView.objects.get()
    assert (seen.customer, seen.user.username, seen.page) == (world.kestrel, "ana", "canvas")
    assert User.objects.count() == 2


@pytest.mark.parametrize("record", [KESTREL[:15], MERGED_AWAY, DEAL, PROSPECT])
def test_each_kind_of_record_opens_its_customer(on: None, world: World, record: str) -> None:
    page = post(signed(content(record)))
    assert page.status_code == 200
    customer = world.prospect if record == PROSPECT else world.kestrel
    assert f"/customers/{customer.pk}/" in page.text
    if record == PROSPECT:
        assert "Nothing from the ERP yet" in page.text
    if record == DEAL:
        assert reverse("customers:opportunities", args=(world.kestrel.pk,)) in page.text


def test_a_record_may_be_named_by_its_address_alone(on: None) -> None:
    said = content()
    del said["context"]["environment"]["record"]["Id"]
    assert post(signed(said)).status_code == 200


def test_a_foreign_customer_and_a_missing_one_get_the_same_page(on: None) -> None:
    foreign, missing, other_kind = (post(signed(content(record))) for record in (KESTON, FOREIGN, "003Dn00000AbCdEIAV"))
    assert (foreign.status_code, missing.status_code, other_kind.status_code) == (404, 404, 404)
    assert foreign.content == missing.content == other_kind.content
    assert "Keston" not in foreign.text
    assert f"frame-ancestors {ORIGINS[0]}" in foreign["Content-Security-Policy"]
    assert not CustomerView.objects.exists()
    # Whom it belongs to gets it.
    assert "Keston" in post(signed(content(KESTON, user=BEN, email="ben@northgate.example"))).text


def test_a_place_without_a_record_says_where_the_page_belongs(on: None) -> None:
    page = post(signed(content("")))
    assert (page.status_code, "on the page layout of accounts" in page.text) == (404, True)


def changed(**values: Any) -> dict[str, Any]:
    """What Salesforce says, with other values at the top."""
    return content() | values


def told(part: str, **values: Any) -> dict[str, Any]:
    """What Salesforce says, with other values in a part of its context."""
    said = content()
    said["context"][part].update(values)
    return said


def other_body() -> str:
    signature = signed(content()).partition(".")[0]
    return f"{signature}.{encoded(content(PROSPECT))}"


def rewritten(change: Callable[[str], str]) -> str:
    """The envelope written in another way after it was signed."""
    signature, _, envelope = signed(content()).partition(".")
    return f"{signature}.{change(envelope)}"


def sealed(change: Callable[[str], str]) -> str:
    """The signature written in another way."""
    signature, _, envelope = signed(content()).partition(".")
    return f"{change(signature)}.{envelope}"


def wrong_from_the_start(text: str) -> str:
    """Signed, but the envelope is no base64 of JSON."""
    return f"{seal(text)}.{text}"


def ago(**passed: float) -> int:
    return milliseconds(timezone.now() - timedelta(**passed))


def of_32_bits(number: int) -> int:
    """What is left of a number in a signed integer of 32 bits."""
    return (number + 2**31) % 2**32 - 2**31


REFUSED: dict[str, tuple[Callable[[], str | None], str]] = {
    "wrong secret": (lambda: signed(content(), "another-secret-of-some-length"), "signature does not fit"),
    "empty secret": (lambda: signed(content(), ""), "signature does not fit"),
    "changed body": (other_body, "signature does not fit"),
    "old issuedAt": (lambda: signed(changed(issuedAt=ago(minutes=5, seconds=1))), "301 seconds before now"),
    "old issuedAt of 32 bits": (
        lambda: signed(changed(issuedAt=of_32_bits(ago(minutes=6)))),
        "360 seconds before now",
    ),
    "issuedAt to come": (lambda: signed(changed(issuedAt=ago(seconds=-90))), "-90 seconds before now"),
    "issuedAt in seconds": (lambda: signed(changed(issuedAt=ago() // 1000)), "seconds before now"),
    "issuedAt missing": (lambda: signed(changed(issuedAt=None)), "no number of milliseconds"),
    "issuedAt a text": (lambda: signed(changed(issuedAt=str(ago()))), "no number of milliseconds"),
    "issuedAt absurd": (lambda: signed(changed(issuedAt=10**40)), "no number of milliseconds"),
    "another algorithm": (lambda: signed(changed(algorithm="HMACMD5")), "algorithm is not"),
    "no algorithm": (lambda: signed(changed(algorithm="none")), "algorithm is not"),
    "algorithm missing": (lambda: signed(changed(algorithm=None)), "algorithm is not"),
    "missing dot": (lambda: signed(content()).replace(".", ""), "with a dot"),
    "nothing before the dot": (lambda: f".{encoded(content())}", "with a dot"),
    "nothing behind the dot": (lambda: f"{seal('')}.", "with a dot"),
    "empty": (lambda: "", "with a dot"),
    "no field": (lambda: None, "no signed_request"),
    "too large": (lambda: signed(changed(client="x" * 64 * 1024)), "larger than"),
    "envelope padded anew": (
        lambda: rewritten(lambda text: text.rstrip("=") + "=" * 3),
        "signature does not fit",
    ),
    "envelope with a line break": (lambda: rewritten(lambda text: f"{text}\n"), "signature does not fit"),
    "signature with a line break": (lambda: sealed(lambda text: f"{text[:9]}\n{text[9:]}"), "signature is not base64"),
    "signature in both alphabets": (lambda: sealed(lambda text: f"-/{text[2:]}"), "signature is not base64"),
    "signature with too much padding": (lambda: sealed(lambda text: f"{text}="), "signature is not base64"),
    "signature cut": (lambda: sealed(lambda text: text[:20]), "signature does not fit"),
    "signature beyond ASCII": (lambda: sealed(lambda text: f"ä{text[1:]}"), "signature is not base64"),
    "signature in hex": (
        lambda: sealed(lambda text: base64.b64decode(text).hex()),
        "signature does not fit",
    ),
    "envelope no base64": (lambda: wrong_from_the_start("{}"), "envelope is not base64"),
    "envelope no JSON": (lambda: wrong_from_the_start("bm9uZQ=="), "not JSON"),
    "envelope too deep": (
        lambda: wrong_from_the_start(base64.b64encode(b"[" * 40_000).decode()),
        "not JSON",
    ),
    "envelope a list": (lambda: signed([1]), "no JSON object"),
    "no context": (lambda: signed(changed(context=None)), "context is missing"),
    "no user": (lambda: signed(told("user", userId="")), "no Salesforce id"),
    "two users": (lambda: signed(changed(userId=BEN)), "two users"),
    "other org": (lambda: signed(told("organization", organizationId=OTHER_ORG)), f"of the org {OTHER_ORG}"),
    "record no id": (
        lambda: signed(told("environment", record={"Id": "1 or 1=1", "attributes": {"type": "Account"}})),
        "record has no Salesforce id",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_right_is_refused_calmly_and_the_reason_stands_in_the_log(
    on: None, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    make, reason = REFUSED[case]
    page = post(make())
    assert page.status_code == 403
    assert reason in caplog.text
    assert "Reload the record in Salesforce" in page.text
    assert (reason in page.text, "Kestrel" in page.text, "signature" in page.text) == (False, False, False)
    assert page.content == post("x.y").content, "no refusal may be told from another"
    assert f"frame-ancestors {' '.join(ORIGINS)}" in page["Content-Security-Policy"]
    assert not CustomerView.objects.exists()
    assert not CanvasRequest.objects.exists()


def test_a_request_is_answered_once_however_it_is_written_the_second_time(
    on: None, caplog: pytest.LogCaptureFixture
) -> None:
    request = signed(content())
    signature, _, envelope = request.partition(".")
    again = signature.rstrip("=").replace("+", "-").replace("/", "_")
    assert post(request).status_code == 200
    assert post(request).status_code == 403
    assert post(f"{again}.{envelope}").status_code == 403
    assert caplog.text.count("it was answered before") == 2


@pytest.mark.parametrize("padded", [True, False])
def test_both_alphabets_are_understood(on: None, padded: bool) -> None:
    said = content() | {"note": "ÿþ?>~" * 9}
    envelope = base64.urlsafe_b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()
    envelope = envelope if padded else envelope.rstrip("=")
    assert {"-", "_"} & set(envelope)
    signature = seal(envelope).replace("+", "-").replace("/", "_")
    assert post(f"{signature if padded else signature.rstrip('=')}.{envelope}").status_code == 200


def test_an_issued_at_of_32_bits_is_read_as_the_nearest_instant(on: None) -> None:
    for number, issued_at in enumerate((ago(minutes=4) % 2**32, of_32_bits(ago(minutes=4)))):
        assert post(signed(content() | {"issuedAt": issued_at, "note": number})).status_code == 200


def test_of_two_at_the_same_instant_exactly_one_is_answered(
    transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    switch_on(tmp_path, settings, monkeypatch)
    Customer.objects.create(account=KESTREL, name="Kestrel Marine Engineering B.V.")
    User.objects.create_user("ana", "ana@northgate.example", is_superuser=True)
    request, barrier = signed(content()), threading.Barrier(4)
    statuses: list[int] = []

    def send() -> None:
        try:
            barrier.wait(10)
            statuses.append(post(request).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(statuses) == [200, 403, 403, 403]


def test_digests_are_forgotten_after_more_than_a_year_and_not_before(on: None) -> None:
    now = timezone.now()
    CanvasRequest.objects.create(digest="a" * 64, received_at=now - KEPT - timedelta(minutes=1))
    CanvasRequest.objects.create(digest="b" * 64, received_at=now - KEPT + timedelta(minutes=1))
    assert post(signed(content())).status_code == 200
    assert set(CanvasRequest.objects.values_list("digest", flat=True)) & {"a" * 64, "b" * 64} == {"b" * 64}


def test_before_the_first_sync_nobody_knows_which_org_is_the_right_one(
    on: None, caplog: pytest.LogCaptureFixture
) -> None:
    ApiUse.objects.all().delete()
    assert post(signed(content())).status_code == 403
    assert "no org was read yet" in caplog.text
    ApiUse.objects.create(at=timezone.now(), organization=OTHER_ORG)
    assert post(signed(content())).status_code == 403


def refused_for_want_of_a_login(said: dict[str, Any]) -> bool:
    page = post(signed(said))
    return page.status_code == 403 and "You have no login for Customer 360" in page.text and "Kestrel" not in page.text


def test_only_an_active_login_of_that_very_person_counts(on: None) -> None:
    ana = User.objects.get(username="ana")
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert refused_for_want_of_a_login(content())
    Login.objects.create(user=ana, salesforce_user=ANA)
    assert refused_for_want_of_a_login(content())
    # A second login with her address does not stand in for the one that was tied to her and switched off.
    other = User.objects.create_user("ana2", "ana@northgate.example", is_superuser=True)
    assert refused_for_want_of_a_login(content())
    Login.objects.all().delete()
    User.objects.filter(pk=ana.pk).update(is_active=True)
    assert refused_for_want_of_a_login(content()), "two logins with that address"
    other.delete()
    assert post(signed(content())).status_code == 200
    assert refused_for_want_of_a_login(content(user="005Dn000001zzzzIAA", email="new@northgate.example"))
    assert not User.objects.filter(email="new@northgate.example").exists()


def test_an_address_of_somebody_else_opens_nothing(on: None) -> None:
    # Ben's Salesforce user has Ana's address, as a person may write into the profile.
    assert refused_for_want_of_a_login(content(user=BEN, email="ana@northgate.example"))
    Login.objects.update_or_create(user=User.objects.get(username="ana"), defaults={"salesforce_user": ANA})
    SfUser.objects.filter(key=ANA).update(email="elsewhere@northgate.example")
    stranger = "005Dn000001zzzzIAA"
    mirrored(SfUser, stranger, name="Z", email="ana@northgate.example")
    assert refused_for_want_of_a_login(content(user=stranger, email="ana@northgate.example"))


def test_a_login_is_found_by_its_tie_or_by_the_user_name_too(on: None) -> None:
    ana = User.objects.get(username="ana")
    User.objects.filter(pk=ana.pk).update(email="")
    Login.objects.create(user=ana, salesforce_user=ANA)
    assert post(signed(content(email="whatever@northgate.example"))).status_code == 200
    User.objects.create_user("iris@org.example", is_superuser=True)
    said = content(user="005Dn000001yyyyIAA", email="")
    said["context"]["user"]["userName"] = "Iris@org.example"
    assert post(signed(said)).status_code == 200


def test_switched_off_it_is_no_page_at_all_and_looking_at_it_shows_nothing(
    cast: Cast, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    off = post(signed(content()))
    assert (off.status_code, off["X-Frame-Options"]) == (404, "DENY")
    assert "frame-ancestors 'none'" in off["Content-Security-Policy"]
    switch_on(tmp_path, settings, monkeypatch)
    assert (Client().get(URL).status_code, Client().put(URL).status_code) == (403, 405)
    assert cast.owner.get(URL).status_code == 403


def test_every_other_page_stays_without_a_frame(on: None, world: World, cast: Cast) -> None:
    for url in ("/login/", "/salesforce/", f"/customers/{world.kestrel.pk}/", f"/customers/by-salesforce-id/{KESTREL}"):
        page = cast.owner.get(url)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"], url
        assert page["X-Frame-Options"] == "DENY", url


def test_what_the_role_does_not_see_is_not_in_the_frame_either(on: None, settings: Any) -> None:
    path = Path(settings.HUB_CONFIG)
    before = post(signed(content())).text
    assert "Overdue" in before
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\noverdue_amount = ["account_manager"]\ncredit_limit = ["account_manager"]\n', "utf-8")
    page = post(signed(content() | {"note": "again"}))
    assert page.status_code == 200
    assert "figures/overdue_amount/" in before
    assert "figures/overdue_amount/" not in page.text


def test_the_number_of_queries_does_not_hang_on_the_customer(on: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(100):
        assert post(signed(content())).status_code == 200
