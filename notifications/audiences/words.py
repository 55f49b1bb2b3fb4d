"""Why a post does not reach somebody, as HR reads it: the words to the codes of `reach`."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.consent.purposes import in_words

_WORDS: dict[str, Promise] = {
    "refused": gettext_lazy("Said no"),
    "withdrawn": gettext_lazy("Withdrew their consent"),
    "expired": gettext_lazy("Consent expired"),
    "overtaken": gettext_lazy("Has to choose again after a new notice"),
    "paused": gettext_lazy("Paused"),
    "restricted": gettext_lazy("Asked us to hold their data still"),
    "suppressed": gettext_lazy("Unsubscribed or complained (suppressed)"),
    "undeliverable": gettext_lazy("Address no longer works"),
    "had_it": gettext_lazy("Already got this post"),
    "left": gettext_lazy("Left"),
    "not_joined": gettext_lazy("Not joined yet"),
    # What only a run says of a pair of member and post.
    "ok": gettext_lazy("Reached"),
    "not_due": gettext_lazy("Not due yet"),
    "digest_full": gettext_lazy("Carried over"),
    "closed": gettext_lazy("Closed before sending"),
    "planned": gettext_lazy("Waiting"),
    "handed_over": gettext_lazy("Handed over"),
    "failed": gettext_lazy("Failed"),
    "bounced": gettext_lazy("Bounced"),
    "withheld": gettext_lazy("Withheld"),
    "set_aside": gettext_lazy("Could not be rendered"),
    "unconfirmed": gettext_lazy("Unconfirmed"),
    "erased": gettext_lazy("Erased meanwhile"),
}


def reason(code: str, *, purpose: str) -> str:
    """`no_consent` of gigs -> No consent for gigs. A code without words is shown as it is."""
    if code == "no_consent":
        return _("No consent for %(purpose)s") % {"purpose": in_words([purpose])}
    return str(_WORDS.get(code, code))
