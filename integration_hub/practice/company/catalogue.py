"""What Halden Components sells: articles by product group, with list prices in euro."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Article:
    """An article; `price` is the list price per unit in EUR, `unit` the ERP's unit code."""

    number: str
    name: str
    group: str
    unit: str
    price: Decimal


# group, prefix, unit, base price, growth from size to size, name pattern, sizes
GROUPS: tuple[tuple[str, str, str, str, str, str, tuple[str, ...]], ...] = (
    ("Bearings", "BR", "PCE", "18.40", "1.32", "Deep groove ball bearing {}",
     ("6204-2RS", "6206-2RS", "6208-2RS", "6310-ZZ", "6312-ZZ", "6316", "6320")),
    ("Bearings", "BZ", "PCE", "64.00", "1.38", "Spherical roller bearing {}",
     ("22210", "22214", "22218", "22222", "22228", "23134")),
    ("Couplings", "CP", "PCE", "92.50", "1.29", "Jaw coupling HC-{}", ("24", "28", "38", "48", "65", "90")),
    ("Couplings", "CD", "PCE", "240.00", "1.33", "Disc coupling HD-{}", ("80", "110", "140", "180", "220")),
    ("Gear units", "GH", "PCE", "685.00", "1.42", "Helical gear unit HG{}", ("37", "47", "67", "87", "107", "127")),
    ("Gear units", "GP", "PCE", "1180.00", "1.38", "Planetary gear unit HP{}", ("060", "090", "115", "142", "190")),
    ("Hydraulics", "HC", "PCE", "215.00", "1.31", "Hydraulic cylinder {} mm",
     ("32/20", "40/25", "50/32", "63/40", "80/50")),
    ("Hydraulics", "HV", "PCE", "148.00", "1.27", "Directional valve NG{}", ("6", "10", "16", "25")),
    ("Seals", "SE", "SET", "9.80", "1.34", "Shaft seal kit {}", ("25x40", "35x52", "45x62", "60x80", "80x100")),
    ("Sensors", "SN", "PCE", "74.00", "1.36", "Condition sensor HS-{}", ("T1", "V2", "TV3", "P4")),
    ("Linear motion", "LM", "M", "118.00", "1.30", "Linear guide rail {}", ("15", "20", "25", "35", "45")),
    ("Linear motion", "LB", "PCE", "260.00", "1.35", "Ball screw {}", ("16x5", "20x5", "25x10", "32x10", "40x20")),
    ("Lubrication", "LU", "KGM", "14.90", "1.22", "High-load grease {}", ("LGEP 2", "LGHT 3", "LGFD 2")),
)  # fmt: skip


def articles() -> tuple[Article, ...]:
    """The whole catalogue, cheapest first within each series."""
    found = []
    for group, prefix, unit, base, growth, pattern, sizes in GROUPS:
        price = Decimal(base)
        for position, size in enumerate(sizes, 1):
            number = f"{prefix}-{position * 10:04d}"
            found.append(Article(number, pattern.format(size), group, unit, price.quantize(Decimal("0.01"))))
            price *= Decimal(growth)
    return tuple(found)
