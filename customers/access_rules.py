"""By which column each model is narrowed to what a user may see."""

from django.db.models import Model

from customers.models import (
    AccountLink,
    AccountLinkPeriod,
    Conversion,
    Customer,
    CustomerCategory,
    CustomerMonth,
    CustomerRollup,
    CustomerView,
    Difference,
    DifferenceNote,
    DocumentPlace,
    Handover,
    HandoverNote,
    LinkDecision,
    LinkProposal,
    LinkShare,
    OpenOrder,
    OpportunityOrder,
    OrderWithoutOpportunity,
    OwnerTotal,
    RfmMembership,
    SalesOrderPair,
    SalesOrderStanding,
    SentSegments,
    TeamScope,
)
from integration_hub.models import (
    ErpAllocation,
    ErpContact,
    ErpCustomer,
    ErpDelivery,
    ErpDeliveryLine,
    ErpDocumentLink,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    SfAccount,
    SfAccountTeamMember,
    SfContact,
    SfOpportunity,
    SfOrder,
    SfQuote,
)

# Model -> the column with the ERP customer's key.
BY_ERP_CUSTOMER: dict[type[Model], str] = {ErpCustomer: "key"} | dict.fromkeys(
    (
        ErpAllocation,
        ErpContact,
        ErpDelivery,
        ErpDeliveryLine,
        ErpDocumentLink,
        ErpInvoice,
        ErpInvoiceLine,
        ErpOpenItem,
        ErpOrder,
        ErpOrderLine,
        ErpPayment,
    ),
    "customer_id",
)
BY_ERP_CUSTOMER |= dict.fromkeys((DocumentPlace, LinkDecision, LinkProposal), "erp_customer")
# Model -> the column with the account's key.
BY_ACCOUNT: dict[type[Model], str] = {
    LinkShare: "account",
    SfAccount: "key",
    SfAccountTeamMember: "account_id",
    SfContact: "account_id",
    SfOpportunity: "account_id",
    SfOrder: "account_id",
    SfQuote: "account_id",
}
BY_CUSTOMER: dict[type[Model], str] = {
    AccountLink: "customer_id",
    Conversion: "customer_id",
    AccountLinkPeriod: "customer_id",
    Customer: "pk",
    CustomerCategory: "customer_id",
    CustomerMonth: "customer_id",
    CustomerRollup: "customer_id",
    CustomerView: "customer_id",
    Handover: "customer_id",
    HandoverNote: "customer_id",
    Difference: "customer_id",
    DifferenceNote: "difference__customer_id",
    OpenOrder: "customer_id",
    OpportunityOrder: "customer_id",
    OrderWithoutOpportunity: "customer_id",
    RfmMembership: "customer_id",
    SalesOrderPair: "customer_id",
    SalesOrderStanding: "customer_id",
    SentSegments: "customer_id",
    TeamScope: "customer_id",
}
# Model -> the column with the owner, a Salesforce user.
BY_OWNER: dict[type[Model], str] = {OwnerTotal: "owner"}
