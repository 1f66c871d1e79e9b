"""Who reads an Odoo, which companies that user sees, and in which currencies they keep their books."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odoo.errors import odd_answer
from integration_hub.erp.odoo.rpc import Odoo
from integration_hub.erp.odoo.values import plain, reference
from integration_hub.sources import SourceProblem

KEYS = "res.users.apikeys"


@dataclass(frozen=True)
class OwnCompany:
    """A company of the reading user; `zone` decides which day an instant falls on."""

    key: str
    name: str
    currency: str
    zone: str


@dataclass
class Login:
    """The reading user of one Odoo; everything is asked for once."""

    odoo: Odoo

    @cached_property
    def user(self) -> dict[str, Any]:
        """lang, tz and uid of the reading user."""
        told = self.odoo.call("res.users", "context_get", {}, {})
        if not isinstance(told, dict):
            raise odd_answer(self.odoo.source, "res.users", "no context in it")
        uid = told.get("uid") or self.odoo.uid or self._own_id()
        return {**told, "uid": int(uid)}

    def _own_id(self) -> str:
        """Our user's id where nothing else tells it: by name, else by the keys, of which a user sees its own only."""
        name = self.odoo.source.username
        model, field, domain = ("res.users", "id", [["login", "=", name]]) if name else (KEYS, "user_id", [])
        found = self.odoo.call(model, "search_read", {"domain": domain, "fields": [field]}, {})
        ids = {reference(each[field]) for each in found} - {None}
        if len(ids) != 1:
            raise SourceProblem(
                f"{self.odoo.source.label} does not say which user we are.",
                KEPT,
                "Add the reading user's login as username to the source in hub.toml.",
            )
        return str(ids.pop())

    def company_ids(self) -> list[int]:
        """The companies that the reading user has at this moment."""
        asked = {"domain": [["id", "=", self.user["uid"]]], "fields": ["company_ids"]}
        users = self.odoo.call("res.users", "search_read", asked, {"active_test": False})
        return [int(each) for each in users[0]["company_ids"]] if users else []

    @cached_property
    def seen(self) -> list[dict[str, Any]]:
        """Every company of the reading user, whether it is read or not."""
        ids = self.company_ids()
        wanted = {"domain": [["id", "in", ids]], "fields": ["name", "currency_id", "partner_id"], "order": "id"}
        return list(self.odoo.call("res.company", "search_read", wanted, {"allowed_company_ids": ids}))

    @cached_property
    def companies(self) -> Mapping[str, OwnCompany]:
        """The companies that are read, by id. Raises SourceProblem for a configured one that the user does not see."""
        chosen = _chosen(self.odoo, self.seen)
        ids = [int(each["id"]) for each in chosen]
        partners = [int(str(reference(each["partner_id"]))) for each in chosen]
        zones = {
            str(each["id"]): each["tz"]
            for each in self.odoo.call(
                "res.partner",
                "search_read",
                {"domain": [["id", "in", partners]], "fields": ["tz"]},
                {"active_test": False, "allowed_company_ids": ids},
            )
        }
        return {
            str(each["id"]): OwnCompany(
                str(each["id"]),
                plain(each["name"]) or "",
                self.currency(each["currency_id"]),
                zones.get(str(reference(each["partner_id"]))) or self.user.get("tz") or "UTC",
            )
            for each in chosen
        }

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """Archived records too; the companies are named, so that one that was taken away is refused, not left out."""
        spoken = {"lang": self.user["lang"]} if self.user.get("lang") else {}
        return {**spoken, "active_test": False, "allowed_company_ids": [int(each) for each in self.companies]}

    @cached_property
    def currencies(self) -> Mapping[str, tuple[str, int]]:
        """Currency id -> ISO code and decimals."""
        asked = {"domain": [], "fields": ["name", "decimal_places"]}
        found = self.odoo.call("res.currency", "search_read", asked, {"active_test": False})
        return {str(each["id"]): (str(each["name"]), int(each["decimal_places"])) for each in found}

    def currency(self, value: Any) -> str:
        """ISO code of a many2one to a currency."""
        return self.currencies.get(reference(value) or "", ("", 2))[0]

    def places(self, value: Any) -> int:
        """Decimals of a many2one to a currency."""
        return self.currencies.get(reference(value) or "", ("", 2))[1]


def _chosen(odoo: Odoo, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that hub.toml names, by id or name; all where it names none."""
    wanted = odoo.source.companies
    names = {str(each["id"]) for each in found} | {str(each["name"]) for each in found}
    unknown = [each for each in wanted if each not in names]
    if unknown or not found:
        named = f'the company "{unknown[0]}"' if unknown else "any company"
        raise SourceProblem(
            f"The reading user of {odoo.source.label} does not see {named}.",
            f"Its documents would be missing. {KEPT}",
            "Give the user that company in Odoo, or correct companies in hub.toml: "
            f"it sees {', '.join(sorted(names)) or 'none'}.",
        )
    return [each for each in found if not wanted or str(each["id"]) in wanted or str(each["name"]) in wanted]
