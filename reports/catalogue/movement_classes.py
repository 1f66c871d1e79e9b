"""Who moved between the classes of revenue, standing and deals."""

from reports.movements import movement

REPORT = movement(
    "movement-classes",
    "classes",
    "Movement between classes",
    "Who went from which revenue, standing and deal class to which between two days, with money and the reason.",
    13,
)
