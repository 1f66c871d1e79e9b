"""Which account an ERP customer belongs to: stated from either side, never guessed, never lost."""

from datetime import timedelta
from decimal import Decimal

import pytest

from customers.linking import unlinked_summary
from customers.models import AccountLink, Customer, CustomerRollup
from integration_hub.words import fold
from tests.customers.world import DAY, READ_AT, ago, user_id


def link_of(row):
    return AccountLink.objects.get(erp_customer=row.key)


def test_the_erp_number_on_the_account_links(figures):
    account, acme = figures.account(erp_number="100"), figures.customer("100")
    figures.roll_up()
    link = link_of(acme)
    assert (link.status, link.method, link.account) == ("linked", "salesforce", account.key)
    assert link.customer.account == account.key


@pytest.mark.parametrize("length", [15, 18])
def test_the_account_id_in_the_erp_links_with_15_and_with_18_characters(figures, length):
    account = figures.account(key="001Dn00000AbCdEIAV")
    acme = figures.customer(salesforce_account=account.key[:length])
    figures.roll_up()
    assert (link_of(acme).status, link_of(acme).method, link_of(acme).account) == ("linked", "erp", account.key)


def test_ids_that_differ_in_case_alone_are_two_accounts(figures):
    figures.account(key="001Dn00000AbCdEIAV")
    acme = figures.customer(salesforce_account="001DN00000ABCDE")
    figures.roll_up()
    assert link_of(acme).status == "unlinked"
    assert "001DN00000ABCDE" in link_of(acme).detail


def test_both_sides_agreeing_link(figures):
    account = figures.account(erp_number="100")
    acme = figures.customer("100", salesforce_account=account.key)
    figures.roll_up()
    assert (link_of(acme).status, link_of(acme).method) == ("linked", "both")


def test_both_sides_stated_and_different_is_a_conflict_that_names_both(figures):
    figures.account("Right", erp_number="100")
    other = figures.account("Left")
    acme = figures.customer("100", salesforce_account=other.key)
    figures.roll_up()
    link = link_of(acme)
    assert (link.status, link.account) == ("conflict", None)
    assert "Left" in link.detail
    assert "Right" in link.detail
    assert link.customer.erp_customer == acme.key


def test_two_accounts_with_the_same_number_are_a_conflict(figures):
    figures.account("Left", erp_number="100")
    figures.account("Right", erp_number="100")
    acme = figures.customer("100")
    figures.roll_up()
    assert link_of(acme).status == "conflict"
    assert "Left and Right" in link_of(acme).detail


def test_several_erp_customers_may_name_one_account_and_all_their_money_counts(figures):
    account = figures.account()
    first = figures.customer("100", salesforce_account=account.key)
    second = figures.customer("200", salesforce_account=account.key)
    figures.invoice(first, "10.00", ago(5))
    figures.invoice(second, "20.00", ago(5))
    figures.roll_up()
    assert figures.figures(account).revenue_ytd == Decimal("30.00")
    assert figures.of(account).erp_numbers == "100, 200"


class TestANumberThatTwoCompaniesUse:
    def customers(self, figures):
        german = figures.customer("100", key="erp:10/100", company=figures.company("10"))
        american = figures.customer("100", key="erp:20/100", company=figures.company("20"))
        return german, american

    def test_is_a_conflict_for_both(self, figures):
        figures.account(erp_number="100")
        german, american = self.customers(figures)
        figures.roll_up()
        assert {link_of(german).status, link_of(american).status} == {"conflict"}
        assert "company/number" in link_of(german).detail

    def test_links_one_of_them_when_written_with_the_company(self, figures):
        account = figures.account(erp_number="20/100")
        german, american = self.customers(figures)
        figures.roll_up()
        assert link_of(american).account == account.key
        assert link_of(german).status == "unlinked"

    def test_is_settled_by_the_one_that_names_the_account_itself(self, figures):
        account = figures.account(erp_number="100")
        german, american = self.customers(figures)
        american.salesforce_account = account.key
        american.save()
        figures.roll_up()
        assert (link_of(american).account, link_of(american).method) == (account.key, "both")
        assert link_of(german).status == "unlinked"


def test_a_merged_account_hands_its_links_to_the_winner_through_a_chain(figures):
    last = figures.account("Last")
    middle = figures.account("Middle", deleted_at=READ_AT, gone_reason="merged", master_record=last.key)
    first = figures.account("First", deleted_at=READ_AT, gone_reason="merged", master_record=middle.key, erp_number="7")
    by_number = figures.customer("7")
    by_id = figures.customer("8", salesforce_account=first.key)
    figures.roll_up()
    for row in (by_number, by_id):
        assert (link_of(row).account, link_of(row).method) == (last.key, "merged")
        assert "Last" in link_of(row).detail
    assert not Customer.objects.filter(account=first.key).exists()


