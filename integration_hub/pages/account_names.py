"""Names of mirrored accounts and of those who own them, for pages that know only ids."""

from collections.abc import Iterable
from dataclasses import dataclass

from integration_hub.models import SfAccount, SfUser


@dataclass(frozen=True)
class NamedAccount:
    """What a page says of an account beside its id; empty texts where the mirror does not know it."""

    name: str = ""
    owner: str = ""


def account_names(accounts: Iterable[str]) -> dict[str, str]:
    """Names of mirrored accounts by id."""
    return dict(SfAccount.objects.filter(key__in=list(accounts)).values_list("key", "name"))


def named_accounts(accounts: Iterable[str]) -> dict[str, NamedAccount]:
    """Names and owners of mirrored accounts by id; one that is not mirrored is left out."""
    found = list(SfAccount.objects.filter(key__in=list(accounts)).values_list("key", "name", "owner_id"))
    owners = {owner for _, _, owner in found if owner}
    names = dict(SfUser.objects.filter(key__in=owners).values_list("key", "name"))
    return {key: NamedAccount(name, names.get(owner or "", "")) for key, name, owner in found}
