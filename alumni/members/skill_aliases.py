"""Other ways to write well-known skills. Spelling, case, spaces and dots need no alias: `skill_key` sees past them."""

from django.db.models import Q

from alumni.members.models import Skill, SkillAlias
from alumni.members.skills import skill_key

ALIASES: dict[str, tuple[str, ...]] = {
    "AWS": ("Amazon Web Services",),
    "Azure": ("Microsoft Azure", "MS Azure"),
    "Boekhouding": ("boekhouden", "bookkeeping", "accounting"),
    "C#": ("C sharp",),
    "C++": ("cpp", "C plus plus"),
    "CI/CD": ("continuous integration", "continuous delivery"),
    "Copywriting": ("tekstschrijven", "copywriter"),
    "CSS": ("CSS3",),
    "Datamodellering": ("datamodelleren", "data modeling", "data modelling"),
    "Docker": ("docker compose",),
    "Elektrotechniek": ("electrical engineering",),
    "Elasticsearch": ("ELK",),
    "Excel": ("Microsoft Excel", "MS Excel"),
    "Exact Online": ("Exact",),
    "GIS": ("geo-informatie", "geographic information systems"),
    "Go": ("golang",),
    "Google Cloud": ("GCP", "Google Cloud Platform"),
    "HTML": ("HTML5",),
    "Inkoop": ("procurement",),
    "JavaScript": ("JS", "ECMAScript"),
    "Kubernetes": ("K8s",),
    "Linux": ("GNU/Linux",),
    "Machine learning": ("ML",),
    ".NET": ("dotnet", ".NET Core", "ASP.NET"),
    "Node.js": ("Node",),
    "Objectgeoriënteerd programmeren": ("OOP",),
    "PLC-programmeren": ("PLC", "PLC programming"),
    "PostgreSQL": ("postgres", "pgsql", "psql"),
    "Power BI": ("Microsoft Power BI", "PBI"),
    "Projectleiding": ("projectleider", "projectmanagement", "project manager"),
    "Python": ("Python 3", "pyhton"),
    "React": ("React.js",),
    "Recruitment": ("werving en selectie", "recruiter", "recruiting"),
    "Ruby on Rails": ("Rails", "RoR"),
    "Scrum": ("scrum master",),
    "SQL Server": ("MSSQL", "Microsoft SQL Server"),
    "Terraform": ("IaC", "infrastructure as code"),
    "Testen": ("tester", "software testing", "QA"),
    "Toegankelijkheid": ("accessibility", "a11y", "WCAG"),
    "TypeScript": ("TS",),
    "UX-ontwerp": ("UX", "UX design", "user experience"),
    "Vue": ("Vue.js",),
}


def ensure(using: str) -> None:
    """Make the skills and aliases that are missing; what HR renamed or merged stays as it is. Four queries at most."""
    wanted = {skill_key(alias): skill_key(name) for name, aliases in ALIASES.items() for alias in aliases}
    aliases = SkillAlias.objects.using(using)
    skills = Skill.objects.using(using)
    known = set(aliases.filter(key__in=wanted).values_list("key", flat=True))
    missing = {alias: key for alias, key in wanted.items() if alias not in known}
    if not missing:
        return
    names = {skill_key(name): name for name in ALIASES}
    skills.bulk_create([Skill(name=names[key], key=key) for key in set(missing.values())], ignore_conflicts=True)
    found = {skill.key: skill for skill in skills.filter(Q(key__in=missing) | Q(key__in=missing.values()))}
    # A skill of its own by the name of an alias was there first: somebody listed it, so it stays.
    aliases.bulk_create(
        [SkillAlias(key=alias, skill=found[key]) for alias, key in missing.items() if alias not in found],
        ignore_conflicts=True,
    )
