"""Links from a page to the same record in Salesforce."""

from django import template

from customers.pages.identity import salesforce_url

register = template.Library()


@register.simple_tag
def in_salesforce(record: str) -> str:
    """Where Salesforce shows the record; empty without an org."""
    return salesforce_url(record)
