"""hub.toml read into frozen dataclasses: `hub()` is the configuration in force."""

from integration_hub.config.in_force import hub, kept_because
from integration_hub.config.masters import STANDARD, Master, MastersConfig
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.reading import place_in_hub, read_hub, read_text
from integration_hub.config.rhythms import formulas_rhythm, longest_minutes, reading_rhythm, sweep_rhythm
from integration_hub.config.schedule import ScheduleConfig
from integration_hub.config.sections import AccessConfig, ExportsConfig, StagesConfig
from integration_hub.config.shape import (
    SALESFORCE_OBJECTS,
    CanvasConfig,
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

__all__ = [
    "SALESFORCE_OBJECTS",
    "STANDARD",
    "AccessConfig",
    "CanvasConfig",
    "Column",
    "Company",
    "ConfigurationError",
    "ExportsConfig",
    "Filter",
    "Hub",
    "Master",
    "MastersConfig",
    "PushConfig",
    "PushField",
    "SalesforceConfig",
    "ScheduleConfig",
    "SourceConfig",
    "StagesConfig",
    "StreamConfig",
    "formulas_rhythm",
    "hub",
    "kept_because",
    "longest_minutes",
    "place_in_hub",
    "read_hub",
    "read_text",
    "reading_rhythm",
    "sweep_rhythm",
]
