"""The user that a mirror signs in as: sees both companies, may read what a mirror reads, and writes nothing of it."""

from collections.abc import Sequence

from tests.erp.tryton_real.inside.desk import Desk

LOGIN, PASSWORD = "mirror", "mirror-of-the-books-2026"
READS = (
    "party.party", "party.address", "party.contact_mechanism", "party.identifier", "party.relation.all",
    "company.company", "currency.currency", "currency.currency.rate", "product.product", "product.template",
    "product.uom", "product.category", "sale.sale", "sale.line", "stock.shipment.out", "stock.shipment.out.return",
    "stock.move", "account.invoice", "account.invoice.line", "account.invoice.tax", "account.invoice.payment_term",
    "account.move", "account.move.line", "account.move.reconciliation", "account.account", "account.account.type",
    "account.payment", "account.period",
)  # fmt: skip


def build(desk: Desk, companies: Sequence[int], key: str) -> None:
    """Make the group, the user and the key, which an administrator has approved."""
    desk.work_for(companies[0])
    group = desk.model("res.group")(name="Mirror, reading only")
    group.save()
    for name in READS:
        rule = desk.model("ir.model.access")(model=name, group=group, perm_read=True)
        rule.perm_write = rule.perm_create = rule.perm_delete = False
        rule.save()
    user = desk.model("res.user")(name="Mirror", login=LOGIN, password=PASSWORD)
    user.groups.append(group)
    for company in companies:
        user.companies.append(desk.get("company.company", company))
    user.company = desk.get("company.company", companies[0])
    user.company_filter = "all"
    user.save()
    application = desk.model("res.user.application")(key=key, user=user, application="rest")
    application.save()
    application.reload()
    if application.state == "requested":
        application.click("validate_")
