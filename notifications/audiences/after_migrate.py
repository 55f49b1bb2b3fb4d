"""The audiences that are always there."""

from django.utils.translation import gettext_noop

from notifications.audiences.models import Audience

BUILT_IN: dict[str, tuple[str, list[str]]] = {
    "everybody": (gettext_noop("Everybody in the network"), ["alumnus", "freelancer"]),
    "alumni": (gettext_noop("Former colleagues"), ["alumnus"]),
    "freelancers": (gettext_noop("Freelancers"), ["freelancer"]),
}


def after_migrate(using: str) -> None:
    """Make those that are missing; one that is there stays as it is."""
    for code, (name, kinds) in BUILT_IN.items():
        Audience.objects.using(using).get_or_create(code=code, defaults={"name": name, "rule": {"kinds": kinds}})
