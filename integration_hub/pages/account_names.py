"""Names of mirrored accounts, for pages that know only ids."""

from collections.abc import Iterable

from integration_hub.models import SfAccount


def account_names(accounts: Iterable[str]) -> dict[str, str]:
    """Names of mirrored accounts by id."""
    return dict(SfAccount.objects.filter(key__in=list(accounts)).values_list("key", "name"))
