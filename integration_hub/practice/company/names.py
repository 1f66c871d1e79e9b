"""Word lists of the demo company: places, company names, people. All customers are invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """How companies and people of one country are called; `weight` is its share of the customers."""

    name: str
    code: str
    currency: str
    weight: int
    cities: tuple[tuple[str, str], ...]
    forms: tuple[str, ...]
    streets: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    dial: str


GERMANY = Land(
    "Germany",
    "DE",
    "EUR",
    38,
    (
        ("Stuttgart", "70173"),
        ("Hamburg", "20095"),
        ("Chemnitz", "09111"),
        ("Bielefeld", "33602"),
        ("Nürnberg", "90402"),
        ("Augsburg", "86150"),
        ("Kassel", "34117"),
        ("Bremen", "28195"),
        ("Dortmund", "44135"),
        ("Ulm", "89073"),
        ("Regensburg", "93047"),
        ("Leipzig", "04109"),
    ),
    ("GmbH", "GmbH & Co. KG", "AG", "KG", "GmbH"),
    ("Industriestraße", "Am Hafen", "Gewerbering", "Schillerstraße", "Werkstraße", "Lindenallee"),
    ("Thomas", "Sabine", "Markus", "Petra", "Stefan", "Julia", "Andreas", "Claudia", "Jens", "Katrin", "Uwe", "Nina"),
    ("Hofmann", "Krüger", "Lehmann", "Schwarz", "Vogel", "Seidel", "Brandt", "Arnold", "Winkler", "Pohl", "Ziegler"),
    "+49",
)
AUSTRIA = Land(
    "Austria",
    "AT",
    "EUR",
    6,
    (("Linz", "4020"), ("Graz", "8010"), ("Wien", "1010"), ("Dornbirn", "6850")),
    ("GmbH", "AG", "KG"),
    ("Werksgasse", "Donaustraße", "Bahnhofstraße"),
    ("Lukas", "Eva", "Florian", "Birgit"),
    ("Gruber", "Steiner", "Moser", "Hofer", "Leitner"),
    "+43",
)
SWITZERLAND = Land(
    "Switzerland",
    "CH",
    "CHF",
    6,
    (("Winterthur", "8400"), ("Zug", "6300"), ("Biel", "2502"), ("St. Gallen", "9000")),
    ("AG", "GmbH", "SA"),
    ("Industrieweg", "Seestrasse", "Mühleweg"),
    ("Reto", "Ursina", "Beat", "Corinne"),
    ("Zürcher", "Frei", "Baumann", "Keller", "Amstutz"),
    "+41",
)
FRANCE = Land(
    "France",
    "FR",
    "EUR",
    8,
    (("Lyon", "69002"), ("Toulouse", "31000"), ("Nantes", "44000"), ("Lille", "59000")),
    ("SAS", "SA", "SARL"),
    ("Rue de l'Industrie", "Avenue Jean Jaurès", "Quai des Forges"),
    ("Camille", "Julien", "Élodie", "Antoine"),
    ("Moreau", "Lefèvre", "Girard", "Roux", "Fontaine"),
    "+33",
)
ITALY = Land(
    "Italy",
    "IT",
    "EUR",
    7,
    (("Bologna", "40121"), ("Brescia", "25121"), ("Torino", "10121"), ("Modena", "41121")),
    ("S.p.A.", "S.r.l."),
    ("Via Emilia", "Via dell'Industria", "Corso Europa"),
    ("Giulia", "Matteo", "Chiara", "Davide"),
    ("Ferrari", "Galli", "Conti", "Rizzo", "Marchetti"),
    "+39",
)
NETHERLANDS = Land(
    "Netherlands",
    "NL",
    "EUR",
    6,
    (("Eindhoven", "5611 AA"), ("Rotterdam", "3011 AA"), ("Enschede", "7511 HN")),
    ("B.V.", "N.V."),
    ("Havenstraat", "Industrieweg", "Kanaaldijk"),
    ("Sanne", "Daan", "Femke", "Bram"),
    ("de Vries", "Bakker", "van Dijk", "Visser"),
    "+31",
)
SWEDEN = Land(
    "Sweden",
    "SE",
    "EUR",
    5,
    (("Göteborg", "411 01"), ("Västerås", "722 11"), ("Malmö", "211 20")),
    ("AB",),
    ("Industrigatan", "Hamngatan", "Verkstadsgatan"),
    ("Elin", "Oskar", "Maja", "Gustav"),
    ("Lindqvist", "Sandberg", "Ekström", "Nyström"),
    "+46",
)
POLAND = Land(
    "Poland",
    "PL",
    "EUR",
    5,
    (("Wrocław", "50-001"), ("Gdańsk", "80-001"), ("Łódź", "90-001")),
    ("Sp. z o.o.", "S.A."),
    ("ul. Fabryczna", "ul. Portowa", "ul. Przemysłowa"),
    ("Agnieszka", "Tomasz", "Magdalena", "Paweł"),
    ("Wiśniewska", "Zieliński", "Wójcik", "Kamińska"),
    "+48",
)
BRITAIN = Land(
    "United Kingdom",
    "GB",
    "GBP",
    7,
    (("Sheffield", "S1 2HH"), ("Bristol", "BS1 4ST"), ("Leeds", "LS1 4AP"), ("Glasgow", "G1 3SL")),
    ("Ltd", "plc"),
    ("Forge Lane", "Canal Street", "Station Road"),
    ("Oliver", "Charlotte", "Harriet", "James"),
    ("Whitaker", "Ashworth", "Barlow", "Hale", "Pemberton"),
    "+44",
)
USA = Land(
    "United States", "US", "USD", 32,
    (("Cleveland, OH", "44114"), ("Milwaukee, WI", "53202"), ("Houston, TX", "77002"), ("Portland, OR", "97204"),
     ("Greenville, SC", "29601"), ("Rochester, NY", "14604"), ("Tulsa, OK", "74103"), ("San Jose, CA", "95113")),
    ("Inc.", "LLC", "Corp."),
    ("Commerce Drive", "Foundry Street", "Industrial Parkway", "Lakeside Avenue"),
    ("Michael", "Jessica", "Brian", "Lauren", "Carlos", "Megan", "Kevin", "Tanya"),
    ("Harrison", "Delgado", "Sullivan", "Nguyen", "Brooks", "Whitfield", "Coleman"),
    "+1",
)  # fmt: skip
CANADA = Land(
    "Canada",
    "CA",
    "USD",
    5,
    (("Hamilton, ON", "L8P 1A1"), ("Calgary, AB", "T2P 1J9"), ("Laval, QC", "H7V 1A1")),
    ("Ltd.", "Inc."),
    ("King Street", "Harbour Road", "Rue Principale"),
    ("Noah", "Sophie", "Liam", "Émilie"),
    ("Tremblay", "MacLeod", "Singh", "Gagnon"),
    "+1",
)
JAPAN = Land(
    "Japan", "JP", "JPY", 0,
    (("Nagoya", "450-0002"),),
    ("K.K.",),
    ("Meieki",),
    ("Haruka", "Kenji", "Yuki"),
    ("Tanaka", "Mori", "Ishikawa"),
    "+81",
)  # fmt: skip
EUROPE = (GERMANY, AUSTRIA, SWITZERLAND, FRANCE, ITALY, NETHERLANDS, SWEDEN, POLAND, BRITAIN)
AMERICA = (USA, CANADA)
LANDS = {land.code: land for land in (*EUROPE, *AMERICA, JAPAN)}

FIRST_PARTS = {
    "DE": ("Brennfeld", "Kaltenbach", "Rheinwerk", "Hofstetter", "Altmühl", "Nordstern", "Wiesental", "Steinbrück",
           "Falkenau", "Eisenach", "Donau", "Harzer", "Oberland", "Weser", "Lausitz", "Sonneberg", "Taunus", "Elbtal"),
    "AT": ("Traunsee", "Enns", "Karwendel", "Mürztal", "Inntal", "Wachau"),
    "CH": ("Säntis", "Aare", "Pilatus", "Reusstal", "Bernina", "Glarner"),
    "FR": ("Beaulieu", "Garonne", "Vercors", "Armor", "Montclair", "Belfort"),
    "IT": ("Padana", "Bergonzi", "Valtellina", "Lombarda", "Castellari", "Adriatica"),
    "NL": ("Van der Linde", "Maasland", "Zuiderzee", "Hollandia", "IJssel"),
    "SE": ("Vänern", "Mälar", "Bohus", "Skåne", "Dala"),
    "PL": ("Baltica", "Odra", "Mazur", "Karpat", "Wisła"),
    "GB": ("Ashdown", "Pennine", "Thornbury", "Calder", "Kestrel", "Mersey"),
    "US": ("Northfield", "Blue Ridge", "Lakeshore", "Cumberland", "Ironwood", "Summit", "Redstone", "Great Plains",
           "Keystone", "Sawtooth", "Tidewater", "Granite State", "Buckeye", "Pioneer", "Cascade", "Palmetto"),
    "CA": ("Maple Ridge", "Laurentian", "Prairie", "Chinook", "St. Lawrence"),
}  # fmt: skip
TRADES = {
    "Machinery": {"DE": "Maschinenbau", "AT": "Maschinenbau", "CH": "Maschinen", "FR": "Mécanique", "IT": "Macchine",
                  "NL": "Machinebouw", "SE": "Maskin", "PL": "Maszyny", "": "Machinery"},
    "Manufacturing": {"DE": "Antriebstechnik", "AT": "Antriebstechnik", "CH": "Antriebe", "FR": "Transmissions",
                      "IT": "Trasmissioni", "NL": "Aandrijvingen", "SE": "Transmission", "PL": "Napędy", "": "Drives"},
    "Energy": {"DE": "Windkraft", "AT": "Kraftwerkstechnik", "CH": "Energietechnik", "FR": "Énergies",
               "IT": "Energia", "NL": "Energie", "SE": "Kraft", "PL": "Energia", "": "Power Systems"},
    "Food & Beverage": {"DE": "Abfülltechnik", "AT": "Getränketechnik", "CH": "Lebensmitteltechnik",
                        "FR": "Agroalimentaire", "IT": "Imbottigliamento", "NL": "Zuiveltechniek",
                        "SE": "Livsmedelsteknik", "PL": "Mleczarnie", "": "Packaging"},
    "Construction": {"DE": "Fördertechnik", "AT": "Seilbahnen", "CH": "Tunnelbau", "FR": "Levage", "IT": "Gru",
                     "NL": "Kranen", "SE": "Entreprenad", "PL": "Dźwigi", "": "Hoists"},
    "Chemicals": {"DE": "Pumpen", "AT": "Pumpen", "CH": "Verfahrenstechnik", "FR": "Pompes", "IT": "Pompe",
                  "NL": "Pompen", "SE": "Pump", "PL": "Pompy", "": "Pumps"},
    "Transportation": {"DE": "Schienenfahrzeuge", "AT": "Bahntechnik", "CH": "Bahntechnik", "FR": "Ferroviaire",
                       "IT": "Ferroviaria", "NL": "Scheepsbouw", "SE": "Varv", "PL": "Stocznia", "": "Rail"},
    "Technology": {"DE": "Robotik", "AT": "Automation", "CH": "Robotics", "FR": "Automatismes", "IT": "Automazione",
                   "NL": "Robotica", "SE": "Automation", "PL": "Automatyka", "": "Automation"},
}  # fmt: skip
JOBS = (
    ("Head of Purchasing", "Purchasing"),
    ("Strategic Buyer", "Purchasing"),
    ("Maintenance Manager", "Operations"),
    ("Design Engineer", "Engineering"),
    ("Accounts Payable", "Finance"),
    ("Managing Director", "Management"),
    ("Plant Manager", "Operations"),
)
CARRIERS = {
    "EUR": ("DHL Freight", "DB Schenker", "Kühne + Nagel", "DSV"),
    "USD": ("UPS Freight", "FedEx Freight", "XPO"),
}