def test_accounts_merged_in_a_circle_park_the_link(figures):
    one, two = figures.account("One"), figures.account("Two")
    for account, master in ((one, two), (two, one)):
        account.deleted_at, account.master_record = READ_AT, master.key
        account.save()
    acme = figures.customer(salesforce_account=one.key)
    figures.roll_up()
    assert link_of(acme).status == "unlinked"


def test_a_live_account_with_the_number_speaks_before_a_merged_one(figures):
    winner = figures.account("Winner")
    figures.account("Loser", deleted_at=READ_AT, master_record=winner.key, erp_number="100")
    live = figures.account("Live", erp_number="100")
    acme = figures.customer("100")
    figures.roll_up()
    assert (link_of(acme).status, link_of(acme).account) == ("linked", live.key)


def test_a_merge_moves_the_money_and_both_customers_are_recomputed(figures):
    loser, winner = figures.account("Loser", erp_number="100"), figures.account("Winner", erp_number="200")
    acme, other = figures.customer("100"), figures.customer("200")
    figures.invoice(acme, "100.00", ago(3))
    figures.invoice(other, "1.00", ago(3))
    figures.roll_up()
    before = figures.of(winner)
    loser.deleted_at, loser.gone_reason, loser.master_record = READ_AT, "merged", winner.key
    loser.save()
    figures.publish(accounts=[loser], changed=["sf_account"])
    assert figures.of(winner) == before
    assert figures.figures(winner).revenue_ytd == Decimal("101.00")
    gone = Customer.objects.get(account=loser.key)
    assert gone.gone_at is not None
    assert figures.figures(loser).revenue_ytd == 0


def test_a_deleted_account_parks_the_link_and_undelete_brings_it_back(figures):
    account, acme = figures.account("Acme", erp_number="100"), figures.customer("100")
    figures.invoice(acme, "100.00", ago(3))
    figures.roll_up()
    pk = figures.of(account).pk
    account.deleted_at = READ_AT
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    assert link_of(acme).status == "unlinked"
    assert "deleted in Salesforce" in link_of(acme).detail
    assert figures.figures(acme).revenue_ytd == Decimal("100.00")
    alone = figures.of(acme).pk
    account.deleted_at = None
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    assert figures.of(acme).pk == pk
    assert Customer.objects.get(pk=pk).gone_at is None
    assert Customer.objects.get(pk=alone).gone_at is not None
    assert figures.figures(account).revenue_ytd == Decimal("100.00")


def test_a_relink_takes_exactly_the_moved_amount_from_the_old_account(figures):
    old, new = figures.account("Old", erp_number="100"), figures.account("New")
    acme = figures.customer("100")
    stays = figures.customer("101", salesforce_account=old.key)
    figures.invoice(acme, "60.00", ago(3))
    figures.invoice(stays, "40.00", ago(3))
    figures.roll_up()
    old.erp_number, new.erp_number = "", "100"
    old.save()
    new.save()
    figures.publish(accounts=[old, new], changed=["sf_account"])
    assert figures.figures(old).revenue_ytd == Decimal("40.00")
    assert figures.figures(new).revenue_ytd == Decimal("60.00")


def test_an_id_that_salesforce_does_not_have_beside_a_number_that_it_has_is_a_conflict(figures):
    figures.account(erp_number="100")
    acme = figures.customer("100", salesforce_account="001999999999999AAA")
    figures.roll_up()
    assert link_of(acme).status == "conflict"


def test_the_number_links_where_the_account_that_the_erp_names_was_deleted(figures):
    deleted, live = figures.account("Old", deleted_at=READ_AT), figures.account("New", erp_number="100")
    acme = figures.customer("100", salesforce_account=deleted.key)
    figures.roll_up()
    assert (link_of(acme).account, link_of(acme).method) == (live.key, "salesforce")
    assert "Old" in link_of(acme).detail


def test_a_number_with_other_leading_zeros_is_named_and_beside_the_right_one_a_conflict(figures):
    figures.account("Padded", erp_number="0000100")
    both, plain = figures.account("Padded too", erp_number="0000200"), figures.account("Plain", erp_number="200")
    acme, basic = figures.customer("100"), figures.customer("200")
    figures.roll_up()
    assert link_of(acme).status == "unlinked"
    assert link_of(acme).detail.startswith("Padded carries ERP number 0000100, which is 100 but for leading zeros.")
    assert (link_of(basic).status, link_of(basic).account) == ("conflict", None)
    assert "Plain carries ERP number 200, but Padded too carries 0000200" in link_of(basic).detail
    german = figures.customer("300", key="erp:10/300", company=figures.company("10"))
    figures.account("Of company", erp_number="10/0000300")
    figures.roll_up()
    assert link_of(german).detail.startswith(
        "Of company carries ERP number 10/0000300, which is 300 but for leading zeros."
    )
    # Another ERP customer has that number to the letter.
    other = figures.customer("0000200")
    figures.publish(customers=[other], changed=["erp_customer"])
    assert link_of(basic).account == plain.key
    assert link_of(other).account == both.key
    taken = figures.customer("0000100")
    figures.publish(customers=[taken], changed=["erp_customer"])
    assert link_of(taken).status == "linked"
    assert link_of(acme).detail == (
        "Padded carries ERP number 0000100, which another ERP customer has, and which is 100 but for leading zeros. "
        "Decide whose it is."
    )


