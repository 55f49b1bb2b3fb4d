"""Who may do what: every route with every kind of caller, and the status that each of them gets.

The columns, in this order. Alice is the member whose things the rows are about, Bob another member; then the people of HR
by their role (`alumni.accounts.roles` says what each may), a program without any scope, and one with the row's scope.
Pages take sessions, not tokens: there a program is nobody.
"""

from dataclasses import dataclass, field
from typing import Any

WHO = ("nobody", "alice", "bob", "reader", "author", "approver", "admin", "privacy", "bare", "program")

EVERYBODY = "200 " * 10
MEMBERS = "401 200 200 403 403 403 403 403 403 403"  # each their own
READERS_OF_MEMBERS = "401 403 403 200 200 200 200 200 403 200"
READERS_OF_POSTS = "401 403 403 200 200 200 200 403 403 200"
READERS_OF_DIGESTS = "401 403 403 200 200 200 200 200 403 200"
LOGIN_FIRST = "302 200 200 302 302 302 302 302 302 302"


@dataclass(frozen=True)
class Row:
    """One request. `things` names what each identifier in the route stands for (permissions_world), in order."""

    method: str
    route: str
    statuses: str
    scope: str = ""
    things: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    form: bool = False
    program: bool = False  # called with a token, not with a session

    def expected(self) -> dict[str, int]:
        return dict(zip(WHO, map(int, self.statuses.split()), strict=True))


PERSON = {"given_name": "Dirk", "family_name": "Nieuw", "email": "dirk@thuis.example", "kinds": ["alumnus"]}
CHOICES = {"consents": {"gigs": False}}
ANSWERS = {"newspaper": "yes", "secrets": "yes", "respectful": "yes", "right": "yes", "ask_first": "no"}
TEXT = {"title": "Meetdata op orde", "summary": "Er missen stukken.", "body": "We spreken een resultaat af."}
RATE = {"min": "85.00", "max": "95.00", "currency": "EUR", "unit": "hour"}
PAY = {"min": "3200.00", "max": "4100.00", "currency": "EUR", "unit": "month"}
GIG = {"audience": "everybody", "texts": {"nl": TEXT}, "terms": {"pay": RATE}}
VACANCY = {"audience": "everybody", "texts": {"nl": TEXT}, "terms": {"pay": PAY}}
UPDATE = {"audience": "everybody", "texts": {"nl": {**TEXT, "why": "Omdat het magazijn te klein werd."}}}
CLOSING = {"closes_on": "2027-03-01"}
JOIN = {"given_name": "Eva", "family_name": "Smit", "email": "eva@thuis.example", "kind": "freelancer"}


def _api(method: str, route: str, statuses: str, scope: str = "", *things: str, **body: Any) -> Row:
    return Row(method, f"api/v1/{route}", statuses, scope, things, body, program=True)


