"""hub.toml read into frozen dataclasses: `hub()` is the configuration in force."""

from integration_hub.config.hub import (
    Column,
    Company,
    Filter,
    Hub,
    PushConfig,
    PushField,
    SalesforceConfig,
    SourceConfig,
    StreamConfig,
)
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.reading import hub, read_hub

__all__ = [
    "Column",
    "Company",
    "ConfigurationError",
    "Filter",
    "Hub",
    "PushConfig",
    "PushField",
    "SalesforceConfig",
    "SourceConfig",
    "StreamConfig",
    "hub",
    "read_hub",
]
