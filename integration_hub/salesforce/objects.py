"""The Salesforce objects that are mirrored: which fields fill which columns, and which must be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integration_hub.config import Column, SalesforceConfig, StreamConfig

ID, STAMP, DELETED, CURRENCY = "Id", "SystemModstamp", "IsDeleted", "CurrencyIsoCode"
CUSTOM = "custom_fields"


@dataclass(frozen=True)
class MirroredObject:
    """One object: target column -> field. An `essential` field must be there; others may stay empty, with a note.

    `absent_means` is for an object that not every org has: what it means that describe does not find it. A `spared` one
    is not read either where an essential field is hidden, and what was read of it before stays.
    """

    sobject: str
    target: str
    fields: Mapping[str, str]
    essential: frozenset[str]
    has_currency: bool = False
    is_deletable: bool = True
    absent_means: str = ""
    spared: bool = False


# In this order a row mostly arrives after the rows it refers to.
OBJECTS = (
    MirroredObject(
        "UserRole",
        "sf_user_role",
        {"name": "Name", "parent": "ParentRoleId"},
        frozenset({"Name", "ParentRoleId"}),
        is_deletable=False,
    ),
    MirroredObject(
        "User",
        "sf_user",
        {"username": "Username", "name": "Name", "email": "Email", "is_active": "IsActive", "role": "UserRoleId"},
        frozenset({"Username", "Name", "IsActive", "UserRoleId"}),
        is_deletable=False,
    ),
    MirroredObject(
        "Account",
        "sf_account",
        {
            "name": "Name",
            "owner": "OwnerId",
            "parent": "ParentId",
            "master_record": "MasterRecordId",
            "account_number": "AccountNumber",
            "industry": "Industry",
            "type": "Type",
            "phone": "Phone",
            "website": "Website",
            "billing_street": "BillingStreet",
            "billing_city": "BillingCity",
            "billing_postal_code": "BillingPostalCode",
            "billing_country": "BillingCountry",
            "created_on": "CreatedDate",
        },
        frozenset({"Name", "OwnerId", "MasterRecordId", DELETED}),
        has_currency=True,
    ),
    MirroredObject(
        "AccountTeamMember",
        "sf_account_team_member",
        {"account": "AccountId", "user": "UserId", "team_role": "TeamMemberRole"},
        frozenset({"AccountId", "UserId", DELETED}),
        absent_means="Account teams are switched off in this org, or hidden from the integration user: everybody sees "
        "the accounts that they own, and those of users in roles below theirs.",
    ),
    MirroredObject(
        "Contact",
        "sf_contact",
        {
            "account": "AccountId",
            "name": "Name",
            "title": "Title",
            "department": "Department",
            "email": "Email",
            "phone": "Phone",
            "mobile_phone": "MobilePhone",
        },
        frozenset({"AccountId", "Name", DELETED}),
    ),
    MirroredObject(
        "Opportunity",
        "sf_opportunity",
        {
            "account": "AccountId",
            "owner": "OwnerId",
            "name": "Name",
            "stage": "StageName",
            "amount": "Amount",
            "close_on": "CloseDate",
            "created_on": "CreatedDate",
            "is_closed": "IsClosed",
            "is_won": "IsWon",
            "probability": "Probability",
            "type": "Type",
        },
        frozenset({"AccountId", "OwnerId", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "IsWon", DELETED}),
        has_currency=True,
    ),
    MirroredObject(
        "Quote",
        "sf_quote",
        {
            "account": "AccountId",
            "opportunity": "OpportunityId",
            "number": "QuoteNumber",
            "name": "Name",
            "status": "Status",
            "net_amount": "TotalPrice",
            "gross_amount": "GrandTotal",
            "expires_on": "ExpirationDate",
            "is_syncing": "IsSyncing",
            "created_on": "CreatedDate",
        },
        frozenset({"AccountId", "OpportunityId", "QuoteNumber", "Status", "TotalPrice", DELETED}),
        has_currency=True,
        absent_means="Quotes are switched off in this org, or hidden from the integration user, so no quote is read. "
        "Where there are quotes, give the user read access to them with all fields.",
        spared=True,
    ),
    MirroredObject(
        "Order",
        "sf_order",
        {
            "account": "AccountId",
            "opportunity": "OpportunityId",
            "quote": "QuoteId",
            "original": "OriginalOrderId",
            "is_reduction": "IsReductionOrder",
            "number": "OrderNumber",
            "name": "Name",
            "status": "Status",
            "status_code": "StatusCode",
            "starts_on": "EffectiveDate",
            "activated_on": "ActivatedDate",
            "net_amount": "TotalAmount",
            "po_number": "PoNumber",
            "po_on": "PoDate",
            "reference": "OrderReferenceNumber",
        },
        frozenset({"AccountId", "OrderNumber", "Status", "EffectiveDate", "TotalAmount", DELETED}),
        has_currency=True,
        absent_means="Orders are switched off in this org, or hidden from the integration user, so no Salesforce order "
        "is read. Where there are orders, give the user read access to them with all fields.",
        spared=True,
    ),
)
BY_NAME: Mapping[str, MirroredObject] = {each.sobject: each for each in OBJECTS}


def streams(config: SalesforceConfig, *, currency: str, pushed: Sequence[str]) -> tuple[StreamConfig, ...]:
    """One stream per object, named like it.

    `currency` stands for the record's currency in an org that has only one; `pushed` are the Account fields that the
    push writes, which are read back beside the configured ones.
    """
    return tuple(_stream(each, config, currency, pushed) for each in OBJECTS)


def essential_fields(mirrored: MirroredObject, config: SalesforceConfig) -> frozenset[str]:
    """The fields that must be readable; without the ERP number every link would fall away."""
    own = {config.erp_number_field} if mirrored.sobject == "Account" else set()
    return mirrored.essential | own | {ID, STAMP}


def _stream(mirrored: MirroredObject, config: SalesforceConfig, currency: str, pushed: Sequence[str]) -> StreamConfig:
    columns = {target: Column(source=(name,)) for target, name in mirrored.fields.items()}
    columns |= {"key": Column(source=(ID,)), "source_modified_at": Column(source=(STAMP,))}
    if mirrored.is_deletable:
        columns["gone"] = Column(source=(DELETED,))
    if mirrored.has_currency:
        columns["currency"] = Column(source=(CURRENCY,), default=currency)
    if mirrored.sobject == "Account":
        columns["erp_number"] = Column(source=(config.erp_number_field,))
    custom = _custom(mirrored.sobject, config, pushed)
    if custom:
        columns[CUSTOM] = Column(source=custom)
    return StreamConfig(
        name=mirrored.sobject,
        target=mirrored.target,
        columns=columns,
        cursor=STAMP,
        overlap_minutes=config.overlap_minutes,
        gone_reason="deleted",
    )


def _custom(sobject: str, config: SalesforceConfig, pushed: Sequence[str]) -> tuple[str, ...]:
    """The further fields that hub.toml asks for, each once."""
    asked: Mapping[str, Sequence[str]] = {
        "Account": (*config.identifier_fields, *config.account_fields, *pushed),
        "Contact": config.contact_fields,
        "Opportunity": config.opportunity_fields,
        "Quote": config.quote_fields,
        "Order": config.order_fields,
    }
    return tuple(dict.fromkeys(asked.get(sobject, ())))
