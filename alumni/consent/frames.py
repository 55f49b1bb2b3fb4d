"""The frame of a consent record: its processing and parties, in the fields of ISO/IEC TS 27560:2023 with DPV 2.3."""

from typing import Any

from django.conf import settings

from alumni.accounts.models import Organisation
from alumni.consent.models import MAIL_PURPOSES, Purpose
from alumni.consent.wording import AUTHORITIES

CONTROLLER = "party:company"
PROCESSOR = "party:mail"
AUTHORITY = "party:authority"

# DPV 2.3, as its guide on 27560 maps them.
PURPOSE_TYPES: dict[str, list[str]] = {
    Purpose.UPDATES: ["dpv:DirectMarketing", "dpv:PublicRelations"],
    Purpose.VACANCIES: ["dpv:DirectMarketing", "dpv:RecruitmentAdvertising"],
    Purpose.GIGS: ["dpv:DirectMarketing", "dpv:VendorManagement"],
    Purpose.EVENTS: ["dpv:DirectMarketing", "dpv:PublicRelations"],
    Purpose.MATCHING: ["dpv:Personalisation"],
    Purpose.DIRECTORY: ["dpv:MemberPartnerManagement"],
    Purpose.MENTIONS: ["dpv:SocialMediaMarketing"],
}
# Consent, and nothing else; next to the GDPR the national rule on unsolicited mail.
MAIL_BASIS = {"NL": "NL:Tw-11.7(1)", "BE": "BE:WER-XII.13"}
RIGHTS = [f"eu-gdpr:{article}" for article in ("A7-3", "A13", "A15", "A16", "A17", "A18", "A20", "A21", "A77")]


def _data(name: str, attribute: str, *, optional: bool) -> dict[str, Any]:
    return {
        "pii_type": f"pd:{name}",
        "pii_attribute_id": f"member.{attribute}",
        "pii_optional": optional,
        "special_pii_category": False,
    }


def _mail_or_matching(purpose: str, organisation: Organisation) -> dict[str, Any]:
    """The fields in which a purpose that brings mail differs from one that does not."""
    preferences = f"the member's own page: {settings.BASE_URL}/account/"
    if purpose not in MAIL_PURPOSES:
        return {
            "delivery_channels": [],
            "lawful_basis": ["eu-gdpr:A6-1-a"],
            "pii_information": [
                _data("Professional", "skills", optional=True),
                _data("EmploymentHistory", "employments", optional=True),
                _data("Professional", "freelance", optional=True),
                _data("City", "city", optional=True),
            ],
            "processing_method": [
                "store",
                "order posts by skills, roles, place and availability, with the reason in words",
                "no automated decision (Art. 22)",
            ],
            "recipient_third_parties": [],
            "withdrawal_method": [preferences],
        }
    return {
        "delivery_channels": ["email"],
        "lawful_basis": ["eu-gdpr:A6-1-a", MAIL_BASIS[organisation.country]],
        "pii_information": [
            _data("EmailAddress", "email", optional=False),
            _data("Name", "name", optional=False),
            _data("Language", "language", optional=False),
        ],
        "processing_method": [
            "store",
            "select by the audience of the post",
            "send e-mail",
            "no open or click tracking",
            "no automated decision (Art. 22)",
        ],
        "recipient_third_parties": [PROCESSOR] if organisation.mail_processor else [],
        "withdrawal_method": [
            f"the link in each e-mail: {settings.BASE_URL}/u/{{token}}",
            "List-Unsubscribe one-click (RFC 8058)",
            preferences,
        ],
    }


def parties(organisation: Organisation) -> list[dict[str, str]]:
    """The controller, who sends the mail (if it is somebody else), and the authority."""
    authority = AUTHORITIES[organisation.country]
    company = {
        "party_id": CONTROLLER,
        "party_name": organisation.name,
        "party_address": f"{organisation.postal_address}, {organisation.country}",
        "party_contact": organisation.privacy_email,
        "party_email": organisation.privacy_email,
        "party_url": settings.BASE_URL,
        "party_type": "organisation",
        "party_role": "controller",
    }
    processor = {
        "party_id": PROCESSOR,
        "party_name": organisation.mail_processor,
        "party_address": organisation.mail_processor_place,
        "party_contact": organisation.privacy_email,
        "party_type": "organisation",
        "party_role": "processor",
    }
    supervisor = {
        "party_id": AUTHORITY,
        "party_name": authority["nl"],
        "party_address": authority["address"],
        "party_contact": authority["url"],
        "party_type": "authority",
        "party_role": "supervisory_authority",
    }
    return [company, processor, supervisor] if organisation.mail_processor else [company, supervisor]


def frame(
    *, purpose: str, language: str, notice: dict[str, Any], months: int, organisation: Organisation
) -> dict[str, Any]:
    """{"processing": [one], "parties": [...]}: what was asked. `notice` is the `privacy_notice` object."""
    processing = {
        "privacy_notice": notice,
        "language": language,
        "purpose": str(purpose),
        "purpose_type": PURPOSE_TYPES[purpose],
        "pii_controllers": [CONTROLLER],
        "collection_method": "given by the person in a web form",
        "storage_locations": ["EEA"],
        "retention_period": f"P{months}M",
        "processing_locations": ["EEA"],
        "geographic_restrictions": ["EEA only"],
        "service": organisation.network_name,
        "jurisdiction": [organisation.country, "EU"],
        "privacy_rights": RIGHTS,
        "codes_of_conduct": [],
        "impact_assessment": None,
        "authority_party": AUTHORITY,
        **_mail_or_matching(purpose, organisation),
    }
    return {"processing": [processing], "parties": parties(organisation)}
