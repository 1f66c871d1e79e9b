"""From a Salesforce record to the customer whose page it opens, for links from Salesforce and pages inside it."""

from customers.access import User, visible
from customers.models import Customer
from customers.pages.identity import account_of_opportunity, by_account

OPPORTUNITY = "006"  # how ids of opportunities begin


def customer_of_record(record: str, user: User) -> Customer | None:
    """The customer of an account's or opportunity's id of 15 or 18 characters; a merged account leads to the winner.

    None for an id that Salesforce has not shown yet, for one of another kind, and for a customer that the user may not
    see: nobody can tell these apart.
    """
    account = account_of_opportunity(record) if _is_deal(record) else by_account(record)
    return visible(Customer.objects.filter(account=account), user).first() if account else None


def page_of_record(record: str) -> str:
    """The name of the customer's page that the record belongs to."""
    return "opportunities" if _is_deal(record) else "detail"


def _is_deal(record: str) -> bool:
    return record.startswith(OPPORTUNITY)
