"""What every new practice org holds: the organisation itself and its integration user."""

from __future__ import annotations

from .identifiers import numbered
from .org import Org
from .values import keep


def found(org: Org) -> None:
    """Create the Organization record, the integration user and its first client app."""
    user_id = org.mint.new("005")
    caller = org.caller(user_id)
    audit = {
        "CreatedDate": org.clock.stamp(),
        "LastModifiedDate": org.clock.stamp(),
        "SystemModstamp": org.clock.stamp(),
    }
    by = {"CreatedById": user_id, "LastModifiedById": user_id}
    org.store.put(
        "User",
        {
            "Id": caller.user_id, "Username": "integration@practice.example", "LastName": "Integration",
            "FirstName": "Practice", "Name": "Practice Integration", "Email": "integration@practice.example",
            "Alias": "practice", "IsActive": True, "UserType": "Standard", "TimeZoneSidKey": "Europe/Berlin",
            "LocaleSidKey": "en_GB", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US", **audit, **by,
        },
    )  # fmt: skip
    org.store.put(
        "Organization",
        {
            "Id": numbered("00D", 7_654_321), "Name": "Practice Org", "FiscalYearStartMonth": 1,
            "DefaultAccountAccess": "None", "DefaultContactAccess": "ControlledByParent",
            "DefaultOpportunityAccess": "None", "OrganizationType": "Developer Edition", "InstanceName": "PRC0",
            "IsSandbox": False, "DefaultLocaleSidKey": "en_GB", "LanguageLocaleKey": "en_US",
            "TimeZoneSidKey": "Europe/Berlin", **audit, **by,
        },
    )  # fmt: skip
    org.register_first_app()


def add_user(org: Org, username: str) -> str:
    """The id of the user with this name, created when there is none."""
    known = org.store.with_key("User", "Username", username)
    if known:
        return str(known[0]["Id"])
    template = org.store.with_key("User", "Username", "integration@practice.example")[0]
    sobject = org.schema.objects["user"]
    changes = {
        name: keep(sobject.by_name[name.lower()], value)
        for name, value in {
            "Username": username, "LastName": username.partition("@")[0][:80], "Alias": username[:8], "Email": username,
        }.items()
    }  # fmt: skip
    record = {**template, **changes, "Id": org.mint.new("005"), "FirstName": None, "Name": changes["LastName"]}
    org.store.put("User", record)
    return str(record["Id"])
