"""Mirror of ERP orders and deliveries with their lines."""

from django.db import models

from integration_hub.models.common import (
    CurrencyField,
    Label,
    Mirrored,
    MoneyField,
    QuantityField,
    RateField,
    mirror_ref,
)

CUSTOMER = "integration_hub.ErpCustomer"


class OrderStatus(models.TextChoices):
    """Normalised life of an order; `closed` is ended without being fully delivered, `cancelled` never counts."""

    QUOTE = "quote", "Quote"
    OPEN = "open", "Open"
    DONE = "done", "Done"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class LineKind(models.TextChoices):
    """What a document line stands for; text lines carry no amount, down payments are not revenue."""

    GOODS = "goods", "Goods"
    SERVICE = "service", "Service"
    CHARGE = "charge", "Charge"
    DOWN_PAYMENT = "down_payment", "Down payment"
    TEXT = "text", "Text"


class DeliveryStatus(models.TextChoices):
    """Normalised life of a delivery."""

    PLANNED = "planned", "Planned"
    READY = "ready", "Ready"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"


class ErpOrder(Mirrored):
    """A sales order. Amounts are net of tax in `currency`; `exchange_rate` is company currency per one document
    currency.

    The columns below "derived at publish" are computed from lines, deliveries and rates by the layer above, never
    delivered by a source: `reporting_rate` (reporting currency per one document currency, null = not convertible),
    `reporting_amount` (net, rounded once), `fully_delivered_on` (null while something is still to be shipped) and
    `fully_invoiced_on` (null while something shipped is not invoiced).
    """

    number = Label(max_length=80)
    company = mirror_ref("integration_hub.ErpCompany", indexed=False)
    customer = mirror_ref(CUSTOMER, "orders", indexed=False)
    ship_to = mirror_ref(CUSTOMER, indexed=False)
    bill_to = mirror_ref(CUSTOMER, indexed=False)
    payer = mirror_ref(CUSTOMER, indexed=False)
    ordered_on = models.DateField(null=True, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    currency = CurrencyField()
    net_amount = MoneyField(null=True, blank=True)
    gross_amount = MoneyField(null=True, blank=True)
    company_currency = CurrencyField()
    exchange_rate = RateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=OrderStatus.choices, default="open", blank=True)
    source_status = Label(max_length=80)
    hold_reason = Label(max_length=120)
    customer_reference = Label(max_length=120)
    salesperson = Label(max_length=120)
    # derived at publish
    reporting_rate = RateField(null=True, blank=True)
    reporting_amount = MoneyField(null=True, blank=True)
    fully_delivered_on = models.DateField(null=True, blank=True)
    fully_invoiced_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "erp_order"
        indexes = [
            models.Index(fields=["customer", "-ordered_on", "key"], name="erp_order_by_date"),
            # Not partial: an order delivered tomorrow is open today.
            models.Index(fields=["customer", "fully_delivered_on"], name="erp_order_open"),
            models.Index(
                fields=["customer", "fully_invoiced_on"],
                name="erp_order_uninvoiced",
                condition=models.Q(fully_invoiced_on=None),
            ),
            models.Index(fields=["ordered_on"], name="erp_order_day"),
            models.Index(fields=["number"], name="erp_order_starts", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["customer_reference"],
                name="erp_order_reference",
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(customer_reference=""),
            ),
        ]


class ErpOrderLine(Mirrored):
    """A line of an order. `net_amount` is the line's net in the order's currency. Delivered and invoiced quantity are
    null where the source does not say.
    """

    order = mirror_ref("integration_hub.ErpOrder", "lines")
    customer = mirror_ref(CUSTOMER, indexed=False)
    position = models.IntegerField(null=True, blank=True)
    kind = models.CharField(max_length=20, choices=LineKind.choices, default="goods", blank=True)
    product = mirror_ref("integration_hub.ErpProduct", indexed=False)
    text = Label(max_length=500)
    quantity = QuantityField(null=True, blank=True)
    unit = Label(max_length=20)
    unit_price = QuantityField(null=True, blank=True)
    discount_percent = QuantityField(null=True, blank=True)
    net_amount = MoneyField(null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    delivered_quantity = QuantityField(null=True, blank=True)
    invoiced_quantity = QuantityField(null=True, blank=True)
    cancelled = models.BooleanField(default=False)

    class Meta:
        db_table = "erp_order_line"


class ErpDelivery(Mirrored):
    """A delivery (or a return). `order` is the header link where the source states one; lines may say more."""

    number = Label(max_length=80)
    company = mirror_ref("integration_hub.ErpCompany", indexed=False)
    customer = mirror_ref(CUSTOMER, "deliveries", indexed=False)
    ship_to = mirror_ref(CUSTOMER, indexed=False)
    order = mirror_ref("integration_hub.ErpOrder", "deliveries")
    planned_on = models.DateField(null=True, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=DeliveryStatus.choices, default="shipped", blank=True)
    source_status = Label(max_length=80)
    is_return = models.BooleanField(default=False)
    carrier = Label(max_length=120)
    tracking = Label(max_length=120)

    class Meta:
        db_table = "erp_delivery"
        indexes = [
            models.Index(fields=["customer", "-shipped_on", "key"], name="erp_delivery_by_date"),
            models.Index(fields=["number"], name="erp_delivery_starts", opclasses=["varchar_pattern_ops"]),
        ]


class ErpDeliveryLine(Mirrored):
    """A line of a delivery, tied to the order line it fulfils. Returns have negative quantities."""

    delivery = mirror_ref("integration_hub.ErpDelivery", "lines")
    customer = mirror_ref(CUSTOMER, indexed=False)
    position = models.IntegerField(null=True, blank=True)
    order_line = mirror_ref("integration_hub.ErpOrderLine", "delivery_lines")
    product = mirror_ref("integration_hub.ErpProduct", indexed=False)
    text = Label(max_length=500)
    quantity = QuantityField(null=True, blank=True)
    unit = Label(max_length=20)

    class Meta:
        db_table = "erp_delivery_line"
