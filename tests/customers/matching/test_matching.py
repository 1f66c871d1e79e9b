"""Matching in the database: what is proposed, what is certain, and that increments and kills lose nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from customers.matching import certain_pairs, evidence, match_all, propose, refreshing, store
from customers.matching.refreshing import open_records, state
from customers.models import LinkProposal, MatchBlock, MatchRecord, MatchSide
from integration_hub.models import ErpCustomer, SfAccount, SfContact
from tests.customers.matching.corruptions import Labelled, Party, labelled
from tests.customers.world import READ_AT, World

VAT, OTHER_VAT, BAD_VAT = "DE136695976", "DE129273398", "DE136695977"
PLACE = {"street": "Werkstraße 12", "postal_code": "70173", "city": "Stuttgart", "country": "DE"}
BILLING = {f"billing_{name}": value for name, value in PLACE.items()}


@pytest.fixture
def company(figures: World) -> World:
    """One ERP customer and the account that is the same, with nothing that links them but themselves."""
    figures.customer("100", name="Halmann Maschinenbau GmbH", vat_id="DE 136.695.976", phone="0711/998877", **PLACE)
    figures.account("HALMANN Maschinenbau G.m.b.H.", key="001000000000100AAA", custom_fields={"V": VAT}, **BILLING)
    return figures


def publish(world: World, *, full: bool = False, customers: Any = (), accounts: Any = ()) -> None:
    world.publish(customers=customers, accounts=accounts, changed=["erp_customer", "sf_account"], full=full)


def proposals() -> list[tuple[str, str, Decimal, bool, Any]]:
    rows = LinkProposal.objects.order_by("erp_customer", "account")
    return list(rows.values_list("erp_customer", "account", "score", "certain", "evidence"))


def pairs() -> set[tuple[str, str]]:
    return {(customer, account) for customer, account, *_ in proposals()}


def test_a_publish_proposes_with_evidence_and_an_exact_identifier_is_certain(company: World) -> None:
    publish(company, full=True)
    [proposal] = LinkProposal.objects.all()
    assert (proposal.erp_customer, proposal.account) == ("erp:100", "001000000000100AAA")
    assert proposal.certain
    assert proposal.score > Decimal("0.99")
    told = {each["field"]: each for each in proposal.evidence}
    assert told["vat"] == {
        "field": "vat", "erp": "DE 136.695.976", "account": VAT, "verdict": "same", "weight": 5.5,
    }  # fmt: skip
    assert told["phone"]["verdict"] == "missing"
    assert told["name"]["verdict"] == "same"
    assert [*certain_pairs()] == [proposal]
    match = evidence("erp:100", "001000000000100AAA")
    assert match is not None
    assert (match.score, match.certain, match.evidence) == (proposal.score, True, proposal.evidence)
    assert evidence("erp:100", "unknown") is None
    assert not state().pending


DOUBTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the number fails its check": ({"vat_id": BAD_VAT}, {"custom_fields": {"V": BAD_VAT}}),
    "another name altogether": ({"name": "Zerbst Logistik GmbH"}, {}),
    "another country": ({"country": "AT"}, {}),
    "another legal form": ({"name": "Halmann Maschinenbau AG"}, {}),
    "another city": ({"city": "Hamburg", "postal_code": "20095", "street": "Am Hafen 1"}, {}),
    "no name": ({"name": ""}, {}),
    "a name that is only a legal form": ({"name": "GmbH"}, {"name": "GmbH & Co. KG"}),
    "nothing but the number and the name": ({"city": "", "postal_code": "", "street": "", "country": ""}, {}),
    "two numbers": ({}, {"custom_fields": {"V": VAT, "W": OTHER_VAT}}),
    "another number": ({"vat_id": OTHER_VAT}, {}),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_with_a_doubt_nothing_is_certain_but_it_is_still_proposed(company: World, doubt: str) -> None:
    erp, account = DOUBTS[doubt]
    ErpCustomer.objects.filter(key="erp:100").update(**erp)
    SfAccount.objects.update(**account)
    publish(company, full=True)
    assert [certain for *_, certain, _ in proposals()] == [False]


def test_a_number_that_several_have_is_never_certain_and_certainty_goes_when_a_second_one_comes(company: World) -> None:
    publish(company, full=True)
    assert certain_pairs().count() == 1
    # Linked to an account by its number, it has the tax number nevertheless.
    twin = company.customer("200", name="Halmann Maschinenbau GmbH", vat_id=VAT, **PLACE)
    other = company.account("Other", erp_number="200")
    publish(company, customers=[twin], accounts=[other])
    assert pairs() == {("erp:100", "001000000000100AAA")}
    assert not certain_pairs().exists()
    ErpCustomer.objects.filter(key=twin.key).update(vat_id="")
    publish(company, customers=[twin])
    assert certain_pairs().count() == 1
    double = company.account("Halmann Maschinenbau", custom_fields={"V": VAT}, **BILLING)
    publish(company, accounts=[double])
    assert len(proposals()) == 2
    assert not certain_pairs().exists()
    # Merged away, it speaks no more.
    SfAccount.objects.filter(key=double.key).update(deleted_at=READ_AT, gone_reason="merged")
    publish(company, accounts=[double])
    assert certain_pairs().count() == 1
    SfAccount.objects.filter(key=double.key).update(deleted_at=None, gone_reason="")
    publish(company, accounts=[double])
    assert len(proposals()) == 2


def test_before_links_are_made_nothing_is_certain_on_grounds_that_have_changed(company: World) -> None:
    publish(company, full=True)
    ErpCustomer.objects.filter(key="erp:100").update(vat_id=OTHER_VAT)
    stale = {MatchSide.ERP: store.stale(MatchSide.ERP), MatchSide.ACCOUNT: []}
    refreshing.take_in_records(stale, [])
    assert not certain_pairs().exists()


def test_a_linked_customer_has_no_proposals_and_finds_them_again_when_its_link_goes(company: World) -> None:
    publish(company, full=True)
    SfAccount.objects.update(erp_number="100")
    accounts = list(SfAccount.objects.all())
    publish(company, accounts=accounts)
    assert proposals() == []
    SfAccount.objects.update(erp_number="")
    publish(company, accounts=accounts)
    assert pairs() == {("erp:100", "001000000000100AAA")}


def test_accounts_with_a_link_are_proposed_too_and_contacts_speak_for_them(company: World) -> None:
    """Many ERP customers to one account is normal."""
    linked = company.account("Linked Works", erp_number="300", key="001000000000300AAA", created_on=READ_AT)
    company.customer("300", name="Linked Works")
    branch = company.customer("301", name="Linked Works Trading", email="ap@linkedworks.com")
    publish(company, full=True)
    assert ("erp:301", linked.key) in pairs()
    before = dict(LinkProposal.objects.values_list("erp_customer", "score"))[branch.key]
    person = {"source": "salesforce", "synced_at": READ_AT, "account_id": linked.key, "email": "jo@linkedworks.com"}
    SfContact.objects.create(key="003000000000300AAA", **person)
    company.publish(accounts=[linked], changed=["sf_contact"])
    assert dict(LinkProposal.objects.values_list("erp_customer", "score"))[branch.key] > before


def fill(world: World, parties: Labelled) -> None:
    """A labelled set as mirror rows."""
    for each in parties.customers:
        texts = {name: getattr(each, name) for name in ("email", "phone", "website", *PLACE)}
        world.customer(each.number, key=each.key, name=each.name, vat_id=each.vat, **texts)
    for number, each in enumerate(parties.accounts):
        world.account(each.name, key=key_of(number), **account_texts(each))


def key_of(number: int) -> str:
    return f"001{number:012d}ZZZ"


def account_texts(party: Party) -> dict[str, Any]:
    place = {f"billing_{name}": getattr(party, name) for name in PLACE}
    return {"custom_fields": {"V": party.vat}, "website": party.website, "phone": party.phone} | place


def test_an_increment_leaves_what_matching_everything_anew_finds(figures: World) -> None:
    parties = labelled(11, 60, demo=False)
    fill(figures, parties)
    figures.roll_up()
    match_all()
    everything = proposals()
    assert len(everything) > 40
    changed = list(SfAccount.objects.order_by("key")[:20])
    for each in changed:
        SfAccount.objects.filter(pk=each.pk).update(name=f"{each.name} Nord", phone="")
    SfAccount.objects.filter(pk=changed[0].pk).update(deleted_at=READ_AT)
    others = list(ErpCustomer.objects.order_by("key")[:10])
    for other in others:
        ErpCustomer.objects.filter(pk=other.pk).update(phone="+49 711 4711471", vat_id="")
    publish(figures, customers=others, accounts=changed)
    after = proposals()
    assert after != everything
    match_all(anew=True)
    assert proposals() == after
    call_command("match", "--all")
    assert proposals() == after


def test_more_than_a_publish_may_do_waits_for_the_run_which_a_kill_does_not_lose(
    figures: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "MOST_IN_A_PUBLISH", 10)
    monkeypatch.setattr(refreshing, "PORTION", 7)
    monkeypatch.setattr(refreshing, "BULK", 15)
    fill(figures, labelled(12, 30, demo=False))
    publish(figures, full=True)
    assert state().pending
    assert proposals() == []
    monkeypatch.setattr(store, "remake", interrupted(store.remake, after=3))
    with pytest.raises(KeyboardInterrupt):
        match_all()
    assert (state().filling, state().behind) == (True, True)
    publish(figures, customers=list(ErpCustomer.objects.all()[:2]))
    assert proposals() == []
    assert propose(customers=[ErpCustomer.objects.order_by("key")[5].key]) >= 0
    assert not certain_pairs().exists()
    monkeypatch.undo()
    match_all()
    assert (state().pending, state().filling, state().behind) == (False, False, False)
    found = proposals()
    assert len(found) > 15
    assert open_records(1) == []
    blocks = sum(map(len, MatchRecord.objects.values_list("blocks", flat=True)))
    assert MatchBlock.objects.count() == blocks
    match_all(anew=True)
    assert proposals() == found


def interrupted(function: Any, after: int) -> Any:
    """The function, which is killed at so many calls."""
    calls = iter(range(after))

    def call(*args: Any, **values: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return function(*args, **values)

    return call


def test_very_many_of_one_name_crash_nothing_and_choose_nobody(figures: World) -> None:
    for number in range(300):
        figures.customer(f"{number}", name="Müller GmbH")
    for _ in range(60):
        figures.account("Mueller")
    figures.account("Müller", key=key_of(1), billing_city="Ulm")
    figures.customer("9000", name="Müller GmbH", city="Ulm")
    figures.roll_up()
    match_all()
    assert not certain_pairs().exists()
    at_place = LinkProposal.objects.filter(erp_customer="erp:9000")
    assert [each.account for each in at_place] == [key_of(1)]
    # A name that sixty accounts have points at none of them.
    assert all(score < Decimal("0.5") for _, _, score, _, _ in proposals())
    # Nor does one account more or less of them concern everybody of that name.
    SfAccount.objects.filter(key=key_of(1)).update(phone="+49 731 112233")
    refreshing.take_in_records({MatchSide.ACCOUNT: store.stale(MatchSide.ACCOUNT)}, [])
    assert MatchRecord.objects.filter(side=MatchSide.ERP, due=True).count() <= 1


def test_numbers_with_and_without_leading_zeros_are_the_same_but_only_proposed(figures: World) -> None:
    figures.customer("000042", name="Zeros Ltd")
    figures.account("Zeros", account_number="42", key=key_of(42))
    publish(figures, full=True)
    [(_, account, _, certain, told)] = proposals()
    assert (account, certain) == (key_of(42), False)
    assert next(each["verdict"] for each in told if each["field"] == "number") == "same"


def test_records_without_anything_match_nobody(figures: World) -> None:
    for number in range(3):
        figures.customer(f"{number}", name="")
        figures.account(" ", parent=None)
    loop = figures.account("GmbH")
    SfAccount.objects.filter(pk=loop.pk).update(parent_id=loop.pk)
    figures.customer("7", name="Gesellschaft mbH")
    publish(figures, full=True)
    assert proposals() == []


def test_what_is_asked_for_is_matched_at_once(company: World) -> None:
    company.roll_up()
    assert proposals() == []
    assert propose(customers=["erp:100"], accounts=["001000000000100AAA"]) == 1
    assert propose(customers=["erp:100"]) == 1
    assert propose(customers=["nobody"]) == 0
