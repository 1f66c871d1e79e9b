"""Mirror of the ERP's master data: companies, rates, products, customers and contacts."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Trim, Upper

from integration_hub.models.common import (
    CurrencyField,
    Label,
    Mirrored,
    MoneyField,
    RateField,
    mirror_ref,
)
from integration_hub.words import SearchWords


class ErpCompany(Mirrored):
    """One legal company of an ERP; its currency is that of its books, its time zone decides its today."""

    code = Label(max_length=40)
    name = Label()
    currency = CurrencyField()
    time_zone = Label(max_length=60)

    class Meta:
        db_table = "erp_company"


class ErpCurrencyRate(Mirrored):
    """One unit of `currency` is worth `rate` units of `base` from day `valid_from` on."""

    currency = CurrencyField()
    base = CurrencyField()
    valid_from = models.DateField(null=True)
    rate = RateField(null=True)

    class Meta:
        db_table = "erp_currency_rate"
        indexes = [models.Index(fields=["currency", "base", "-valid_from"], name="erp_rate_lookup")]


class ErpProduct(Mirrored):
    """An article or service that orders and invoices name."""

    sku = Label(max_length=80)
    name = Label()
    category = Label(max_length=120)
    unit = Label(max_length=20)

    class Meta:
        db_table = "erp_product"


class ErpCustomer(Mirrored):
    """The ERP's billable party. `salesforce_account` is the account id stored in the ERP, as it came (15 or 18
    characters); `registration_number` the number in a company register, such as HRB 12345.
    """

    number = Label(max_length=80)
    name = Label()
    company = mirror_ref("integration_hub.ErpCompany", indexed=False)
    salesforce_account = Label(max_length=40)
    parent = mirror_ref("self", indexed=False)
    vat_id = Label(max_length=40)
    registration_number = Label(max_length=80)
    email = Label()
    phone = Label(max_length=80)
    website = Label()
    street = Label()
    postal_code = Label(max_length=40)
    city = Label(max_length=120)
    country = Label(max_length=80)
    currency = CurrencyField()
    payment_terms = Label(max_length=120)
    payment_days = models.IntegerField(null=True, blank=True)
    credit_limit = MoneyField(null=True, blank=True)
    salesperson = Label(max_length=120)
    blocked = models.BooleanField(default=False)
    block_reason = Label()
    archived = models.BooleanField(default=False)
    customer_since = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "erp_customer"
        indexes = [
            models.Index(fields=["number"], name="erp_customer_number"),
            models.Index(fields=["salesforce_account"], name="erp_customer_sf"),
            # As linking compares them: a decision looks up what it touches, and reads nothing else.
            models.Index(Trim("number"), name="erp_customer_bare_number"),
            models.Index(
                Upper(
                    models.Func(
                        "vat_id",
                        models.Value("[^0-9A-Za-z]"),
                        models.Value(""),
                        models.Value("g"),
                        function="regexp_replace",
                    )
                ),
                condition=~models.Q(vat_id=""),
                name="erp_customer_bare_vat",
            ),
        ]


class ErpContact(Mirrored):
    """A person at an ERP customer."""

    customer = mirror_ref("integration_hub.ErpCustomer")
    name = Label()
    role = Label(max_length=80)
    email = Label()
    phone = Label(max_length=80)

    class Meta:
        db_table = "erp_contact"
        indexes = [GinIndex(SearchWords("name", "email"), name="erp_contact_words")]
