"""A public vacancy as schema.org JobPosting, for search engines. A gig is no job, and network posts are not theirs."""

import json
from typing import Any

from alumni.accounts.models import Organisation
from notifications.posts.markdown import to_html
from notifications.posts.models import Kind, Post, PostText, Visibility, WorkTerms
from notifications.posts.public import public_url

UNIT_TEXT = {"hour": "HOUR", "day": "DAY", "month": "MONTH", "year": "YEAR"}


def job_posting(post: Post, text: PostText, organisation: Organisation) -> dict[str, Any] | None:
    """The JSON-LD of a public vacancy in one language; None for everything else, and without a known place."""
    version = post.current_version
    terms = version.terms_or_none if version else None
    if post.kind != Kind.VACANCY or post.visibility != Visibility.PUBLIC or version is None or terms is None:
        return None
    where = _where(terms)
    if not where or post.published_at is None:
        return None
    posting: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": text.title,
        "description": _description(text, organisation),
        "datePosted": post.published_at.date().isoformat(),
        "hiringOrganization": {"@type": "Organization", "name": organisation.name},
        "identifier": {"@type": "PropertyValue", "name": organisation.name, "value": str(post.uid)},
        "url": text.apply_url or public_url(post),
        "directApply": False,
        **where,
    }
    if post.closes_on:
        posting["validThrough"] = post.closes_on.isoformat() + "T23:59:59"
    if terms.unit in UNIT_TEXT:
        posting["baseSalary"] = _salary(terms)
    if terms.start:
        posting["jobStartDate"] = terms.start.isoformat()
    if names := [row.skill.name for row in version.skills.all()]:
        posting["skills"] = ", ".join(names)
    return posting


def as_script(posting: dict[str, Any]) -> str:
    """JSON that can stand inside a <script> element: no `<`, so no `</script>` and no `<!--`."""
    text = json.dumps(posting, ensure_ascii=False)
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def _description(text: PostText, organisation: Organisation) -> str:
    # Google refuses a description that only repeats the title.
    html = to_html(f"{text.summary}\n\n{text.body}")
    return html or to_html(f"{text.title}, {organisation.name}")


def _where(terms: WorkTerms) -> dict[str, Any]:
    country = {"@type": "Country", "name": terms.country}
    if terms.place:
        address = {"@type": "PostalAddress", "addressLocality": terms.place, "addressCountry": terms.country}
        return {"jobLocation": {"@type": "Place", "address": address}}
    if terms.remote:
        return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": country}
    return {}


def _salary(terms: WorkTerms) -> dict[str, Any]:
    value = {
        "@type": "QuantitativeValue",
        "minValue": float(terms.pay_min),
        "maxValue": float(terms.pay_max),
        "unitText": UNIT_TEXT[terms.unit],
    }
    return {"@type": "MonetaryAmount", "currency": terms.currency, "value": value}
