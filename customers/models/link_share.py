"""The rules that share an ERP customer over several accounts, and where its documents go."""

from django.db import models

from customers.models.link_decision import LinkDecision
from integration_hub.models.common import KeyField


class LinkShare(models.Model):
    """One row of a rule, which is a decision with the verdict "share": an account and what it gets.

    By per cent every row has `per_cent`, and those of a rule add up to exactly 100. By ship-to party a row has
    `ship_to`, the key of an ERP customer that documents are delivered to, except one, whose account gets the rest. An
    account may have several rows. Parts are made in the order of `place`. Rows are never changed: another rule is
    another decision.
    """

    decision = models.ForeignKey(LinkDecision, on_delete=models.CASCADE, related_name="shares")
    place = models.SmallIntegerField()
    account = KeyField()
    per_cent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    ship_to = KeyField(default="", blank=True)

    class Meta:
        db_table = "link_share"
        ordering = ["decision", "place"]
        constraints = [models.UniqueConstraint(fields=["decision", "place"], name="link_share_place")]


class DocumentPlace(models.Model):
    """The ship-to party of a document of an ERP customer that is, or was, shared by ship-to party.

    `kind` is order, delivery, invoice, open_item or payment. `place` is empty where none is known or several are: such
    a document goes with the rest. `found` says where it was read: "stated" on the document, by its "order" or
    "delivery", by its "invoice", by the items that it paid ("item"), or "none" or "several".
    """

    kind = models.CharField(max_length=10)
    document = KeyField()
    erp_customer = KeyField()
    place = KeyField(default="", blank=True)
    found = models.CharField(max_length=10)

    class Meta:
        db_table = "document_place"
        constraints = [models.UniqueConstraint(fields=["kind", "document"], name="document_place_once")]
        indexes = [models.Index(fields=["erp_customer"], name="document_place_of_customer")]
