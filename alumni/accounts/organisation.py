"""The company itself: one row that every mail, page and notice names."""

from typing import Any

from django.http import HttpRequest

from alumni.accounts.models import Organisation


def the_organisation() -> Organisation:
    """The company's row. Runs one query. A fresh installation gets an unsaved one without address: nothing is sent."""
    return Organisation.objects.filter(pk=1).first() or Organisation(
        pk=1, name="Kring", network_name="Kring", languages=["nl", "en"]
    )


def context(_request: HttpRequest) -> dict[str, Any]:
    """Template context: `organisation`, on every page."""
    return {"organisation": the_organisation()}
