"""What stands around the items, in one language: rendered once, then a member's own words go in."""

import datetime as dt
from collections.abc import Mapping

from django.utils.dateformat import format as format_date
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from alumni.accounts.models import Organisation
from notifications.digests.fragments import Piece, compiled, cut, mark, wrapped
from notifications.digests.headline import Headlines
from notifications.digests.models import Frequency, Weekday
from notifications.digests.reasons import listed, purpose_in_words
from notifications.digests.wire_format import encoded
from notifications.mail.layout import identity
from notifications.posts.models import Kind

HTML_HOLES = {
    "subject", "preheader", "date", "greeting", "opening", "items", "why", "rhythm", "unsubscribe", "preferences",
}  # fmt: skip
TEXT_HOLES = {"greeting", "opening", "items", "why", "links"}


class FramePieces:
    """The frame of every digest in one language. The functions give a member's words as (HTML, text), encoded."""

    def __init__(self, organisation: Organisation, language: str) -> None:
        self.language, self.organisation = language, organisation
        with override(language):
            self.html = Piece(compiled("digests/frame.mjml", self._context()), holes=HTML_HOLES)
            head, match, plain = cut(compiled("digests/pieces.mjml", {"head": mark("head"), "reason": mark("reason")}))
            self._head = Piece(head, holes={"head"})
            self.reasons = {True: Piece(match, holes={"reason"}), False: Piece(plain, holes={"reason"})}
            self.text = Piece(self._text(), holes=TEXT_HOLES)
            self.sections = self._sections()
            self.headlines = Headlines(language)
            self._greeting = _("Hello %(first_name)s,")
            labels = f"{_('Unsubscribe')}:", f"{_('Preferences')}:"
            self._link_labels = tuple(label.ljust(max(map(len, labels)) + 2) for label in labels)

    def _context(self) -> dict[str, object]:
        company = self.organisation
        names = company.sender_name.split()
        role = _("%(role)s at %(company)s") % {"role": company.sender_role, "company": company.name}
        marks: dict[str, object] = {name: mark(name) for name in HTML_HOLES}
        return marks | {
            "language": self.language,
            "sender": company.sender_name or company.name,
            "role": role if company.sender_name and company.sender_role else "",
            "initials": (names[0][:1] + names[-1][:1]).upper() if len(names) > 1 else "",
            "regards": _("Regards,"),
            "signed": names[0] if names else company.name,
            "promise": self._promise(),
            "identity": identity(company),
            "reply_to": company.reply_to,
            "phone": company.phone,
        }

    def _promise(self) -> str:
        return _(
            "Unsubscribing works at once, without logging in and without a reason. "
            "We do not track whether you open this e-mail or what you click."
        )

    def _text(self) -> str:
        company = self.organisation
        role = _("%(role)s at %(company)s") % {"role": company.sender_role, "company": company.name}
        sender = f"{company.sender_name}, {role}" if company.sender_name and company.sender_role else company.name
        signed = company.sender_name.split()[0] if company.sender_name else company.name
        contact = ", ".join(part for part in (company.reply_to, company.phone) if part)
        own = {name: str(mark(name)) for name in TEXT_HOLES}
        return (
            f"{own['greeting']}\n{own['opening']}\n\n{own['items']}{_('Regards,')}\n{signed}\n\n-- \n{sender}\n\n"
            f"{own['why']}\n{own['links']}\n{wrapped(self._promise())}\n\n{wrapped(identity(company))}\n{contact}\n"
        )

    def _sections(self) -> dict[tuple[str, bool], tuple[bytes, bytes]]:
        """{(kind, whether all of it fits): the head}."""
        news = _("News from %(company)s") % {"company": self.organisation.name}
        words = {
            (Kind.GIG, True): _("Gigs that fit you"),
            (Kind.GIG, False): _("Gigs"),
            (Kind.VACANCY, True): _("Vacancies that fit you"),
            (Kind.VACANCY, False): _("Vacancies"),
            (Kind.UPDATE, True): news,
            (Kind.UPDATE, False): news,
        }
        heads = {}
        for key, head in words.items():
            text = head.upper()
            html = self._head.fill({"head": encoded(escape(head))})
            heads[str(key[0]), key[1]] = (html, encoded(f"\n{text}\n{'=' * len(text)}\n\n"))
        return heads

    def paragraph(self, words: str) -> tuple[bytes, bytes]:
        """A member's own sentence(s): escaped for the one part, wrapped for the other."""
        return encoded(escape(words)), encoded(wrapped(words) + "\n")

    def date(self, day: dt.date) -> bytes:
        """'dinsdag 24 november 2026'."""
        with override(self.language):
            return encoded(format_date(day, "l j F Y"))

    def why(self, consents: Mapping[str, dt.date]) -> str:
        """Why they get this mail: each purpose in it, with the day of consent."""
        with override(self.language):
            days = sorted(set(consents.values()))
            groups = []
            for day in days:
                purposes = [p for p in ("gigs", "vacancies", "updates") if consents.get(p) == day]
                words = listed([purpose_in_words(purpose, self.organisation.name) for purpose in purposes])
                groups.append(f"{words} ({format_date(day, 'j F Y')})")
            template = _("You get this e-mail because you gave us consent for %(purposes_with_dates)s.")
            return template % {"purposes_with_dates": listed(groups)}

    def rhythm(self, frequency: str, weekday: int) -> str:
        """How often at most."""
        with override(self.language):
            words = {
                Frequency.WEEKLY: _("At most every week, always together in one e-mail, on %(weekday)s."),
                Frequency.FORTNIGHTLY: _("At most every two weeks, always together in one e-mail, on %(weekday)s."),
                Frequency.MONTHLY: _("At most every month, always together in one e-mail, on %(weekday)s."),
            }
            return words[Frequency(frequency)] % {"weekday": Weekday(weekday).label}

    def links(self, unsubscribe: str, preferences: str) -> str:
        """The links of the footer in the text part."""
        return f"{self._link_labels[0]}{unsubscribe}\n{self._link_labels[1]}{preferences}\n"

    def greeting(self, given_name: str) -> str:
        """'Dag Sanne,'."""
        return self._greeting % {"first_name": given_name}
