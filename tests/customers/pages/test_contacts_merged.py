"""People of both systems: each contact is in exactly one person, and the same person is shown once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from customers.pages.contacts import Contact, differences_of, merged
from customers.pages.people import build_people
from integration_hub.models import ErpContact, SfContact
from tests.customers.pages.conftest import World
from tests.customers.pages.world import KESTREL, READ_AT, mirrored

PARTIES = (("acc", "Salesforce"), ("erp:1", "ERP"), ("us:2", "ERP"))
NAMES = st.sampled_from(["", " ", "Ana Duarte", "ANA  DUARTE", "Ben", "Zoë", "zoe", "Ben Okafor"])
EMAILS = st.sampled_from(["", "info@x.example", "Info@X.example ", "ana@x.example", "ben@x.example"])
ROWS = st.lists(st.tuples(st.sampled_from(PARTIES), NAMES, EMAILS), max_size=14)


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_nobody_is_lost_or_twice_and_no_party_gives_two_contacts_to_one_person(
    rows: list[tuple[tuple[str, str], str, str]],
) -> None:
    contacts = [
        Contact(str(number), party, system, name, "", email, "")
        for number, ((party, system), name, email) in enumerate(rows)
    ]
    people = merged(contacts)
    assert sorted(each.key for group in people for each in group) == sorted(each.key for each in contacts)
    for group in people:
        assert len({each.party for each in group}) == len(group) > 0
        differences_of(group)
    whole = [(each.name.strip(), each.email.strip()) for each in contacts]
    assert all(len(group) == 1 or any(map(any, whole)) for group in people)
    nameless = [group for group in people if any(not each.name.strip() and not each.email.strip() for each in group)]
    assert all(len(group) == 1 for group in nameless), "nothing known of them makes nobody the same"


def test_a_shared_mailbox_keeps_its_people_apart_by_name() -> None:
    people = merged(
        [
            Contact("s1", "acc", "Salesforce", "Ana Duarte", "", "info@x.example", ""),
            Contact("s2", "acc", "Salesforce", "Ben Okafor", "", "info@x.example", ""),
            Contact("e1", "erp:1", "ERP", "Ben Okafor", "", "INFO@x.example", ""),
        ]
    )
    assert [[each.key for each in group] for group in people] == [["s1"], ["s2", "e1"]]


def test_the_mailbox_of_an_office_makes_nobody_the_same_person_and_the_order_of_a_name_nobody_another() -> None:
    people = merged(
        [
            Contact("s1", "acc", "Salesforce", "Anna Keller", "", "info@x.example", "+49 711 1111111"),
            Contact("s2", "acc", "Salesforce", "Dr. Eva Lind", "", "", ""),
            Contact("s3", "acc", "Salesforce", "Carla Ruiz", "", "carla@x.example", "+34 91 5550101"),
            Contact("s4", "acc", "Salesforce", "Mia Novak", "", "m@x.example", "+43 1 5550101"),
            Contact("e1", "erp:1", "ERP", "Bob Smith", "", "info@x.example", "+49 711 2222222"),
            Contact("e2", "erp:1", "ERP", "Lind, Eva", "", "", ""),
            Contact("e3", "erp:1", "ERP", "Purchasing", "", "carla@x.example", ""),
            Contact("e4", "erp:1", "ERP", "Tom Huber", "", "m@x.example", "+43 1 7770000"),
        ]
    )
    assert [[each.key for each in group] for group in people] == [
        *(["s1"], ["s2", "e2"], ["s3", "e3"], ["s4"]),
        *(["e1"], ["e4"]),
    ]
    assert differences_of(people[1]) == ()


def test_an_exact_address_agrees_and_a_namesake_with_another_one_is_another_person() -> None:
    people = merged(
        [
            Contact("s1", "acc", "Salesforce", "Petra Krueger", "", "petra@x.example", "+49 821 5551"),
            Contact("e2", "us:2", "ERP", "Petra Krueger", "", "pk@y.example", "+1 713 555 0199"),
            Contact("e1", "erp:1", "ERP", "Petra Krueger", "", "Petra@x.example", ""),
            Contact("e3", "uk:3", "ERP", "Petra Krueger", "", "", ""),
            Contact("e4", "fr:4", "ERP", "Petra Krueger", "", "old@x.example", "0821 5551"),
            Contact("e5", "fr:5", "ERP", "Petra Krueger", "", "p.k@x.example", "+1 (713) 555-0199"),
        ]
    )
    assert [[each.key for each in group] for group in people] == [["s1", "e1", "e3", "e4"], ["e2", "e5"]]
    assert differences_of(people[0][:2]) == ()


def test_one_person_is_shown_once_with_both_sources_and_their_differences(world: World) -> None:
    mirrored(ErpContact, "erp:c2", customer_id="erp:104233", name="Verhagen, J.", role="Buyer",
             email="JOOST@kestrel.example", phone="010 555 01")  # fmt: skip
    mirrored(ErpContact, "erp:c3", customer_id="erp:104233", name="Joost Verhagen", role="", email="jv@old.example")
    mirrored(ErpContact, "erp:c4", customer_id="erp:104233", name="", email="")
    # Moved here from another account: only the account that it is at now counts.
    SfContact.objects.create(key="003Dn00000AbCdFIAV", source="salesforce", synced_at=READ_AT, account_id=KESTREL,
                             name="Marit Smeets", email="m.smeets@kestrel.example", phone="010 5550100")  # fmt: skip
    ErpContact.objects.filter(key="erp:c1").update(phone="+31 10 555 01 00")
    people = {person.key: person for person in build_people([KESTREL], ["erp:104233"])}
    assert set(people) == {"003Dn00000AbCdEIAV", "003Dn00000AbCdFIAV", "erp:c3", "erp:c4"}
    joost = people["003Dn00000AbCdEIAV"]
    assert (joost.name, joost.role, joost.source) == ("Joost Verhagen", "Purchasing", "Salesforce and ERP")
    assert joost.differences == (
        "Name: Salesforce Joost Verhagen, ERP Verhagen, J.",
        "Role: Salesforce Purchasing, ERP Buyer",
    )
    marit = people["003Dn00000AbCdFIAV"]
    assert marit.differences == ("E-mail: Salesforce m.smeets@kestrel.example, ERP marit@kestrel.example",)
    assert (marit.role, people["erp:c4"].name) == ("Accounts payable", "Without a name")
