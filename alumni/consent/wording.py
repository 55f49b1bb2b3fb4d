# ruff: noqa: E501  one sentence, one line
"""The words of the default notices, Dutch and English side by side, as a privacy officer reads them in a diff.

No gettext here: a notice is evidence of what was asked, and its words change only by a new version.
"""

from alumni.consent.models import Purpose

# Per purpose: its name, then the sentence that says what it means and how often. The two together are the label.
LABELS: dict[str, dict[str, tuple[str, str]]] = {
    Purpose.GIGS: {
        "nl": (
            "Klussen en opdrachten.",
            "We mailen je opdrachten voor ZZP'ers, met tarief en looptijd. Hoogstens één keer per week, tenzij je zelf vaker kiest.",
        ),
        "en": (
            "Gigs and assignments.",
            "We e-mail you assignments for freelancers, with rate and duration. At most once a week, unless you choose more often.",
        ),
    },
    Purpose.VACANCIES: {
        "nl": (
            "Vacatures.",
            "We mailen je banen bij {company}, met het loon erbij. Hoogstens één keer per week, tenzij je zelf vaker kiest.",
        ),
        "en": (
            "Vacancies.",
            "We e-mail you jobs at {company}, with the pay. At most once a week, unless you choose more often.",
        ),
    },
    Purpose.UPDATES: {
        "nl": (
            "Nieuws van {company}.",
            "We mailen je wat er verandert in het bedrijf, en waarom. Hoogstens één keer per week, tenzij je zelf vaker kiest.",
        ),
        "en": (
            "News from {company}.",
            "We e-mail you what changes in the company, and why. At most once a week, unless you choose more often.",
        ),
    },
    Purpose.MATCHING: {
        "nl": (
            "Kijken wat bij mij past.",
            "We gebruiken je vaardigheden en beschikbaarheid om te zien wat bij je past. Dat staat bovenaan, met de reden erbij. Zet je dit uit, dan krijg je hetzelfde zonder volgorde.",
        ),
        "en": (
            "See what fits me.",
            "We use your skills and availability to see what fits you. That comes first, with the reason. If you leave this off, you get the same without an order.",
        ),
    },
}

# What must be said before the choice (EDPB 05/2020 section 64, GDPR 13): without one of these no notice is published.
MANDATORY_PARTS = (
    "who",
    "what_for",
    "which_data",
    "how_often",
    "free_choice",
    "stopping",
    "how_long",
    "who_else",
    "abroad",
    "decisions",
    "measuring",
    "rights",
    "complaint",
    "version",
)

PARTS: dict[str, dict[str, str]] = {
    "who": {
        "nl": "{identity}, is verantwoordelijk voor je gegevens. Alleen {roles} werkt ermee.",
        "en": "{identity}, is responsible for your data. Only {roles} works with it.",
    },
    "what_for": {
        "nl": "Alleen voor wat je hieronder aanzet. Per doel kies je apart.",
        "en": "Only for what you switch on below. You choose for each purpose.",
    },
    "which_data": {
        "nl": "Naam, e-mailadres, taal, je keuzes en wat je zelf in je profiel zet. Geen geboortedatum, geen BSN, niets van sociale media.",
        "en": "Name, e-mail address, language, your choices and what you put in your profile. No date of birth, no national number, nothing from social media.",
    },
    "how_often": {
        "nl": "Hoogstens één mail per week. Je kunt dat verlagen.",
        "en": "At most one e-mail a week. You can lower that.",
    },
    "free_choice": {
        "nl": "Niets is verplicht. Geef je geen toestemming, dan heeft dat geen gevolgen voor je opdrachten, je eindafrekening of je getuigschrift.",
        "en": "Nothing is required. If you say no, it has no effect on your assignments, your final pay or your reference.",
    },
    "stopping": {
        "nl": "Stoppen kan altijd, met de link onder elke mail, zonder inloggen en zonder reden. Het werkt meteen. Wat we eerder stuurden blijft geldig.",
        "en": "You can stop at any time with the link below each e-mail, without logging in and without a reason. It works at once. What we sent before stays lawful.",
    },
    "how_long": {
        "nl": "{months} maanden. Daarna vragen we of je lid wilt blijven. Zeg je niets, dan wissen we je gegevens {days} dagen later.",
        "en": "{months} months. Then we ask whether you want to stay. If you don't answer, we erase your data {days} days later.",
    },
    "who_else": {
        "nl": "{processor} verstuurt de mails voor ons, in {place}. Verder niemand.",
        "en": "{processor} sends the e-mails for us, in {place}. Nobody else.",
    },
    # Instead of `who_else` where the company names no mail provider.
    "who_else_nobody": {
        "nl": "We versturen de mails zelf. Verder krijgt niemand je gegevens.",
        "en": "We send the e-mails ourselves. Nobody else gets your data.",
    },
    "abroad": {
        "nl": "Je gegevens blijven in de Europese Economische Ruimte.",
        "en": "Your data stays in the European Economic Area.",
    },
    "decisions": {
        "nl": "Er beslist geen computer over je. Een mens leest je reactie.",
        "en": "No computer decides about you. A person reads your response.",
    },
    "measuring": {
        "nl": "We volgen niet of je mails opent of waarop je klikt.",
        "en": "We do not track whether you open e-mails or what you click.",
    },
    "rights": {
        "nl": "Je kunt je gegevens inzien, verbeteren, wissen, beperken, meenemen en bezwaar maken: {privacy_email}. Je krijgt binnen een maand antwoord.",
        "en": "You can see, correct, erase, restrict and take along your data, and object: {privacy_email}. You get an answer within a month.",
    },
    "complaint": {
        "nl": "Kom je er met ons niet uit, dan kun je klagen bij de {authority}: {authority_url}.",
        "en": "If we can't settle it, you can complain to the {authority}: {authority_url}.",
    },
    "version": {"nl": "Versie {version}, {date}.", "en": "Version {version}, {date}."},
}

# Who of the company works with the data.
ROLES = {"nl": "HR", "en": "HR"}
# How a company number is called, by the company's country.
NUMBER = {
    "NL": {"nl": "KvK {number}", "en": "KvK {number}"},
    "BE": {"nl": "ondernemingsnummer {number}", "en": "enterprise number {number}"},
}
# The supervisory authority by the company's country: name by language, address, website.
AUTHORITIES: dict[str, dict[str, str]] = {
    "NL": {
        "nl": "Autoriteit Persoonsgegevens",
        "en": "Autoriteit Persoonsgegevens",
        "address": "Den Haag, NL",
        "url": "https://autoriteitpersoonsgegevens.nl",
    },
    "BE": {
        "nl": "Gegevensbeschermingsautoriteit",
        "en": "Gegevensbeschermingsautoriteit",
        "address": "Brussel, BE",
        "url": "https://www.gegevensbeschermingsautoriteit.be",
    },
}
