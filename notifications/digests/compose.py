"""Composes digests: the bytes of one member's e-mail, joined from pieces that were rendered once.

Nothing here depends on the clock or on chance: the same rows give the same bytes, so a digest need not be stored. Its
date is that of its row, its Message-ID and boundary follow from its uid, the links are signed without a time.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any, NamedTuple

import orjson
import structlog
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from alumni.accounts.models import Organisation
from alumni.members.models import Member
from notifications.digests import envelope, reasons, wording
from notifications.digests.fragments import RenderError, wrapped
from notifications.digests.frame_pieces import FramePieces
from notifications.digests.item_pieces import ItemPieces, render
from notifications.digests.models import Digest
from notifications.digests.preferences import zone_of
from notifications.digests.wire_format import encoded
from notifications.mail import links
from notifications.mail.message import CONTROL
from notifications.posts.models import PURPOSE_OF, Kind, PostVersion

log = structlog.get_logger(__name__)

ORDER = (Kind.GIG, Kind.VACANCY, Kind.UPDATE)
# Pieces of this many posts, and sentences of this many reasons, are kept; beyond that they are made again.
MANY = 2_000


class Item(NamedTuple):
    """One line of a digest to compose."""

    version_id: int
    reason: Mapping[str, Any]


@dataclass(frozen=True)
class Composed:
    """A digest ready to leave. `set_aside`: versions that could not be rendered; `body` is empty when none could."""

    subject: str = ""
    body: bytes = b""
    sha256: str = ""
    purposes: tuple[str, ...] = ()
    set_aside: tuple[int, ...] = ()

    def part(self, subtype: str) -> str:
        """The `html` or the `plain` part as text; empty when there is no body."""
        if not self.body:
            return ""
        part = message_from_bytes(self.body, policy=policy.default).get_body((subtype,))
        return str(part.get_content()) if part is not None else ""


class _Line(NamedTuple):
    """An item with its pieces, whether it fits, and its reason, encoded: (HTML, text)."""

    item: Item
    pieces: ItemPieces
    fits: bool
    reason: tuple[bytes, bytes]


class Composer:
    """Composes many digests with the company as it is now. Keep it for a batch, not for days."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._versions: dict[int, PostVersion] = {}
        self._items: dict[tuple[int, str, dt.date], ItemPieces | None] = {}
        self._frames: dict[str, FramePieces] = {}
        self._sentences: dict[tuple[str, dt.date, bytes], tuple[bytes, bytes]] = {}
        self._cache: dict[tuple[Any, ...], Any] = {}
        self._shared: dict[str, bytes] = {}

    def load(self, version_ids: Iterable[int]) -> None:
        """Read the versions that are not at hand yet, with all that an item shows. Two queries at most."""
        wanted = set(version_ids)
        if len(self._versions) > MANY:
            for kept in (self._versions, self._items, self._sentences, self._cache):
                kept.clear()
        missing = wanted - self._versions.keys()
        if missing:
            found = PostVersion.objects.filter(pk__in=missing).select_related("post", "terms").prefetch_related("texts")
            self._versions |= {version.pk: version for version in found}

    def compose(
        self, digest: Digest, member: Member, items: Sequence[Item], consents: Mapping[str, dt.date]
    ) -> Composed:
        """One digest, from its row, its member (with `preference`) and its items in their order.

        `consents`: for each purpose the day of consent. What cannot be rendered is left out and named.
        """
        frame = self._frame(digest.language)
        today = digest.created_at.astimezone(zone_of(member.timezone)).date()
        self.load(item.version_id for item in items)
        lines, set_aside = [], []
        for item in items:
            pieces = self._pieces(item.version_id, digest.language, today)
            if pieces is None:
                set_aside.append(item.version_id)
            else:
                reason = self._reason(frame, item.reason, today)
                lines.append(_Line(item, pieces, item.reason["code"] == "match", reason))
        if not lines:
            return Composed(set_aside=tuple(set_aside))
        sections = _sections(lines)
        best = sections[0][1][0]
        subject, preheader = frame.headlines.of(
            [one.pieces for _key, group in sections for one in group], best.item.reason
        )
        purposes = sorted({PURPOSE_OF[line.pieces.kind] for line in lines})
        given = {name: consents[name] for name in purposes if name in consents}
        own = self._own_words(frame, member, today, lines, given)
        own |= {"subject": encoded(escape(subject)), "preheader": encoded(escape(preheader))}
        preferences = links.preferences_url(member.uid, purposes)
        unsubscribe = preferences.partition("#")[0]  # the same page, from its top: signed once
        text, html = self._parts(frame, sections, own, unsubscribe, preferences)
        if digest.language not in self._shared:
            self._shared[digest.language] = envelope.same_for_all(self.organisation, digest.language)
        body = envelope.message(
            shared=self._shared[digest.language],
            digest=digest,
            member=member,
            subject=subject,
            unsubscribe=unsubscribe,
            text=text,
            html=html,
        )
        sha256 = hashlib.sha256(body).hexdigest()
        return Composed(subject, body, sha256, tuple(purposes), tuple(set_aside))

    def _frame(self, language: str) -> FramePieces:
        if language not in self._frames:
            self._frames[language] = FramePieces(self.organisation, language)
        return self._frames[language]

    def _pieces(self, version_id: int, language: str, today: dt.date) -> ItemPieces | None:
        key = (version_id, language, today)
        if key not in self._items:
            try:
                self._items[key] = render(self._versions[version_id], language, today)
            except (RenderError, KeyError) as error:
                log.error("post_set_aside", version=version_id, language=language, error=str(error)[:200])
                self._items[key] = None
        return self._items[key]

    def _reason(self, frame: FramePieces, reason: Mapping[str, Any], today: dt.date) -> tuple[bytes, bytes]:
        key = (frame.language, today, orjson.dumps(reason))
        if key not in self._sentences:
            company = self.organisation.name
            html = reasons.sentence_html(dict(reason), frame.language, today=today, company=company)
            text = reasons.sentence(dict(reason), frame.language, today=today, company=company)
            box = frame.reasons[reason["code"] == "match"]
            self._sentences[key] = (box.fill({"reason": encoded(html)}), encoded(wrapped(text, "   ")))
        return self._sentences[key]

    def _once(self, key: tuple[Any, ...], make: Any) -> Any:
        """What `make` gives, made once for a key: most members share their openings, dates and rhythms."""
        if key not in self._cache:
            if len(self._cache) > MANY * 10:
                self._cache.clear()
            self._cache[key] = make()
        return self._cache[key]

    def _own_words(
        self,
        frame: FramePieces,
        member: Member,
        today: dt.date,
        lines: Sequence[_Line],
        consents: Mapping[str, dt.date],
    ) -> dict[str, Any]:
        """A member's own words: bytes for the holes of the HTML, pairs (HTML, text) where both parts have them."""
        counts = tuple(sorted([(line.pieces.kind, line.fits) for line in lines]))
        rhythm = (member.preference.frequency, member.preference.weekday)
        given_name = CONTROL.sub(" ", member.given_name)
        language = frame.language
        return {
            "date": self._once((language, "date", today), lambda: frame.date(today)),
            "greeting": frame.paragraph(frame.greeting(given_name)),
            "opening": self._once((language, "opening", counts), lambda: frame.paragraph(_opening(language, counts))),
            "footer": self._once(
                (language, "footer", tuple(sorted(consents.items())), rhythm),
                lambda: _footer(frame, consents, *rhythm),
            ),
        }

    def _parts(
        self,
        frame: FramePieces,
        sections: list[tuple[tuple[str, bool], list[_Line]]],
        own: dict[str, Any],
        unsubscribe: str,
        preferences: str,
    ) -> tuple[list[bytes], list[bytes]]:
        """The text part and the HTML part, encoded, to be joined."""
        html_items: list[bytes] = []
        text_items: list[bytes] = []
        number = 0
        for key, lines in sections:
            html_head, text_head = frame.sections[key]
            html_items.append(html_head)
            text_items.append(text_head)
            for line in lines:
                number += 1
                line.pieces.html.add_to(html_items, {"reason": line.reason[0]})
                line.pieces.text.add_to(text_items, {"number": b"%d. =\r\n" % number, "reason": line.reason[1]})
        why_html, rhythm_html, why_text = own["footer"]
        html: list[bytes] = []
        text: list[bytes] = []
        frame.html.add_to(
            html,
            {
                "subject": own["subject"],
                "preheader": own["preheader"],
                "date": own["date"],
                "greeting": own["greeting"][0],
                "opening": own["opening"][0],
                "items": html_items,
                "why": why_html,
                "rhythm": rhythm_html,
                "unsubscribe": encoded(unsubscribe),
                "preferences": encoded(preferences),
            },
        )
        frame.text.add_to(
            text,
            {
                "greeting": own["greeting"][1],
                "opening": own["opening"][1],
                "items": text_items,
                "why": why_text,
                "links": encoded(frame.links(unsubscribe, preferences)),
            },
        )
        return text, html


