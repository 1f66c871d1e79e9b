"""A pair that was decided to be none is proposed no more: after every sync, after a merge, and beside others."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from customers.deciding.acts import Wanted, decide, undo
from customers.models import AccountLink, LinkProposal, LinkVerdict, MatchRecord
from customers.pages.links.case import build_case
from integration_hub.models import SfAccount
from tests.customers.world import DAY, READ_AT, World

PLACE = {"street": "Werkstraße 12", "postal_code": "70173", "city": "Stuttgart", "country": "DE"}
ERP = "erp:100"


def proposed() -> list[str]:
    return list(
        LinkProposal.objects.filter(erp_customer=ERP).order_by("-score", "account").values_list("account", flat=True)
    )


@pytest.fixture
def accounts(figures: World) -> list[Any]:
    """Seven accounts that may be the ERP customer, the likeliest first."""
    figures.customer("100", name="Halmann Maschinenbau GmbH", phone="0711/998877", **PLACE)
    billing = {f"billing_{name}": value for name, value in PLACE.items()}
    found = [figures.account("Halmann Maschinenbau GmbH", phone="0711/998877", **billing)]
    found += [figures.account(f"Halmann Maschinenbau {word}", **billing) for word in ("A", "B", "C", "D", "E", "F")]
    figures.publish(full=True, changed=["erp_customer", "sf_account"])
    return found


def test_a_rejected_pair_is_proposed_no_more_and_the_next_best_takes_its_place(
    figures: World, accounts: list[Any], admin_user: User
) -> None:
    before = proposed()
    assert (len(before), before[0]) == (5, accounts[0].key)
    made = decide(admin_user, Wanted(LinkVerdict.REJECT, ERP, before[0], "Other owner"))
    after = proposed()
    assert after[:4] == before[1:]
    assert len(after) == 5, "the next best is in its place at once"
    for changed in ({"full": True}, {"accounts": accounts}):
        figures.publish(changed=["sf_account"], **changed)
        assert proposed() == after
    case = build_case(AccountLink.objects.get(erp_customer=ERP), admin_user, DAY, {})
    shown = {each.account: each for each in case.candidates}
    assert shown[before[0]].rejected, "its page still shows it, so that the decision can be looked at"
    assert "rejected it: Other owner" in shown[before[0]].standing[0]
    assert not shown[after[0]].rejected
    # Merged away, it hands the rejection to the winner.
    SfAccount.objects.filter(key=before[0]).update(deleted_at=READ_AT, gone_reason="merged", master_record=after[0])
    figures.publish(accounts=accounts[:1], changed=["sf_account"])
    assert after[0] not in proposed()
    assert len(proposed()) == 5
    case = build_case(AccountLink.objects.get(erp_customer=ERP), admin_user, DAY, {"account": after[0]})
    winner = next(each for each in case.candidates if each.account == after[0])
    assert winner.rejected
    assert "rejected an account that was merged into it: Other owner" in winner.standing[0]
    undo(admin_user, [made.pk])
    assert after[0] in proposed(), (after, list(LinkProposal.objects.values_list("account", "score")))


def test_after_an_undo_accounts_are_compared_at_once_or_the_page_says_that_they_will_be(
    figures: World, accounts: list[Any], admin_user: User
) -> None:
    made = decide(admin_user, Wanted(LinkVerdict.ACCEPT, ERP, accounts[3].key))
    figures.publish(full=True, changed=["sf_account"])
    assert proposed() == []
    undo(admin_user, [made.pk])
    assert len(proposed()) == 5
    case = build_case(AccountLink.objects.get(erp_customer=ERP), admin_user, DAY, {})
    assert (len(case.candidates), case.waiting) == (5, False)
    MatchRecord.objects.filter(key=ERP).update(due=True)
    assert build_case(AccountLink.objects.get(erp_customer=ERP), admin_user, DAY, {}).waiting


def test_facts_stand_in_one_order_for_every_account(figures: World, accounts: list[Any], admin_user: User) -> None:
    case = build_case(AccountLink.objects.get(erp_customer=ERP), admin_user, DAY, {})
    labels = [[fact.label for fact in each.facts] for each in case.candidates]
    longest = max(labels, key=len)
    assert len(longest) > 4
    assert all([label for label in longest if label in each] == each for each in labels)
    phone = next(fact for fact in case.candidates[-1].facts if fact.label == "Phone")
    assert phone.verdict == "Only the ERP states it"
