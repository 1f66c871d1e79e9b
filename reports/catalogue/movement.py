"""Who moved between RFM segments."""

from reports.movements import movement

REPORT = movement(
    "movement",
    "rfm",
    "Movement between RFM segments",
    "Who went from which segment to which between two days, with money, and which score made it.",
    12,
)
