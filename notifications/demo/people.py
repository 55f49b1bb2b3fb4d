"""Who is in the demonstration's network. Everybody is made up; all addresses end in `.example`."""

from dataclasses import dataclass, field
from typing import Any

from alumni.accounts.roles import Role

COMPANY: dict[str, Any] = {
    "name": "Maasveld",
    "network_name": "Maasveld-netwerk",
    "street": "Keulsekade 140",
    "postcode": "3532 AA",
    "city": "Utrecht",
    "country": "NL",
    "company_number": "12345678",
    "phone": "030 123 45 67",
    "sender_name": "Marieke de Boer",
    "sender_role": "HR",
    "from_email": "netwerk@maasveld.example",
    "reply_to": "netwerk@maasveld.example",
    "privacy_email": "privacy@maasveld.example",
    "mail_processor": "Postbode Mail B.V.",
    "mail_processor_place": "de EU",
    "languages": ["nl", "en"],
}

# Role: (address, name). The first two write and approve all posts of the demonstration.
STAFF: dict[str, tuple[str, str]] = {
    Role.AUTHOR: ("marieke@maasveld.example", "Marieke de Boer"),
    Role.APPROVER: ("joost@maasveld.example", "Joost Hendriks"),
    Role.ADMINISTRATOR: ("beheer@maasveld.example", "Ada Mulder"),
    Role.READER: ("rita@maasveld.example", "Rita Claes"),
    Role.PRIVACY_OFFICER: ("privacy@maasveld.example", "Paul Jansen"),
}