API = [
    #                                       nobody alice bob reader author approver admin privacy bare program
    _api("GET", "members/", READERS_OF_MEMBERS, "members:read"),
    _api("POST", "members/", "401 403 403 403 201 201 201 403 403 201", "members:write", **PERSON),
    _api("GET", "members/<uuid:uid>/", READERS_OF_MEMBERS, "members:read", "alice"),
    _api(
        "PATCH",
        "members/<uuid:uid>/",
        "401 403 403 403 200 200 200 403 403 200",
        "members:write",
        "alice",
        city="Zeist",
    ),
    _api("DELETE", "members/<uuid:uid>/", "401 403 403 403 403 403 204 204 403 403", "privacy:manage", "alice"),
    _api("POST", "members/<uuid:uid>/invite/", "401 403 403 403 201 201 201 403 403 403", "members:write", "invitee", reason="At the exit talk"),
    _api("GET", "imports/", "401 403 403 403 200 200 200 403 403 200", "members:write"),
    Row("POST", "api/v1/imports/", "401 403 403 403 202 202 202 403 403 202", "members:write", (), {"file": "leavers file", "source": "hr"}, form=True, program=True),
    _api("GET", "imports/<uuid:uid>/", "401 403 403 403 200 200 200 403 403 200", "members:write", "import"),
    _api("GET", "imports/<uuid:uid>/errors.csv", "401 403 403 403 200 200 200 403 403 200", "members:write", "import"),
    _api("POST", "imports/<uuid:uid>/apply/", "401 403 403 403 202 202 202 403 403 202", "members:write", "import"),
    _api("POST", "join/", "202 202 202 202 202 202 202 202 202 202", "", **JOIN),
    _api("POST", "join/confirm/", "200 200 200 200 200 200 200 200 200 200", "", token="opt-in token", **CHOICES),
    _api("GET", "me/", MEMBERS),
    _api("PATCH", "me/", MEMBERS, city="Zeist"),
    _api("DELETE", "me/", "401 204 204 403 403 403 403 403 403 403"),
    _api("GET", "me/preferences/", MEMBERS),
    _api("PATCH", "me/preferences/", MEMBERS, hour=9),
    _api("GET", "me/consents/", MEMBERS),
    _api("POST", "me/consents/", MEMBERS, **CHOICES),
    _api("GET", "me/skills/", MEMBERS),
    _api("PUT", "me/skills/", MEMBERS, skills=["Python"]),
    _api("GET", "me/freelance/", "401 404 404 403 403 403 403 403 403 403"),
    _api("PATCH", "me/freelance/", MEMBERS, trade_name="Alice IT"),
    _api("DELETE", "me/freelance/", "401 204 204 403 403 403 403 403 403 403"),
    _api("GET", "me/digests/", MEMBERS),
    _api("GET", "gigs/", READERS_OF_POSTS, "posts:read"),
    _api("POST", "gigs/", "401 403 403 403 201 201 201 403 403 201", "posts:write", **GIG),
    _api("GET", "gigs/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft gig"),
    _api("PATCH", "gigs/<uuid:uid>/", "401 403 403 403 200 200 200 403 403 200", "posts:write", "draft gig", **CLOSING),
    _api("GET", "vacancies/", READERS_OF_POSTS, "posts:read"),
    _api("POST", "vacancies/", "401 403 403 403 201 201 201 403 403 201", "posts:write", **VACANCY),
    _api("GET", "vacancies/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft vacancy"),
    _api(
        "PATCH",
        "vacancies/<uuid:uid>/",
        "401 403 403 403 200 200 200 403 403 200",
        "posts:write",
        "draft vacancy",
        **CLOSING,
    ),
    _api("GET", "updates/", READERS_OF_POSTS, "posts:read"),
    _api("POST", "updates/", "401 403 403 403 201 201 201 403 403 201", "posts:write", **UPDATE),
    _api("GET", "updates/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft update"),
    _api(
        "PATCH",
        "updates/<uuid:uid>/",
        "401 403 403 403 200 200 200 403 403 200",
        "posts:write",
        "draft update",
        **CLOSING,
    ),
    _api("GET", "posts/", READERS_OF_POSTS, "posts:read"),
    _api("GET", "posts/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft gig"),
    _api("GET", "posts/<uuid:uid>/audience/", READERS_OF_POSTS, "posts:read", "draft gig"),
    _api("POST", "posts/<uuid:uid>/submit/", "401 403 403 403 200 200 200 403 403 403", "posts:write", "draft gig"),
    _api(
        "POST",
        "posts/<uuid:uid>/approve/",
        "401 403 403 403 403 200 200 403 403 403",
        "posts:publish",
        "submitted gig",
        decision="approved",
        answers=ANSWERS,
    ),
    _api(
        "POST", "posts/<uuid:uid>/publish/", "401 403 403 403 403 200 200 403 403 200", "posts:publish", "approved gig"
    ),
    _api(
        "POST", "posts/<uuid:uid>/close/", "401 403 403 403 403 200 200 403 403 200", "posts:publish", "published gig"
    ),
    _api("GET", "drafts/", READERS_OF_POSTS, "drafts:read"),
    _api("GET", "drafts/<uuid:uid>/", READERS_OF_POSTS, "drafts:read", "draft"),
    _api("PATCH", "drafts/<uuid:uid>/", "401 403 403 403 200 200 200 403 403 200", "drafts:write", "draft", text="Klus: meetdata."),
    _api("POST", "drafts/<uuid:uid>/posted/", "401 403 403 403 200 200 200 403 403 200", "drafts:write", "draft", url="https://www.linkedin.com/feed/update/urn:li:activity:7265012345678901234/"),
    _api("GET", "digests/", READERS_OF_DIGESTS, "digests:read"),
    _api("GET", "digests/<uuid:uid>/", READERS_OF_DIGESTS, "digests:read", "digest of alice"),
    _api("GET", "editions/", READERS_OF_DIGESTS, "digests:read"),
    _api("GET", "editions/<uuid:uid>/", READERS_OF_DIGESTS, "digests:read", "edition"),
    _api("GET", "runs/", READERS_OF_DIGESTS, "digests:read"),
    _api("POST", "runs/", "401 403 403 403 403 202 202 403 403 403", "digests:deliver", dry_run=True),
    _api("GET", "runs/<uuid:uid>/", READERS_OF_DIGESTS, "digests:read", "run"),
    _api("GET", "schema/", EVERYBODY),
]

