"""The search: what each kind of text finds, for whom, and that absurd texts find nothing calmly."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from customers.publishing import recompute_all
from customers.search import mistyped, number_probes
from integration_hub.models import ErpCustomer, ErpOrder, SfContact, SfOpportunity
from integration_hub.words import fold, pieces_of, words_of
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTREL, mirrored

URL = "/search/"
ODD = (
    "<script>alert(1)</script>",
    "' or 1=1 --",
    "%_%",
    "\\",
    ":* & ! | ( )",
    "🚚🚚",
    "شركة النور للتجارة",
    "x" * 400,
    "a b c d e f g h i j k l",
    "\u202e1234",
    "'''",
    "0000",
    "—",
)


def groups(client: Client, text: str) -> dict[str, list[str]]:
    found = client.get(URL, {"q": text, "part": "1"}).context["found"]
    return {group.label: [hit.label for hit in group.hits] for group in found.groups}


@pytest.mark.parametrize(
    ("text", "group", "label"),
    [
        ("kest", "Customers", "Kestrel Marine Engineering B.V."),
        ("engineering KÈST", "Customers", "Kestrel Marine Engineering B.V."),
        ("rotterdam marine", "Customers", "Kestrel Marine Engineering B.V."),
        ("104233", "Customers", "Kestrel Marine Engineering B.V."),
        ("00104233", "Customers", "Kestrel Marine Engineering B.V."),
        ("kestral", "Customers", "Kestrel Marine Engineering B.V."),
        (KESTREL, "Customers", "Kestrel Marine Engineering B.V."),
        (KESTREL[:15], "Customers", "Kestrel Marine Engineering B.V."),
        ("verhag", "Contacts", "Joost Verhagen"),
        ("joost@kestrel.example", "Contacts", "Joost Verhagen"),
        ("marit@kest", "Contacts", "Marit Smeets"),
        ("SO-1", "Orders", "SO-1"),
        ("so-", "Orders", "SO-1"),
        ("PO 77", "Orders", "SO-1"),
        ("D-2", "Deliveries", "D-2"),
        ("F-1", "Invoices", "F-1"),
        ("P-1", "Payments", "P-1"),
        ("dock", "Opportunities", "Dock cranes"),
    ],
)
def test_each_kind_of_text_finds_its_kind_and_only_for_those_who_may_see_it(
    world: World, cast: Cast, text: str, group: str, label: str
) -> None:
    for client in (cast.owner, cast.manager, cast.analyst, cast.administrator):
        assert label in groups(client, text).get(group, []), text
    for client in (cast.outsider, cast.untied):
        found = [hit for hits in groups(client, text).values() for hit in hits]
        assert label not in found, text
        page = client.get(URL, {"q": text, "part": "1"}).content.decode()
        for secret in ("Kestrel Marine", "104233", "Verhagen", "Dock cranes", "/orders/erp:SO-1"):
            assert secret not in page.replace(text, ""), (text, secret)


def test_numbers_are_found_with_and_without_leading_zeros(world: World, cast: Cast) -> None:
    mirrored(ErpCustomer, "erp:zero", number="0000778899", name="Zero & Sons")
    mirrored(ErpOrder, "erp:0045001", number="0000045001", customer_id="erp:zero", ordered_on=AS_OF, net_amount=1)
    mirrored(ErpOrder, "erp:45002", number="45002", customer_id="erp:zero", ordered_on=AS_OF, net_amount=1)
    recompute_all(AS_OF, current=True)
    assert groups(cast.analyst, "778899") == groups(cast.analyst, "0000778899") == {"Customers": ["Zero & Sons"]}
    assert groups(cast.analyst, "45001")["Orders"] == groups(cast.analyst, "000045001")["Orders"] == ["0000045001"]
    assert groups(cast.analyst, "00045002")["Orders"] == ["45002"]
    assert set(groups(cast.analyst, "4500")["Orders"]) == {"0000045001", "45002"}


def test_one_meant_hit_opens_and_several_are_listed(world: World, cast: Cast) -> None:
    assert cast.owner.get(URL, {"q": "Kestrel"}).status_code in {200, 302}
    assert cast.owner.get(URL, {"q": "SO-1"})["Location"] == reverse("customers:order", args=("erp:SO-1",))
    page = cast.analyst.get(URL, {"q": "kest"}).content.decode()
    assert "<mark>Kest</mark>rel" in page
    assert "<mark>Kest</mark>on" in page


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_find_nothing_calmly(world: World, cast: Cast, text: str) -> None:
    for client in (cast.owner, cast.analyst):
        for query in ({"q": text}, {"q": text, "part": "1"}):
            answer = client.get(URL, query)
            assert answer.status_code == 200
            assert b"<script>alert" not in answer.content
        assert client.get("/customers/", {"q": text}).status_code == 200


def test_odd_names_are_found_and_shown_as_text(world: World, cast: Cast) -> None:
    names = ("<b>Bold</b> & Co", "🚚 Trucks", "شركة النور للتجارة", "N" * 255, "Ⅷ ﬁne Straße")
    for index, name in enumerate(names):
        mirrored(ErpCustomer, f"erp:odd{index}", number=f"88{index}", name=name)
    recompute_all(AS_OF, current=True)
    for text, name in zip(("bold", "🚚", "النور", "n" * 255, "fine strasse"), names, strict=True):
        assert groups(cast.analyst, text)["Customers"] == [name]
    assert b"<b>Bold" not in cast.analyst.get("/customers/", {"q": "bold"}).content


def test_the_customers_opened_last_are_offered_while_nothing_is_typed(world: World, cast: Cast) -> None:
    for customer in (world.kestrel, world.prospect, world.kestrel):
        cast.owner.get(reverse("customers:detail", args=(customer.pk,)))
    recent = cast.owner.get(URL, {"part": "1"}).context["recent"]
    assert [hit.label for group in recent for hit in group.hits] == [world.kestrel.name, world.prospect.name]
    assert cast.analyst.get(URL, {"part": "1"}).context["recent"] == ()
    session = cast.outsider.session
    session["opened_customers"] = [world.kestrel.pk, "x"]
    session.save()
    assert cast.outsider.get(URL, {"part": "1"}).context["recent"] == ()


def test_the_number_of_queries_does_not_grow_with_what_is_found(
    world: World, cast: Cast, django_assert_max_num_queries
) -> None:
    for index in range(30):
        mirrored(SfContact, f"003Dn0000000{index:03d}IAA", account_id=KESTREL, name=f"Kestrel Person {index}")
        mirrored(SfOpportunity, f"006Dn0000000{index:03d}IAA", account_id=KESTREL, name=f"Kestrel deal {index}")
    cast.owner.get(URL, {"q": "kestrel", "part": "1"})
    with django_assert_max_num_queries(30):
        assert len(groups(cast.owner, "kestrel")["Contacts"]) == 5


def test_the_database_splits_words_as_python_does(db: None) -> None:
    texts = ("Müller & Söhne (Köln) 10/004711", "straße ẞ", "a.b@c-d.example", "", "  ", "000", "00x", "ﬁ Ⅷ", "x" * 300)
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute("select tsvector_to_array(search_words(%s))", [text])
            assert set(cursor.fetchone()[0]) == set(words_of(text)), text


def test_words_are_marked_where_they_begin() -> None:
    assert pieces_of("Kestrel-Kest", "kest") == [("Kest", True), ("rel", False), ("-", False), ("Kest", True)]
    assert pieces_of("0000123", "123") == [("0000123", True)]
    assert "".join(piece for piece, _ in pieces_of("Straße <b>", "strasse b")) == "Straße <b>"
    assert fold("ÀÉ") == "ae"


def test_slips_and_forms_of_a_number_are_bounded() -> None:
    assert {"kestrel", "kstrel", "ekstrel"} - mistyped("kestrel") == {"kestrel"}
    assert "kestrel" in mistyped("kestral") & mistyped("ketsrel") & mistyped("kestrell") & mistyped("kestre")
    assert mistyped("abc") == mistyped("x" * 40) == mistyped("a1234") == set()
    low, high = number_probes("0012")
    assert "12" in low
    assert "0000000012" in low
    assert all(last.startswith(first) for first, last in zip(low, high, strict=True))
    assert number_probes("y" * 200) == ([], [])
