"""What each role finds on lists and by search. Which URL opens for whom is in test_every_url.py, for all of them."""

from django.urls import reverse

from customers.models import Customer
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import FOREIGN, KESTREL, MERGED_AWAY

# The pages of Kestrel, by URL name.
BY_CUSTOMER = (
    "detail",
    "not_converted",
    "orders",
    "deliveries",
    "invoices",
    "payments",
    "opportunities",
    "contacts",
    "products",
    "erp_customers",
    "timeline",
    *("open_items", "settlements", "statement", "statement_file", "pre_call"),
)
BY_KEY = {"order": "erp:SO-1", "delivery": "erp:D-1", "invoice": "erp:F-1", "payment": "erp:P-1"}


def of_kestrel(world: World) -> dict[str, str]:
    """Every page about one customer, by URL name, for Kestrel."""
    pages = {name: reverse(f"customers:{name}", args=(world.kestrel.pk,)) for name in BY_CUSTOMER}
    pages["figure"] = reverse("customers:figure", args=(world.kestrel.pk, "overdue_amount"))
    pages["product"] = reverse("customers:product", args=(world.kestrel.pk, "Seal kit, hydraulic"))
    return pages | {name: reverse(f"customers:{name}", args=(key,)) for name, key in BY_KEY.items()}


def test_the_list_holds_only_customers_one_may_see(world: World, cast: Cast) -> None:
    url = reverse("customers:list")
    seen = {name: getattr(cast, name).get(url).content.decode() for name in ("owner", "manager", "outsider", "analyst")}
    assert "Kestrel" in seen["owner"]
    assert "Keston" not in seen["owner"]
    assert "Keston" in seen["outsider"]
    assert "Kestrel" not in seen["outsider"]
    assert "Kestrel" in seen["manager"]
    assert "Keston" in seen["manager"]
    assert "Unlinked Works" not in seen["manager"]
    assert "Unlinked Works" in seen["analyst"]


def test_a_search_finds_only_what_one_may_see(world: World, cast: Cast) -> None:
    url = reverse("customers:search")
    assert cast.owner.get(url, {"q": "SO-1"})["Location"] == reverse("customers:order", args=("erp:SO-1",))
    assert "Nothing found" in cast.outsider.get(url, {"q": "SO-1"}).content.decode()
    assert "Nothing found" in cast.outsider.get(url, {"q": "Kestrel"}).content.decode()


def test_an_untied_login_sees_nothing_and_is_told_why(cast: Cast) -> None:
    page = cast.untied.get(reverse("customers:list")).content.decode()
    assert "nobody@elsewhere.example" in page
    assert "Kestrel" not in page


def test_a_salesforce_id_opens_the_customer_and_a_merged_one_its_winner(world: World, cast: Cast) -> None:
    for record in (KESTREL, KESTREL[:15], MERGED_AWAY, MERGED_AWAY[:15]):
        for slash in ("", "/"):
            answer = cast.owner.get(f"/customers/by-salesforce-id/{record}{slash}")
            assert answer.status_code == 302, record
            assert answer["Location"] == reverse("customers:detail", args=(world.kestrel.pk,)), record


def test_an_unknown_or_wrongly_written_salesforce_id_finds_nothing(cast: Cast) -> None:
    wrong = (FOREIGN, KESTREL.lower(), KESTREL[:15].swapcase(), KESTREL[:17] + "A", "x", "001';--", KESTREL[:17])
    for record in wrong:
        assert cast.owner.get(f"/customers/by-salesforce-id/{record}/").status_code == 404, record


def test_a_salesforce_id_of_somebody_elses_account_finds_nothing(cast: Cast) -> None:
    assert cast.outsider.get(f"/customers/by-salesforce-id/{KESTREL}/").status_code == 404


def test_no_page_of_a_customer_takes_a_change(world: World, cast: Cast) -> None:
    for url in of_kestrel(world).values():
        assert cast.administrator.post(url).status_code == 405


def test_a_parent_of_somebody_else_is_not_named(world: World, cast: Cast) -> None:
    Customer.objects.filter(pk=world.kestrel.pk).update(parent=world.keston)
    url = reverse("customers:detail", args=(world.kestrel.pk,))
    assert world.keston.name not in cast.owner.get(url).text
    assert world.keston.name in cast.manager.get(url).text


def test_a_form_with_a_character_that_no_text_can_hold_is_refused(cast: Cast) -> None:
    assert cast.owner.post(reverse("customers:save_view"), {"name": "a\x00b", "query": ""}).status_code == 400
    assert cast.owner.get(reverse("customers:list"), {"s:\x00": "x"}).status_code == 400, "in the name of a parameter"
