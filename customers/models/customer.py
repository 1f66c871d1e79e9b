"""One row per customer, and the links from ERP customers to accounts."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Collate, Left

from integration_hub.models.common import CurrencyField, KeyField, Label
from integration_hub.words import SearchWords

# So many letters of the search text are sorted: it may be longer than an index entry.
START = 60


class Customer(models.Model):
    """A Salesforce account with all its linked ERP customers, an account alone (prospect), or an ERP customer alone
    (unlinked).

    `account` and `erp_customer` are mirror keys; exactly one is set. `owner` is the key of the Salesforce user who
    owns the account, empty for an unlinked one. `gone_at` is set when account (or ERP customer) left its source; the
    row and its id stay for ever. `search_text` is name, numbers and city, folded. `owner_since` is when the warehouse
    first read this owner and `owner_before` whose it was; null and empty for what the first load brought.
    """

    account = KeyField(null=True, blank=True, unique=True)
    erp_customer = KeyField(null=True, blank=True, unique=True)
    name = Label()
    owner = KeyField(default="", blank=True)
    owner_since = models.DateTimeField(null=True, blank=True)
    owner_before = KeyField(default="", db_default="", blank=True)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")
    erp_numbers = Label(max_length=500)
    city = Label(max_length=120)
    country = Label(max_length=80)
    industry = Label(max_length=120)
    currency = CurrencyField()
    search_text = models.TextField(default="", blank=True)
    is_prospect = models.BooleanField(default=False)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "customer"
        indexes = [
            models.Index(fields=["owner", "name"], name="customer_by_owner"),
            models.Index(fields=["name", "id"], name="customer_by_name"),
            models.Index(fields=["owner_since"], name="customer_owner_since"),
            models.Index(
                fields=["country", "industry"],
                include=["id"],
                condition=models.Q(gone_at__isnull=True),
                name="customer_by_country",
            ),
            # The few that are gone: a list of all asks for them, not for those that are there.
            models.Index(fields=["id"], condition=models.Q(gone_at__isnull=False), name="customer_gone"),
            GinIndex(SearchWords("search_text"), name="customer_words"),
            models.Index(Collate(Left("search_text", START), "C"), name="customer_starts"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=True) ^ models.Q(erp_customer__isnull=True),
                name="customer_is_account_or_erp_customer",
            )
        ]

    def __str__(self) -> str:
        return self.name


class LinkStatus(models.TextChoices):
    """Outcome of linking one ERP customer. Only `linked` rows add to an account's figures."""

    LINKED = "linked", "Linked"
    UNLINKED = "unlinked", "Not linked"
    CONFLICT = "conflict", "Conflict"


class Part(models.Model):
    """Which part of an ERP customer's documents a link is about; all of them where nothing is said.

    By per cent the link takes of every amount what lies between `part_from` and `part_to`, parts of 1, so that the
    parts of an ERP customer, which begin where another ends, add up to the amount to the cent. By ship-to party it
    takes the documents that go to one of `places` (keys of ERP customers); with `is_rest` all that go to none of them.
    """

    part_from = models.DecimalField(max_digits=9, decimal_places=8, null=True, blank=True)
    part_to = models.DecimalField(max_digits=9, decimal_places=8, null=True, blank=True)
    places = ArrayField(KeyField(), null=True, blank=True)
    is_rest = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True


# A link about a part; so few that nobody who has none reads an entry.
OF_A_PART = models.Q(part_to__isnull=False) | models.Q(places__isnull=False)


class AccountLink(Part):
    """Which customer an ERP customer belongs to; one row per live ERP customer, so nothing disappears in linking, and
    one per account where a rule shares it.

    `customer` is the customer whose figures the ERP customer adds to (its own unlinked row when not linked). `method`
    says what made the link: "decided" (somebody's decision), "shared" (somebody's rule over several accounts), a stored
    key, which is "erp" (account id in the ERP), "salesforce" (ERP number on the account), "both" or "merged" (moved to
    the winner of a merge), or "identifier" (the same checked VAT or registration number). Of an unlinked one it is
    "ignored" or "later" where somebody decided so, else empty. `detail` says in words why it is unlinked or in
    conflict, or what it was linked by. `place` is the order of the accounts of a rule.
    """

    erp_customer = KeyField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="links")
    account = KeyField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=LinkStatus.choices)
    method = models.CharField(max_length=12, default="", blank=True)
    detail = models.TextField(default="", blank=True)
    linked_at = models.DateTimeField(auto_now_add=True)
    place = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "account_link"
        indexes = [
            models.Index(fields=["status"], name="account_link_status"),
            models.Index(fields=["erp_customer"], condition=OF_A_PART, name="account_link_of_a_part"),
        ]
        constraints = [models.UniqueConstraint(fields=["erp_customer", "customer"], name="account_link_once")]
