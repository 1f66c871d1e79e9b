"""Whose documents count: those of every company, or only of those that hub.toml names. Opportunities have no company.

What belongs to one document - its lines, deliveries, invoices, payments - is shown with it whatever company it is of.
"""

from typing import Any

from django.db.models import Q, QuerySet

from integration_hub.config import hub
from integration_hub.models import ErpCompany, ErpDelivery, ErpInvoice, ErpOpenItem, ErpOrder, ErpPayment
from integration_hub.models.common import Mirrored

OF_A_COMPANY: frozenset[type[Mirrored]] = frozenset({ErpOrder, ErpDelivery, ErpInvoice, ErpOpenItem, ErpPayment})


def counting_companies() -> tuple[str, ...]:
    """The keys of the companies whose documents count; empty where all do."""
    return hub().company.companies


def of_companies(company: str = "company") -> Q:
    """The condition on documents, or on what names them: `company` leads to theirs."""
    keys = counting_companies()
    return Q(**{f"{company}__in": keys}) if keys else Q()


def counting(model: type[Mirrored]) -> QuerySet[Any]:
    """The rows of a kind that the source still has and that count; a document without a company is of none of those
    that are named.
    """
    rows: QuerySet[Any] = model.objects.live()
    return rows.filter(of_companies()) if model in OF_A_COMPANY else rows


def counts(document: Any) -> bool:
    """Whether a document is of a company that counts."""
    keys = counting_companies()
    return not keys or type(document) not in OF_A_COMPANY or document.company_id in keys


def company_names() -> tuple[str, ...]:
    """The companies whose documents count, by name; empty where all do. One query, none where all do."""
    keys = counting_companies()
    if not keys:
        return ()
    found = {company.key: company.name or company.code for company in ErpCompany.objects.filter(key__in=keys)}
    return tuple(found.get(key) or key for key in keys)


def unknown_companies() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of hub.toml that no source has, and the keys there are with their names. Before a source has told its
    companies nothing is unknown.
    """
    keys = counting_companies()
    if not keys:
        return (), ()
    there = {company.key: company.name or company.code for company in ErpCompany.objects.live().order_by("key")}
    if not there:
        return (), ()
    return tuple(key for key in keys if key not in there), tuple(f"{key} ({name})" for key, name in there.items())
