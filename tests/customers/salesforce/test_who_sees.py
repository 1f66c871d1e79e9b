"""What changes in Salesforce moves what people see at the next sync: owner, account team, deep links."""

from django.test import Client

from customers.models import Customer
from integration_hub.models import RunStatus
from tests.bad_input.company import NAME, SALESFORCE, Company
from tests.customers.pages.conftest import signed_in


def sees(client: Client, customer: Customer) -> bool:
    """Whether the customer's page opens, the list holds it and the deep link finds it: all three or none."""
    page = client.get(f"/customers/{customer.pk}/").status_code
    listed = customer.name in client.get("/customers/").text
    link = client.get(f"/customers/by-salesforce-id/{customer.account}/").status_code
    assert (page, listed, link) in {(200, True, 302), (404, False, 404)}
    return page == 200


def test_an_owner_change_and_the_account_team_move_what_people_see_at_the_next_sync(company: Company) -> None:
    ana, ben = company.org.seed(
        "User",
        *(
            {"Username": f"{name}@x.example", "LastName": name, "Email": f"{name}@x.example", "Alias": name}
            for name in ("ana", "ben")
        ),
    )
    customer = Customer.objects.exclude(account=None).get(name=NAME)
    company.org.seed("Account", {"Id": customer.account, "OwnerId": ana})
    assert company.sync(SALESFORCE).status == RunStatus.SUCCEEDED
    first, second = (signed_in(name, "Account managers", f"{name}@x.example") for name in ("ana", "ben"))
    assert (sees(first, customer), sees(second, customer)) == (True, False)

    company.org.seed("Account", {"Id": customer.account, "OwnerId": ben})
    # Until Salesforce is read again, what was read last holds.
    assert (sees(first, customer), sees(second, customer)) == (True, False)
    assert company.sync(SALESFORCE).status == RunStatus.SUCCEEDED
    assert (sees(first, customer), sees(second, customer)) == (False, True)

    (member,) = company.org.seed("AccountTeamMember", {"AccountId": customer.account, "UserId": ana})
    assert company.sync(SALESFORCE).status == RunStatus.SUCCEEDED
    assert (sees(first, customer), sees(second, customer)) == (True, True)
    company.org.admin("delete", {"sobject": "AccountTeamMember", "ids": [member]})
    assert company.sync(SALESFORCE).status == RunStatus.SUCCEEDED
    assert (sees(first, customer), sees(second, customer)) == (False, True)
