"""Years of past days in little room: their figures are packed, and brought back when somebody asks for such a day."""

from customers.history.days import bring, forget, pack_due
from customers.history.some import unpacked

__all__ = ["bring", "forget", "pack_due", "unpacked"]
