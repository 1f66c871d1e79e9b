"""Ids of Salesforce accounts as an ERP keeps them: cut to 15 characters, and told apart by their letter case alone."""

from customers.models import AccountLink
from integration_hub.models import RunStatus, SfAccount
from integration_hub.salesforce.ids import to_18
from tests.bad_input.company import SALESFORCE, Company

SMALL, CAPITAL = "0015i000000CTga", "0015i000000CTgA"
DELIVERED = """key,number,name,currency,salesforce_account
7,7,Müller,EUR,
101,101,Small,EUR,{small}
102,102,Capital,EUR,{capital}
"""


def linked() -> dict[str, str]:
    """ERP customer -> its account, of those that name one."""
    links = AccountLink.objects.exclude(account=None).exclude(erp_customer="main:7")
    return {link.erp_customer: str(link.account) for link in links}


def test_trap_23_ids_of_15_characters_find_their_account_of_18_and_letter_case_tells_two_apart(
    company: Company,
) -> None:
    ids = company.org.seed("Account", {"Id": SMALL, "Name": "Small"}, {"Id": CAPITAL, "Name": "Capital"})
    assert ids == [to_18(SMALL), to_18(CAPITAL)]
    assert ids[0].lower()[:15] == ids[1].lower()[:15]
    assert company.sync(SALESFORCE).status == RunStatus.SUCCEEDED
    assert set(SfAccount.objects.filter(key__in=ids).values_list("key", "name")) == set(
        zip(ids, ("Small", "Capital"), strict=True)
    )
    for small, capital in ((SMALL, CAPITAL), tuple(ids), (SMALL, ids[1])):
        company.deliver("customers", DELIVERED.format(small=small, capital=capital))
        assert company.sync().status == RunStatus.SUCCEEDED
        assert linked() == {"main:101": ids[0], "main:102": ids[1]}
