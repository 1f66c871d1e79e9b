"""The people who can log in to the demo, told by the launcher together with the password."""

LOGINS = (
    ("anna.keller", "account manager: sees her own customers"),
    ("marc.oberlaender", "sales manager: sees the customers of his account managers"),
    ("priya.nair", "analyst: sees everything, exports"),
    ("admin", "administrator: runs, pushes and settings too"),
)
