"""Sources of kind "rest": which adapter reads which ERP."""

from collections.abc import Mapping
from typing import cast

from django.utils.module_loading import import_string

from integration_hub.config import SourceConfig
from integration_hub.erp.adapter import Adapter
from integration_hub.sources import SourceProblem

ADAPTERS: Mapping[str, str] = {
    "erpnext": "integration_hub.erp.erpnext.source.ErpNextAdapter",
    "netsuite": "integration_hub.erp.netsuite.source.NetSuiteAdapter",
}


def rest_adapter(config: SourceConfig) -> Adapter:
    """The adapter of the source's profile. Raises SourceProblem where there is none."""
    name = config.options.get("interface", config.profile)
    if name not in ADAPTERS:
        raise SourceProblem(
            f'There is no REST interface "{name}" for {config.label}.',
            "Nothing was read.",
            f"Use one of these profiles in hub.toml: {', '.join(sorted(ADAPTERS))}.",
        )
    return cast("Adapter", import_string(ADAPTERS[name])(config))
