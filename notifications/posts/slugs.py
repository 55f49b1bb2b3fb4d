"""The short public name of a post: letters, digits and dashes only, so that no platform needs it escaped."""

import secrets

from django.utils.text import slugify

# Without 0, o, 1, l, i: a slug may be read aloud.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_slug(title: str) -> str:
    """`meetdata-van-40-pompstations-7k3pq2m9`. The tail makes it unique, and a network post's slug hard to guess."""
    words = slugify(title).replace("_", "-")[:60].strip("-")
    tail = "".join(secrets.choice(LETTERS) for _n in range(8))
    return f"{words}-{tail}".strip("-")
