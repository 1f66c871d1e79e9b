"""Person accounts: an account and a contact that are one human being."""

from __future__ import annotations

from collections.abc import Collection

from .fields import ObjectType, Record
from .org import Org

SHARED = {
    "LastName": "LastName", "FirstName": "FirstName", "Salutation": "Salutation", "Name": "Name",
    "PersonEmail": "Email", "PersonMobilePhone": "MobilePhone", "PersonTitle": "Title", "PersonBirthdate": "Birthdate",
    "OwnerId": "OwnerId", "PersonMailingStreet": "MailingStreet", "PersonMailingCity": "MailingCity",
    "PersonMailingState": "MailingState", "PersonMailingPostalCode": "MailingPostalCode",
    "PersonMailingCountry": "MailingCountry",
}  # fmt: skip
"""Field of the account -> the same thing on its contact."""
STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted")


def is_person(org: Org, sobject: ObjectType, old: Record, names: Collection[str]) -> bool:
    """Whether a record is a person: an account that is one already, or a new one that comes with a last name."""
    if sobject.name != "Account" or old:
        return bool(old.get("IsPersonAccount")) and sobject.name == "Account"
    return org.person_accounts and "lastname" in {name.lower() for name in names}


def forbidden(org: Org, sobject: ObjectType, *, person: bool) -> frozenset[str]:
    """Fields that this record may not be given: a person has no Name of its own, a company no first name."""
    if person:
        return frozenset({"Name"})
    if sobject.name == "Account" and org.person_accounts:
        return frozenset(name for name in SHARED if name not in {"Name", "OwnerId"})
    return frozenset()


def give_contact(org: Org, account: Record) -> None:
    """Keep the contact of a person account the same as the account, and make it when there is none."""
    if not org.person_accounts:
        return
    known = org.store.get("Contact", str(account.get("PersonContactId")))
    contact = known or {"Id": org.mint.new("003"), "HasOptedOutOfEmail": False, "DoNotCall": False}
    same = {there: account.get(here) for here, there in SHARED.items()}
    stamps = {name: account.get(name) for name in STAMPS}
    fresh = {**contact, **same, **stamps, "AccountId": account["Id"], "IsPersonAccount": True}
    org.store.put("Contact", {"IsEmailBounced": False, **fresh})
    account["PersonContactId"] = contact["Id"]
