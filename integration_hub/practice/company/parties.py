"""Customers and their people as the ERP keeps them."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import NamedTuple

from integration_hub.practice.company.discrepancies import salesperson_in_erp
from integration_hub.practice.company.firms import Firm, slug
from integration_hub.practice.company.ledger import Debtor, DebtorContact
from integration_hub.practice.company.names import JOBS


class Person(NamedTuple):
    """Someone who works for a customer."""

    first_name: str
    last_name: str
    title: str
    department: str
    email: str
    phone: str


def people_of(firm: Firm) -> tuple[Person, ...]:
    """Two to four people; the ERP knows the first two, Salesforce all of them."""
    rng = Random(f"people/{firm.number}/{firm.name}")
    found = []
    for title, department in rng.sample(JOBS, rng.randint(2, 4)):
        first, last = rng.choice(firm.land.first_names), rng.choice(firm.land.last_names)
        mail = f"{slug(first).replace('-', '')}.{slug(last).replace('-', '')}@{firm.domain}"
        found.append(Person(first, last, title, department, mail, f"{firm.phone} {rng.randint(10, 99)}"))
    return tuple(found)


def debtor_row(firm: Firm, now: datetime, crm_id: str = "") -> Debtor:
    """The customer's master data."""
    terms = firm.behaviour.terms_days
    limit = Decimal(int(firm.behaviour.credit_limit)) if firm.behaviour.credit_limit else None
    return Debtor(
        debtor_no=firm.number,
        company_no=firm.company,
        name=firm.name,
        group_no=firm.group,
        vat_no=firm.vat,
        email=f"purchasing@{firm.domain}",
        phone=firm.phone,
        web=f"https://www.{firm.domain}",
        street=firm.street,
        zip=firm.postal_code,
        city=firm.city,
        country=firm.land.name,
        currency=firm.currency,
        terms_text=f"{terms} days net" + (", three instalments" if firm.behaviour.instalments else ""),
        terms_days=terms,
        credit_limit=limit,
        sales_rep=salesperson_in_erp(firm),
        blocked="X" if firm.behaviour.holds else "",
        block_text="Deliveries stopped until the credit check is done" if firm.behaviour.holds else "",
        customer_since=firm.since,
        crm_id=crm_id,
        changed_at=now,
    )


def contact_rows(firm: Firm) -> list[DebtorContact]:
    """The two people the ERP knows."""
    return [
        DebtorContact(
            f"{firm.number}-{number}", firm.number, f"{who.first_name} {who.last_name}", who.title, who.email, who.phone
        )
        for number, who in enumerate(people_of(firm)[:2], 1)
    ]
