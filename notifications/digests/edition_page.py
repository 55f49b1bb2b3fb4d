"""An edition as HTML: the same pieces as the digests, without anything personal in them."""

import quopri
from collections.abc import Sequence

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import override

from alumni.accounts.models import Organisation
from notifications.digests.editions import bounds
from notifications.digests.fragments import Piece, RenderError, compiled, mark
from notifications.digests.frame_pieces import FramePieces
from notifications.digests.item_pieces import render
from notifications.digests.models import Edition
from notifications.mail.layout import identity
from notifications.posts.models import PostVersion

log = structlog.get_logger(__name__)


def html(edition: Edition, versions: Sequence[PostVersion], organisation: Organisation) -> str:
    """The page. The versions, in their order, have their post, texts and terms at hand; then it runs no query.

    A post that cannot be rendered is left out, as it is from a digest.
    """
    today = bounds(edition.period)[0].date()
    frame = FramePieces(organisation, edition.language)
    pieces, section = [], None
    for version in versions:
        try:
            item = render(version, edition.language, today).html.fill({"reason": b""})
        except RenderError as error:
            log.error("post_set_aside", version=version.pk, edition=str(edition.uid), error=str(error)[:200])
            continue
        if version.post.kind != section:
            section = version.post.kind
            pieces.append(frame.sections[section, False][0])
        pieces.append(item)
    page = _sheet(edition, organisation).fill({"items": b"".join(pieces)})
    return quopri.decodestring(page).decode().replace("\r\n", "\n")


def _sheet(edition: Edition, organisation: Organisation) -> Piece:
    year, week = edition.period.split("-W")
    with override(edition.language):
        context = {
            "language": edition.language,
            "subject": _("Week %(week)s of %(year)s") % {"week": int(week), "year": year},
            "network": organisation.network_name or organisation.name,
            "items": mark("items"),
            "identity": identity(organisation),
            "reply_to": organisation.reply_to,
            "phone": organisation.phone,
        }
        return Piece(compiled("digests/edition.mjml", context), holes={"items"})
