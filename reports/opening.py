"""What a customer is opened with in the ERP, and whether an account in Salesforce has it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, Func, OuterRef, Q, Value
from django.db.models.fields import TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Upper
from django.db.models.lookups import Regex

from customers.matching.tax_ids import LOOKS_LIKE_ONE
from integration_hub.config import hub
from integration_hub.models import SfAccount, SfContact

ACCOUNT = OuterRef("customer__account")
LABELS = {"vat": "VAT number", "address": "Address", "terms": "Payment terms", "contact": "Contact"}
EMPTY = Value("")


@dataclass(frozen=True)
class Datum:
    """Something an ERP customer is opened with: `there` is an expression over a rollup, whether the account has it."""

    name: str
    there: Any

    @property
    def label(self) -> str:
        """As people call it."""
        return LABELS[self.name]


def opening_data() -> tuple[Datum, ...]:
    """What can be looked for: VAT number and payment terms only where hub.toml names fields that hold them, under
    [masters] or else for linking and stages, or mirrors some that may.
    """
    salesforce, masters = hub().salesforce, hub().masters.compared
    accounts = SfAccount.objects.live().filter(key=ACCOUNT)
    complete = ~Q(billing_street="") & ~Q(billing_city="") & ~Q(billing_country="")
    found = [Datum("address", Exists(accounts.filter(complete)))]
    # The field that is named for it, else whatever looks like a VAT number, as where candidates are sought.
    named = (masters["vat"].salesforce_field if "vat" in masters else "") or (
        salesforce.vat_field if salesforce else ""
    )
    fields = (named,) if named else salesforce.account_fields if salesforce else ()
    if fields:
        found.insert(0, Datum("vat", Exists(accounts.filter(_any_vat_number(fields, strict=not named)))))
    of_terms = masters["payment_terms"].salesforce_field if "payment_terms" in masters else ""
    if terms := of_terms or hub().stages.payment_terms_field:
        filled = accounts.annotate(terms=Coalesce(_text(terms), EMPTY, output_field=TextField())).exclude(terms="")
        found.append(Datum("terms", Exists(filled)))
    found.append(Datum("contact", Exists(SfContact.objects.live().filter(account=ACCOUNT))))
    return tuple(found)


def _text(field: str) -> Any:
    return KeyTextTransform(field, "custom_fields")


def _any_vat_number(fields: tuple[str, ...], *, strict: bool) -> Q:
    """A field that is named for VAT numbers may hold any; another one something with the shape of one, digits in it."""
    shape = f"^(?=.*[0-9]){LOOKS_LIKE_ONE.pattern}$" if strict else "."
    condition = Q()
    for field in fields:
        plain = Func(
            Upper(_text(field)),
            Value("[^A-Z0-9]"),
            EMPTY,
            Value("g"),
            function="regexp_replace",
            output_field=CharField(),
        )
        has: Any = Regex(plain, Value(shape))
        condition |= Q(has)
    return condition