ALL = ("updates", "vacancies", "gigs", "matching")
NEWS = ("updates",)
WORK = ("vacancies", "gigs", "matching")
GIGS = ("gigs", "matching")
JOBS = ("vacancies", "matching")
UNMATCHED = ("updates", "vacancies", "gigs")
NOTHING: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A period at Maasveld. `years` is (first, last)."""

    role: str
    department: str
    years: tuple[int, int]


@dataclass(frozen=True)
class Person:
    """Somebody who joined. `name` is (given name, infix, family name). `offer`, for freelancers:
    (trade name, rate from, rate until, hours a week, days from today until available)."""

    name: tuple[str, str, str]
    city: str
    consents: tuple[str, ...]
    skills: tuple[str, ...] = ()
    job: Job | None = None
    offer: tuple[str, int, int, int, int] | None = None
    language: str = "nl"
    country: str = "NL"
    rhythm: dict[str, Any] = field(default_factory=dict)
    paused_days: int | None = None
    suppressed: str = ""

    @property
    def email(self) -> str:
        given, infix, family = (part.lower().replace(" ", "") for part in self.name)
        plain = f"{given}.{infix}{family}".translate(str.maketrans("éëèïüçñ", "eeeiucn"))
        return f"{plain}@thuis.example"


MONTHLY = {"frequency": "monthly"}
FORTNIGHTLY = {"frequency": "fortnightly", "weekday": 4}
FRIDAY = {"weekday": 5, "hour": 7}

PEOPLE = (
    Person(
        ("Sanne", "", "Willems"), "Utrecht", ALL, ("Python", "PostgreSQL", "Power BI", "Datamodellering"),
        Job("Data-engineer", "Data", (2017, 2023)), ("Willems Data", 85, 95, 24, 44),
    ),
    Person(
        ("Nadia", "el", "Amrani"), "Rotterdam", ALL, ("Python", "Kubernetes", "Terraform"),
        Job("Platform-engineer", "ICT", (2019, 2024)), ("Amrani Cloud", 95, 110, 32, 10),
    ),
    Person(
        ("Tom", "van den", "Berg"), "Amersfoort", GIGS, ("JavaScript", "React", "TypeScript"),
        None, ("Bergweb", 75, 85, 36, 0),
    ),
    Person(
        ("Lieke", "", "Bakker"), "Utrecht", ALL, ("Projectleiding", "Prince2", "Aanbesteden"),
        Job("Projectleider", "Waterwerken", (2012, 2022)), rhythm=FORTNIGHTLY,
    ),
    Person(
        ("Koen", "de", "Smet"), "Gent", ALL, ("Pomptechniek", "Hydraulica", "Storingsanalyse"),
        Job("Servicemonteur", "Techniek", (2010, 2024)), country="BE",
    ),
    Person(
        ("Emma", "", "Peeters"), "Antwerpen", JOBS, ("Recruitment", "Arbeidsrecht"),
        Job("HR-adviseur", "HR", (2018, 2025)), country="BE",
    ),
    Person(
        ("Fatima", "", "Yilmaz"), "Den Haag", ALL, ("Communicatie", "Copywriting", "Figma"),
        Job("Communicatieadviseur", "Communicatie", (2016, 2021)), ("Yilmaz Tekst", 70, 80, 20, 30),
    ),
    Person(
        ("James", "", "Okafor"), "Amsterdam", ALL, ("Machine learning", "Python", "Azure"),
        Job("Data scientist", "Data", (2020, 2024)), ("Okafor Analytics", 100, 120, 16, 60), language="en",
    ),
    Person(
        ("Maria", "", "Silva"), "Eindhoven", UNMATCHED, ("Java", "Spring"),
        Job("Software engineer", "ICT", (2018, 2023)), language="en", rhythm=MONTHLY,
    ),
    Person(
        ("Piet", "", "Verhoeven"), "Nieuwegein", NEWS, (),
        Job("Bedrijfsleider", "Techniek", (1994, 2021)), rhythm=MONTHLY,
    ),
    Person(
        ("Anouk", "van", "Dijk"), "Utrecht", WORK, ("SQL", "Excel", "Power BI"),
        Job("Controller", "Financiën", (2014, 2024)),
    ),
    Person(
        ("Bram", "", "Jacobs"), "Leuven", GIGS, ("PLC-programmeren", "SCADA", "Elektrotechniek"),
        None, ("Jacobs Automatisering", 80, 90, 38, 21), country="BE",
    ),
    Person(
        ("Iris", "", "Vermeulen"), "Zwolle", ALL, ("GIS", "QGIS", "Python"),
        Job("GIS-specialist", "Data", (2015, 2023)), ("Vermeulen Kaart", 72, 82, 24, 14), rhythm=FRIDAY,
    ),
    Person(
        ("Daan", "", "Hoekstra"), "Groningen", JOBS, ("Werkvoorbereiding", "AutoCAD"),
        Job("Werkvoorbereider", "Waterwerken", (2011, 2025)),
    ),
    Person(
        ("Sofie", "", "Lambrecht"), "Brugge", ALL, ("Testen", "Agile", "Scrum"),
        Job("Testcoördinator", "ICT", (2017, 2022)), ("Lambrecht Test", 78, 88, 32, 7), country="BE",
    ),
    Person(("Henk", "", "Post"), "Arnhem", NEWS, (), Job("Magazijnchef", "Logistiek", (1989, 2019)), rhythm=MONTHLY),
    Person(
        ("Yara", "", "Haddad"), "Utrecht", ALL, ("UX-ontwerp", "Figma", "Toegankelijkheid"),
        None, ("Studio Haddad", 80, 95, 28, 0),
    ),
    Person(
        ("Ruben", "", "Mertens"), "Hasselt", WORK, ("DevOps", "Kubernetes", "Linux"),
        Job("Systeembeheerder", "ICT", (2013, 2023)), ("Mertens IT", 82, 92, 40, 35), country="BE",
    ),
    Person(
        ("Eline", "", "Kuipers"), "Leiden", ALL, ("Projectleiding", "Scrum", "Stakeholdermanagement"),
        Job("Projectmanager", "Data", (2016, 2024)), ("Kuipers Projecten", 90, 105, 24, 50),
    ),
    Person(
        ("Lucas", "", "Dubois"), "Brussel", UNMATCHED, ("Verkoop", "Frans"),
        Job("Accountmanager", "Verkoop", (2015, 2022)), country="BE", language="en",
    ),
    Person(
        ("Noor", "", "Schouten"), "Haarlem", ALL, ("Waterbeheer", "Hydrologie", "Python"),
        Job("Hydroloog", "Waterwerken", (2014, 2024)), ("Schouten Hydro", 85, 100, 32, 18),
    ),
    Person(
        ("Willem", "ten", "Brink"), "Enschede", JOBS, ("Pomptechniek", "Lassen", "VCA"),
        Job("Monteur", "Techniek", (2008, 2025)), rhythm=FORTNIGHTLY,
    ),
    Person(
        ("Chloé", "", "Martens"), "Mechelen", ALL, ("Boekhouding", "Exact Online"),
        Job("Boekhouder", "Financiën", (2012, 2020)), ("Martens Cijfers", 55, 65, 20, 5), country="BE",
    ),
    Person(
        ("Olivier", "", "Groen"), "Utrecht", GIGS, ("C#", ".NET", "Azure"), None, ("Groen Software", 88, 98, 36, 28)
    ),
    Person(
        ("Hanna", "", "Lindqvist"), "Delft", ALL, ("Asset management", "Hydraulica", "MATLAB"),
        Job("Engineer", "Waterwerken", (2019, 2025)), language="en",
    ),
    Person(
        ("Mehmet", "", "Kaya"), "Almere", WORK, ("Elektrotechniek", "SCADA", "VCA"),
        Job("Elektromonteur", "Techniek", (2011, 2024)), ("Kaya Elektro", 58, 68, 40, 3),
    ),
    Person(
        ("Jolien", "", "De Wilde"), "Gent", ALL, ("Arbeidsrecht", "Sociale zekerheid", "Recruitment"),
        Job("HR-manager", "HR", (2009, 2023)), ("De Wilde HR", 85, 95, 16, 75), country="BE",
    ),
    Person(
        ("Thijs", "", "van Leeuwen"), "Den Bosch", ALL, ("PostgreSQL", "dbt", "Datamodellering"),
        Job("Databasebeheerder", "Data", (2010, 2022)), ("Leeuwendata", 92, 102, 32, 40),
    ),
    Person(("Ria", "", "Smits"), "Tilburg", NEWS, (), Job("Receptioniste", "Facilitair", (2001, 2024))),
    Person(
        ("Aisha", "", "Diallo"), "Rotterdam", ALL, ("Veiligheidskunde", "ISO 9001", "VCA"),
        Job("KAM-coördinator", "Kwaliteit", (2016, 2025)), ("Diallo Veilig", 75, 85, 24, 25),
    ),
    Person(("Gijs", "", "Postma"), "Leeuwarden", NOTHING, (), Job("Calculator", "Waterwerken", (2013, 2024))),
    Person(("Vera", "", "Claessens"), "Maastricht", NOTHING, ("Inkoop",), Job("Inkoper", "Inkoop", (2015, 2023))),
    Person(
        ("Stefan", "", "Visser"), "Hoorn", ALL, ("Linux", "Netwerkbeheer"),
        Job("Netwerkbeheerder", "ICT", (2012, 2021)), paused_days=45,
    ),
    Person(
        ("Karin", "", "Aerts"), "Turnhout", ALL, ("Planning", "Excel"), Job("Planner", "Logistiek", (2010, 2023)),
        country="BE", suppressed="objected",
    ),
    Person(
        ("Peter", "", "Novak"), "Breda", ALL, ("Rust", "C++", "Embedded"),
        Job("Embedded engineer", "Techniek", (2018, 2024)), ("Novak Embedded", 95, 105, 32, 90), language="en",
    ),
    Person(
        ("Marit", "", "Huisman"), "Utrecht", ("updates", "gigs", "matching"), ("Fotografie", "Video"),
        None, ("Huisman Beeld", 65, 75, 16, 2),
    ),
    Person(
        ("Joris", "", "Wouters"), "Sint-Niklaas", JOBS, ("Hydraulica", "Pomptechniek"),
        Job("Technisch tekenaar", "Techniek", (2006, 2020)), country="BE", rhythm=MONTHLY,
    ),
    Person(
        ("Femke", "", "Boersma"), "Assen", ALL, ("Omgevingsmanagement", "Communicatie"),
        Job("Omgevingsmanager", "Waterwerken", (2015, 2025)), ("Boersma Omgeving", 88, 98, 24, 55),
    ),
    Person(
        ("Dirk", "", "Maes"), "Kortrijk", ("vacancies",), ("Heftruck",),
        Job("Logistiek medewerker", "Logistiek", (2012, 2024)), country="BE",
    ),
    Person(
        ("Esther", "", "Blom"), "Deventer", ALL, ("Ecologie", "GIS", "Vergunningen"),
        Job("Ecoloog", "Waterwerken", (2017, 2024)), ("Blom Ecologie", 78, 88, 20, 12), rhythm=FRIDAY,
    ),
)  # fmt: skip