PAGES = [
    #                                       nobody alice bob reader author approver admin privacy bare program
    Row("GET", "", EVERYBODY),
    Row("GET", "livez", EVERYBODY),
    Row("GET", "readyz", EVERYBODY),
    Row("GET", "api/docs/", EVERYBODY),
    Row("POST", "identity/o/api/token", "400 400 400 400 400 400 400 400 400 400"),
    Row(
        "POST",
        "_allauth/app/v1/auth/code/request",
        "401 401 401 401 401 401 401 401 401 401",
        body={"email": "x@nergens.example"},
    ),
    Row(
        "POST",
        "_allauth/app/v1/auth/code/confirm",
        "409 409 409 409 409 409 409 409 409 409",
        body={"code": "AAAA-AAAA"},
    ),
    Row("GET", "_allauth/app/v1/auth/session", "401 401 401 401 401 401 401 401 401 401"),
    Row("DELETE", "_allauth/app/v1/auth/session", "401 401 401 401 401 401 401 401 401 401"),
    Row("GET", "accounts/login/", "200 302 302 302 302 302 302 302 200 200"),
    Row(
        "POST",
        "accounts/login/",
        "302 302 302 302 302 302 302 302 302 302",
        body={"email": "x@nergens.example"},
        form=True,
    ),
    Row("GET", "accounts/login/code/", "302 302 302 302 302 302 302 302 302 302"),
    Row(
        "POST", "accounts/login/code/", "302 302 302 302 302 302 302 302 302 302", body={"code": "AAAA-AAAA"}, form=True
    ),
    Row("GET", "accounts/logout/", "302 200 200 200 200 200 200 200 302 302"),
    Row("POST", "accounts/logout/", "302 302 302 302 302 302 302 302 302 302", form=True),
    Row("GET", "accounts/inactive/", "403 403 403 403 403 403 403 403 403 403"),
    Row("POST", "i18n/setlang/", "302 302 302 302 302 302 302 302 302 302", body={"language": "en"}, form=True),
    Row("GET", "join/", EVERYBODY),
    Row("POST", "join/", EVERYBODY, body=JOIN, form=True),
    Row("GET", "join/<str:token>/", EVERYBODY, things=("opt-in token",)),
    Row("POST", "join/<str:token>/", EVERYBODY, things=("opt-in token",), form=True),
    Row("GET", "invited/<str:token>/", EVERYBODY, things=("invitation token",)),
    Row("POST", "invited/<str:token>/", EVERYBODY, things=("invitation token",), form=True),
    Row("GET", "account/", LOGIN_FIRST),
    Row("POST", "account/", LOGIN_FIRST, form=True),
    Row("GET", "account/preferences/", LOGIN_FIRST),
    Row("POST", "account/preferences/", LOGIN_FIRST, form=True),
    Row("GET", "account/digests/", LOGIN_FIRST),
    Row("GET", "account/leave/", LOGIN_FIRST),
    Row("POST", "account/leave/", LOGIN_FIRST, form=True),
    Row("GET", "u/<str:token>", EVERYBODY, things=("unsubscribe token",)),
    Row(
        "POST",
        "u/<str:token>",
        EVERYBODY,
        things=("unsubscribe token",),
        body={"List-Unsubscribe": "One-Click"},
        form=True,
    ),
    Row("GET", "mailbox/", "404 404 404 404 404 404 404 404 404 404"),
    Row("GET", "mailbox/<slug:name>/", "404 404 404 404 404 404 404 404 404 404", things=("letter",)),
    Row("GET", "mailbox/<slug:name>/html/", "404 404 404 404 404 404 404 404 404 404", things=("letter",)),
    Row("GET", "mailbox/<slug:name>/raw/", "404 404 404 404 404 404 404 404 404 404", things=("letter",)),
    Row(
        "GET",
        "notices/<slug:purpose>/<int:version>/<slug:language>/",
        EVERYBODY,
        things=("purpose", "version", "language"),
    ),
    Row("GET", "p/<slug:slug>", "404 200 200 200 200 200 200 404 404 404", things=("post for the network",)),
]

# Routes that are there to say that nothing is there.
NOT_FOUND = {"^(?:api|_allauth|identity)/", "^office/(?:password_change/|.*/password/$)"}
