"""Tryton as a source."""

from integration_hub.erp.tryton.adapter import TrytonAdapter

__all__ = ["TrytonAdapter"]