def _opening(language: str, lines: Sequence[tuple[str, bool]]) -> str:
    """`lines`: of each item its kind, and whether it fits."""
    fits = Counter(kind for kind, is_fitting in lines if is_fitting)
    others = Counter(kind for kind, is_fitting in lines if not is_fitting)
    with override(language):
        reply = _("You can simply reply to this e-mail, I read it myself.")
        return f"{wording.opening(fits, others)} {reply}"


def _footer(
    frame: FramePieces, consents: Mapping[str, dt.date], frequency: str, weekday: int
) -> tuple[bytes, bytes, bytes]:
    """Why and how often: as HTML (two), and as the paragraph of the text part."""
    why, rhythm = frame.why(consents), frame.rhythm(frequency, weekday)
    return encoded(escape(why)), encoded(escape(rhythm)), encoded(wrapped(f"{why} {rhythm}") + "\n")


def _sections(lines: Sequence[_Line]) -> list[tuple[tuple[str, bool], list[_Line]]]:
    """The lines by kind, the section with the best item first; of each whether any of it fits."""
    kinds = [Kind(lines[0].pieces.kind), *ORDER]
    by_kind = {kind: [line for line in lines if line.pieces.kind == kind] for kind in dict.fromkeys(kinds)}
    return [((str(kind), all(line.fits for line in group)), group) for kind, group in by_kind.items() if group]
