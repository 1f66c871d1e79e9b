"""Who did what, in a chain of rows that nobody can change unnoticed. Other modules call `record`."""

from integration_hub.audit.acting import in_request
from integration_hub.audit.recording import record, record_refusal

__all__ = ["in_request", "record", "record_refusal"]