def test_documents_of_a_customer_that_never_arrived_are_shown_unlinked_and_link_when_it_comes(figures):
    account = figures.account(erp_number="100")
    figures.invoice(None, "50.00", ago(3), customer_id="erp:100")
    figures.roll_up()
    orphan = AccountLink.objects.get(erp_customer="erp:100")
    assert orphan.status == "unlinked"
    assert "not delivered" in orphan.detail
    assert CustomerRollup.objects.get(customer=orphan.customer).revenue_ytd == Decimal("50.00")
    acme = figures.customer("100")
    figures.publish(customers=[acme], changed=["erp_customer"])
    assert figures.figures(account).revenue_ytd == Decimal("50.00")


def test_an_erp_customer_that_left_the_source_keeps_its_link_while_its_documents_count(figures):
    account, acme = figures.account(erp_number="100"), figures.customer("100", deleted_at=READ_AT)
    figures.invoice(acme, "50.00", ago(3))
    figures.roll_up()
    assert figures.figures(account).revenue_ytd == Decimal("50.00")


def test_an_erp_customer_that_left_with_all_its_documents_is_gone(figures):
    acme = figures.customer("100")
    figures.roll_up()
    customer = figures.of(acme)
    acme.deleted_at = READ_AT
    acme.save()
    figures.publish(customers=[acme], changed=["erp_customer"])
    assert not AccountLink.objects.exists()
    assert Customer.objects.get(pk=customer.pk).gone_at is not None


def test_an_account_without_erp_customer_is_a_prospect_with_figures_of_zero(figures):
    account = figures.account()
    figures.roll_up()
    assert figures.of(account).is_prospect
    assert figures.figures(account).revenue_ytd == 0


def test_a_customer_row_carries_name_owner_place_and_folded_search_words(figures):
    parent = figures.account("Group")
    owner = figures.user("ana")
    account = figures.account(
        "Müller Straßenbau", erp_number="00042", owner=owner, parent=parent, billing_city="Köln", industry="Building"
    )
    figures.customer("00042", name="Mueller GmbH")
    figures.roll_up()
    customer = figures.of(account)
    assert (customer.name, customer.owner, customer.city) == ("Müller Straßenbau", owner.key, "Köln")
    assert customer.parent == figures.of(parent)
    assert customer.erp_numbers == "00042"
    for word in ("muller", "strassenbau", "00042", "koln", "mueller gmbh"):
        assert word in customer.search_text


@pytest.mark.parametrize("name", ["Müller Straße", "ÉCOLE ẞ", "Łódź", "İstanbul", "ﬁne Ωmega", "ЖУК", "O’Brien & Søn"])
def test_search_words_are_folded_in_sql_as_in_python(figures, name):
    account = figures.account(name)
    figures.roll_up()
    assert figures.of(account).search_text.strip() == fold(name)


def test_a_second_recompute_writes_nothing_in_the_links(figures):
    figures.linked()
    figures.customer("200")
    figures.roll_up()
    before = list(AccountLink.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())
    figures.roll_up()
    assert (list(AccountLink.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())) == before


def test_unlinked_and_conflicting_customers_are_counted_with_their_money(figures):
    linked = figures.linked(number="100")
    alone = figures.customer("200")
    figures.account("Left", erp_number="300")
    figures.account("Right", erp_number="300")
    torn = figures.customer("300")
    for customer, net in ((linked, "60.00"), (alone, "30.00"), (torn, "10.00")):
        figures.invoice(customer, net, ago(3))
        figures.item(customer, net, ago(60), ago(30))
    figures.invoice(None, "5.00", ago(3))
    figures.roll_up()
    summary = unlinked_summary(DAY)
    unlinked, conflict = summary.groups
    assert (unlinked.customers, unlinked.revenue_12m, unlinked.overdue) == (1, Decimal(30), Decimal(30))
    assert (conflict.customers, conflict.revenue_12m, conflict.overdue) == (1, Decimal(10), Decimal(10))
    assert summary.revenue_share == Decimal("0.4")
    assert summary.documents_without_customer == 1


def test_a_new_customer_has_figures_at_once(figures):
    figures.linked()
    figures.roll_up()
    account = figures.account("New")
    assert figures.publish(accounts=[account], changed=["sf_account"]) == 1
    assert figures.figures(account).revenue_ytd == 0


def test_an_owner_change_moves_the_customer(figures):
    account = figures.account(owner_id=user_id(901))
    figures.roll_up()
    account.owner_id = user_id(902)
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"], as_of=DAY + timedelta(days=1))
    assert figures.of(account).owner == user_id(902)
