"""Countries as systems write them, as their two letters of ISO 3166; and how numbers are dialled there."""

from functools import lru_cache

from customers.matching.letters import plain

# code: dialling code, further names (the two and three letters of ISO 3166 count too)
COUNTRIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "AT": ("43", ("aut", "austria", "österreich", "autriche")),
    "AU": ("61", ("aus", "australia", "australien")),
    "BE": ("32", ("bel", "belgium", "belgien", "belgique", "belgië")),
    "BG": ("359", ("bgr", "bulgaria", "bulgarien")),
    "BR": ("55", ("bra", "brazil", "brasil", "brasilien")),
    "CA": ("1", ("can", "canada", "kanada")),
    "CH": ("41", ("che", "switzerland", "schweiz", "suisse", "svizzera")),
    "CN": ("86", ("chn", "china")),
    "CY": ("357", ("cyp", "cyprus", "zypern")),
    "CZ": ("420", ("cze", "czech republic", "czechia", "tschechien", "česko")),
    "DE": ("49", ("deu", "ger", "germany", "deutschland", "allemagne", "germania", "d")),
    "DK": ("45", ("dnk", "denmark", "dänemark", "danmark")),
    "EE": ("372", ("est", "estonia", "estland", "eesti")),
    "ES": ("34", ("esp", "spain", "spanien", "españa")),
    "FI": ("358", ("fin", "finland", "finnland", "suomi")),
    "FR": ("33", ("fra", "france", "frankreich", "francia", "f")),
    "GB": ("44", ("gbr", "uk", "united kingdom", "great britain", "england", "scotland", "wales", "grossbritannien")),
    "GR": ("30", ("grc", "el", "greece", "griechenland", "hellas")),
    "HR": ("385", ("hrv", "croatia", "kroatien", "hrvatska")),
    "HU": ("36", ("hun", "hungary", "ungarn", "magyarország")),
    "IE": ("353", ("irl", "ireland", "irland")),
    "IN": ("91", ("ind", "india", "indien")),
    "IT": ("39", ("ita", "italy", "italia", "italien", "italie")),
    "JP": ("81", ("jpn", "japan")),
    "LI": ("423", ("lie", "liechtenstein")),
    "LT": ("370", ("ltu", "lithuania", "litauen", "lietuva")),
    "LU": ("352", ("lux", "luxembourg", "luxemburg")),
    "LV": ("371", ("lva", "latvia", "lettland", "latvija")),
    "MT": ("356", ("mlt", "malta")),
    "MX": ("52", ("mex", "mexico", "méxico", "mexiko")),
    "NL": ("31", ("nld", "netherlands", "the netherlands", "nederland", "niederlande", "holland", "pays-bas")),
    "NO": ("47", ("nor", "norway", "norwegen", "norge")),
    "PL": ("48", ("pol", "poland", "polska", "polen", "pologne")),
    "PT": ("351", ("prt", "portugal")),
    "RO": ("40", ("rou", "romania", "rumänien", "românia")),
    "SE": ("46", ("swe", "sweden", "sverige", "schweden")),
    "SG": ("65", ("sgp", "singapore", "singapur")),
    "SI": ("386", ("svn", "slovenia", "slowenien", "slovenija")),
    "SK": ("421", ("svk", "slovakia", "slowakei", "slovensko")),
    "TR": ("90", ("tur", "turkey", "türkiye", "türkei")),
    "US": ("1", ("usa", "united states", "united states of america", "vereinigte staaten", "america")),
    "ZA": ("27", ("zaf", "south africa", "südafrika")),
}
_CODES = {plain(name): code for code, (_, names) in COUNTRIES.items() for name in (code, *names)}
DIALLED = {code: dial for code, (dial, _) in COUNTRIES.items()}
# The longest first, so that +423 is not taken for another country's +42.
DIAL_CODES = tuple(sorted(set(DIALLED.values()), key=lambda each: (-len(each), each)))


@lru_cache(maxsize=1 << 12)
def country_of(text: str) -> str:
    """The two letters of a country; one that is not known stays as it came, in one spelling; empty stays empty."""
    asked = plain(text.strip().replace(".", ""))
    return _CODES.get(asked, asked)
