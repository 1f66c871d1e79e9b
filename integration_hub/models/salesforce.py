"""Mirror of Salesforce: users, roles, accounts, account teams, contacts, opportunities, quotes, orders. Keys are
18-character ids.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Left, Trim

from integration_hub.models.common import (
    CurrencyField,
    KeyField,
    Label,
    Mirrored,
    MoneyField,
    mirror_ref,
)
from integration_hub.words import SearchWords

USER = "integration_hub.SfUser"
ACCOUNT = "integration_hub.SfAccount"
# A number without its company ("10/4711") and without leading zeros: what agrees with another has the same.
BARE_NUMBER = (
    "ltrim(case when position('/' in btrim(%(expressions)s)) > 0 then split_part(btrim(%(expressions)s), '/', 2)"
    " else btrim(%(expressions)s) end, '0')"
)
# How the category of an order's status, or the status where there is none, says that it is in force.
ACTIVATED = frozenset({"A", "ACTIVATED"})


class SfUserRole(Mirrored):
    """A node of the role hierarchy; users of a role see what users of the roles below own."""

    name = Label()
    parent = mirror_ref("self")

    class Meta:
        db_table = "sf_user_role"


class SfUser(Mirrored):
    """A Salesforce user, who may own accounts."""

    username = Label()
    name = Label()
    email = Label()
    is_active = models.BooleanField(default=True)
    role = mirror_ref("integration_hub.SfUserRole")

    class Meta:
        db_table = "sf_user"
        indexes = [models.Index(fields=["email"], name="sf_user_email")]


class SfAccount(Mirrored):
    """A Salesforce account. `erp_number` is the ERP customer number stored on it (configured field).

    `master_record` is the winner when this account was merged away. `custom_fields` holds further fields by API name
    as exact text or null: what the product pushes, read back, and what hub.toml asks for.
    """

    name = Label()
    erp_number = Label(max_length=255)
    owner = mirror_ref(USER)
    parent = mirror_ref("self")
    master_record = KeyField(max_length=18, default="", blank=True)
    account_number = Label(max_length=40)
    industry = Label(max_length=120)
    type = Label(max_length=120)
    phone = Label(max_length=80)
    website = Label()
    billing_street = Label()
    billing_city = Label(max_length=120)
    billing_postal_code = Label(max_length=40)
    billing_country = Label(max_length=80)
    currency = CurrencyField()
    created_on = models.DateTimeField(null=True, blank=True)
    custom_fields = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "sf_account"
        indexes = [
            models.Index(fields=["erp_number"], name="sf_account_erp_number"),
            # As linking compares them: a decision looks up what it touches, and reads nothing else.
            models.Index(Left("key", 15), name="sf_account_short_key"),
            models.Index(Trim("erp_number"), name="sf_account_bare_number"),
            models.Index(
                models.Func("erp_number", template=BARE_NUMBER),
                condition=~models.Q(erp_number=""),
                name="sf_account_number_core",
            ),
            models.Index(
                fields=["master_record"], condition=~models.Q(master_record=""), name="sf_account_merged_into"
            ),
        ]


class SfAccountTeamMember(Mirrored):
    """A user in an account's team, who may see the account although somebody else owns it. An org without account
    teams has none.
    """

    account = mirror_ref(ACCOUNT, "team")
    user = mirror_ref(USER)
    team_role = Label(max_length=80)

    class Meta:
        db_table = "sf_account_team_member"


class SfContact(Mirrored):
    """A person at an account. `custom_fields` holds further fields by API name, as exact text or null."""

    account = mirror_ref(ACCOUNT, "contacts")
    name = Label()
    title = Label(max_length=128)
    department = Label(max_length=80)
    email = Label()
    phone = Label(max_length=80)
    mobile_phone = Label(max_length=80)
    custom_fields = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "sf_contact"
        indexes = [GinIndex(SearchWords("name", "email"), name="sf_contact_words")]


class SfOpportunity(Mirrored):
    """A deal. `amount` is in `currency` (single-currency orgs: the configured reporting currency). `custom_fields`
    holds further fields by API name, as exact text or null.
    """

    account = mirror_ref(ACCOUNT, "opportunities", indexed=False)
    owner = mirror_ref(USER, indexed=False)
    name = Label()
    stage = Label(max_length=120)
    amount = MoneyField(null=True, blank=True)
    currency = CurrencyField()
    close_on = models.DateField(null=True, blank=True)
    created_on = models.DateTimeField(null=True, blank=True)
    is_closed = models.BooleanField(default=False)
    is_won = models.BooleanField(default=False)
    probability = MoneyField(null=True, blank=True)
    type = Label(max_length=120)
    custom_fields = models.JSONField(default=dict, blank=True)
    # derived at publish
    reporting_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    reporting_amount = MoneyField(null=True, blank=True)

    class Meta:
        db_table = "sf_opportunity"
        indexes = [
            models.Index(fields=["account", "-close_on", "key"], name="sf_opp_by_date"),
            GinIndex(SearchWords("name"), name="sf_opp_words"),
        ]


class SfQuote(Mirrored):
    """A quote of an opportunity, where the org has quotes. `net_amount` is before tax and shipping, `gross_amount` with
    them, both in `currency`. The synced one (`is_syncing`) gives the opportunity its amount.
    """

    account = mirror_ref(ACCOUNT, indexed=False)
    opportunity = mirror_ref("integration_hub.SfOpportunity", "quotes")
    number = Label(max_length=80)
    name = Label()
    status = Label(max_length=120)
    net_amount = MoneyField(null=True, blank=True)
    gross_amount = MoneyField(null=True, blank=True)
    currency = CurrencyField()
    expires_on = models.DateField(null=True, blank=True)
    is_syncing = models.BooleanField(default=False)
    created_on = models.DateTimeField(null=True, blank=True)
    custom_fields = models.JSONField(default=dict, blank=True)
    # derived at publish
    reporting_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    reporting_amount = MoneyField(null=True, blank=True)

    class Meta:
        db_table = "sf_quote"
        indexes = [models.Index(fields=["account"], name="sf_quote_account")]


class SfOrder(Mirrored):
    """A Salesforce order, where the org has orders; `starts_on` is its start date, `status_code` the category of its
    status (Draft or Activated). `net_amount` is in `currency`. `reference` is Salesforce's field for the number that
    another system gave the order. A reduction order (`is_reduction`) takes something back of its `original`.
    """

    account = mirror_ref(ACCOUNT, indexed=False)
    opportunity = mirror_ref("integration_hub.SfOpportunity", "sales_orders")
    quote = mirror_ref("integration_hub.SfQuote", indexed=False)
    original = mirror_ref("self")
    is_reduction = models.BooleanField(default=False)
    number = Label(max_length=80)
    name = Label()
    status = Label(max_length=120)
    status_code = Label(max_length=40)
    starts_on = models.DateField(null=True, blank=True)
    activated_on = models.DateTimeField(null=True, blank=True)
    net_amount = MoneyField(null=True, blank=True)
    currency = CurrencyField()
    po_number = Label(max_length=120)
    po_on = models.DateField(null=True, blank=True)
    reference = Label(max_length=120)
    custom_fields = models.JSONField(default=dict, blank=True)
    # derived at publish
    reporting_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    reporting_amount = MoneyField(null=True, blank=True)

    class Meta:
        db_table = "sf_order"
        indexes = [models.Index(fields=["account", "-starts_on", "key"], name="sf_order_by_date")]

    @property
    def is_activated(self) -> bool:
        """Whether it is more than a draft."""
        return (self.status_code or self.status).upper() in ACTIVATED
