"""The back office's part of the permission table. Whoever is no person of HR is sent to the login (302)."""

from dataclasses import replace
from typing import Any

from tests.permissions_table import ANSWERS, DRAFT, POSTED, REASON, Row

# The people of HR in the table's order: reader, author, approver, administrator, privacy officer.
MEMBERS = "200 200 200 200 200"
POSTS = "200 200 200 200 403"
WRITERS = "403 200 200 200 403"
PUBLISHERS = "403 403 200 200 403"
ADMINISTRATORS = "403 403 403 200 403"
CONSENTS = "403 403 403 200 200"
NOBODY = "403 403 403 403 403"
WRITERS_GO_ON = "403 302 302 302 403"  # done, and on to the next page
PUBLISHERS_GO_ON = "403 403 302 302 403"
CONSENTS_GO_ON = "403 403 403 302 302"
DECISION = {"decision": "approved", **ANSWERS}
TICKED = {"ids": "invitee pk"}


def _row(method: str, route: str, statuses: str, *things: str, **body: Any) -> Row:
    return Row(method, f"office/{route}", f"302 302 302 {statuses} 302 302", "", things, body, form=method == "POST")


def _list(model: str, readers: str) -> Row:
    return _row("GET", f"{model}/", readers)


OFFICE = [
    #                                       reader author approver admin privacy
    _row("GET", "", MEMBERS),
    Row("GET", "office/login/", "302 403 403 302 302 302 302 302 302 302"),
    _row("POST", "logout/", "302 302 302 302 302"),
    _row("GET", "search/", MEMBERS),
    _row("GET", "jsi18n/", MEMBERS),
    _row("GET", "autocomplete/", NOBODY),
    _row("GET", "r/<path:content_type_id>/<path:object_id>/", "404 404 404 404 404", "no pk", "no pk"),
    _row("GET", "^(?P<app_label>alumni|notifications)/$", MEMBERS),
    _list("alumni/organisation", "403 403 403 302 403"),
    _row("GET", "alumni/organisation/add/", NOBODY),
    _row("GET", "alumni/organisation/<path:object_id>/change/", ADMINISTRATORS, "organisation pk"),
    _list("alumni/user", ADMINISTRATORS),
    _row("GET", "alumni/user/add/", ADMINISTRATORS),
    _row("GET", "alumni/user/<path:object_id>/change/", ADMINISTRATORS, "user pk"),
    _list("alumni/apitoken", ADMINISTRATORS),
    _row("GET", "alumni/apitoken/add/", NOBODY),
    _row("GET", "alumni/apitoken/<path:object_id>/change/", ADMINISTRATORS, "token pk"),
    _list("alumni/member", MEMBERS),
    _row("GET", "alumni/member/add/", NOBODY),
    _row("GET", "alumni/member/<int:pk>/change/", MEMBERS, "alice pk"),
    _row("GET", "alumni/member/<int:pk>/erase/", CONSENTS, "alice pk"),
    _row("POST", "alumni/member/<int:pk>/erase/", CONSENTS_GO_ON, "alice pk"),
    _row("GET", "alumni/member/<int:pk>/invite/", WRITERS, "invitee pk"),
    _row("POST", "alumni/member/<int:pk>/invite/", WRITERS_GO_ON, "invitee pk", **REASON),
    replace(_row("GET", "alumni/member/invite/", WRITERS), query=TICKED),
    replace(_row("POST", "alumni/member/invite/", WRITERS_GO_ON, **REASON), query=TICKED),
    _list("alumni/invitation", MEMBERS),
    _row("GET", "alumni/invitation/add/", NOBODY),
    _row("GET", "alumni/invitation/<path:object_id>/change/", MEMBERS, "invitation pk"),
    _list("alumni/import", WRITERS),
    _row("GET", "alumni/import/add/", WRITERS),
    _row("POST", "alumni/import/add/", WRITERS_GO_ON, file="leavers file", source="hr"),
    _row("GET", "alumni/import/<int:pk>/change/", WRITERS, "import pk"),
    _row("POST", "alumni/import/<int:pk>/apply/", WRITERS_GO_ON, "import pk"),
    _row("POST", "alumni/import/<int:pk>/forget/", WRITERS_GO_ON, "import pk"),
    _list("alumni/consentevent", CONSENTS),
    _row("GET", "alumni/consentevent/add/", NOBODY),
    _row("GET", "alumni/consentevent/<int:pk>/change/", CONSENTS, "event pk"),
    _list("alumni/notice", CONSENTS),
    _row("GET", "alumni/notice/add/", NOBODY),
    _row("GET", "alumni/notice/<int:pk>/change/", CONSENTS, "notice pk"),
    _list("alumni/suppression", MEMBERS),
    _row("GET", "alumni/suppression/add/", NOBODY),
    _row("GET", "alumni/suppression/<path:object_id>/change/", MEMBERS, "suppression pk"),
    _list("notifications/post", POSTS),
    _row("GET", "notifications/post/add/", WRITERS),
    _row("GET", "notifications/post/add/<str:kind>/", WRITERS, "kind"),
    _row("POST", "notifications/post/add/<str:kind>/", WRITERS, "kind"),
    _row("GET", "notifications/post/<int:pk>/change/", POSTS, "draft post pk"),
    _row("POST", "notifications/post/<int:pk>/change/", WRITERS, "draft post pk"),
    _row(
        "POST",
        "notifications/post/<int:pk>/decide/",
        PUBLISHERS_GO_ON,
        "in_review post pk",
        decision="approved",
        **ANSWERS,
    ),
    _row("POST", "notifications/post/<int:pk>/publish/", PUBLISHERS_GO_ON, "approved post pk"),
    _row("POST", "notifications/post/<int:pk>/close/", PUBLISHERS_GO_ON, "published post pk"),
    _list("notifications/run", MEMBERS),
    _row("GET", "notifications/run/add/", NOBODY),
    _row("GET", "notifications/run/<int:pk>/change/", MEMBERS, "run pk"),
    _row("POST", "notifications/run/start/", PUBLISHERS_GO_ON, dry_run="on"),
    _list("notifications/digest", MEMBERS),
    _row("GET", "notifications/digest/add/", NOBODY),
    _row("GET", "notifications/digest/<int:pk>/change/", MEMBERS, "digest pk"),
    _list("notifications/draft", POSTS),
    _row("GET", "notifications/draft/add/", NOBODY),
    _row("GET", "notifications/draft/<int:pk>/change/", POSTS, "draft pk"),
    _row("POST", "notifications/draft/<int:pk>/change/", WRITERS_GO_ON, "draft pk", **DRAFT),
    _row("POST", "notifications/draft/<int:pk>/posted/", WRITERS_GO_ON, "draft pk", **POSTED),
    _list("notifications/servicemail", MEMBERS),
    _row("GET", "notifications/servicemail/add/", NOBODY),
    _row("GET", "notifications/servicemail/<path:object_id>/change/", MEMBERS, "mail pk"),
]

# Routes of Django's admin that lead nowhere: to a page above, or to one that is not there.
ELSEWHERE = {"office/(?P<url>.*)$", "office/password_change/", "office/password_change/done/"}
