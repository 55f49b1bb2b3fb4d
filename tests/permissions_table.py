"""Who may do what: every route with every kind of caller, and the status that each of them gets.

The columns, in this order. Alice is the member whose things the rows are about, Bob another member; then the people of
HR by role (`alumni.accounts.roles` says what each may), a program without any scope, and one with the row's scope.
Pages take sessions, not tokens: there a program is nobody.
"""

from dataclasses import dataclass, field, replace
from typing import Any

WHO = ("nobody", "alice", "bob", "reader", "author", "approver", "admin", "privacy", "bare", "program")

EVERYBODY = "200 " * 10
LOGIN_FIRST = "302 200 200 302 302 302 302 302 302 302"
READERS_OF_MEMBERS = "401 403 403 200 200 200 200 200 403 200"
READERS_OF_POSTS = "401 403 403 200 200 200 200 403 403 200"


def all_get(status: int) -> str:
    return f"{status} " * 10


def members(status: int) -> str:
    """Each their own."""
    return f"401 {status} {status} 403 403 403 403 403 403 403"


def writers(status: int) -> str:
    return f"401 403 403 403 {status} {status} {status} 403 403 {status}"


def writing_people(status: int) -> str:
    """A program does not, whatever its scope."""
    return f"401 403 403 403 {status} {status} {status} 403 403 403"


def publishers(status: int) -> str:
    return f"401 403 403 403 403 {status} {status} 403 403 {status}"


def publishing_people(status: int) -> str:
    return f"401 403 403 403 403 {status} {status} 403 403 403"


def privacy_people(status: int) -> str:
    return f"401 403 403 403 403 403 {status} {status} 403 403"


@dataclass(frozen=True)
class Row:
    """One request. `things` names what each identifier in the route stands for (permissions_world), in order."""

    method: str
    route: str
    statuses: str
    scope: str = ""
    things: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
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


CONFIRM = {"token": "opt-in token", **CHOICES}
DECISION = {"decision": "approved", "answers": ANSWERS}
DRAFT = {"text": "Klus: meetdata op orde."}
POSTED = {"url": "https://www.linkedin.com/feed/update/urn:li:activity:7265012345678901234/"}
REASON = {"reason": "At the exit talk"}
STRANGER = {"email": "stranger@nergens.example"}
CODE = {"code": "AAAA-AAAA"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FILE = {"file": "leavers file", "source": "hr"}

# A route's statuses, the scope of the program that has one, what the identifier stands for, and the body.
API = [
    _api("GET", "members/", READERS_OF_MEMBERS, "members:read"),
    _api("POST", "members/", writers(201), "members:write", **PERSON),
    _api("GET", "members/<uuid:uid>/", READERS_OF_MEMBERS, "members:read", "alice"),
    _api("PATCH", "members/<uuid:uid>/", writers(200), "members:write", "alice", city="Zeist"),
    _api("DELETE", "members/<uuid:uid>/", privacy_people(204), "privacy:manage", "alice"),
    _api("POST", "members/<uuid:uid>/invite/", writing_people(201), "members:write", "invitee", **REASON),
    _api("GET", "imports/", writers(200), "members:write"),
    replace(_api("POST", "imports/", writers(202), "members:write", **FILE), form=True),
    _api("GET", "imports/<uuid:uid>/", writers(200), "members:write", "import"),
    _api("GET", "imports/<uuid:uid>/errors.csv", writers(200), "members:write", "import"),
    _api("POST", "imports/<uuid:uid>/apply/", writers(202), "members:write", "import"),
    _api("POST", "join/", all_get(202), **JOIN),
    _api("POST", "join/confirm/", EVERYBODY, **CONFIRM),
    _api("GET", "me/", members(200)),
    _api("PATCH", "me/", members(200), city="Zeist"),
    _api("DELETE", "me/", members(204)),
    _api("GET", "me/preferences/", members(200)),
    _api("PATCH", "me/preferences/", members(200), hour=9),
    _api("GET", "me/consents/", members(200)),
    _api("POST", "me/consents/", members(200), **CHOICES),
    _api("GET", "me/skills/", members(200)),
    _api("PUT", "me/skills/", members(200), skills=["Python"]),
    _api("GET", "me/freelance/", members(404)),  # neither is a freelancer
    _api("PATCH", "me/freelance/", members(200), trade_name="Alice IT"),
    _api("DELETE", "me/freelance/", members(204)),
    _api("GET", "me/digests/", members(200)),
    _api("GET", "gigs/", READERS_OF_POSTS, "posts:read"),
    _api("POST", "gigs/", writers(201), "posts:write", **GIG),
    _api("GET", "gigs/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft gig"),
    _api("PATCH", "gigs/<uuid:uid>/", writers(200), "posts:write", "draft gig", **CLOSING),
    _api("GET", "vacancies/", READERS_OF_POSTS, "posts:read"),
    _api("POST", "vacancies/", writers(201), "posts:write", **VACANCY),
    _api("GET", "vacancies/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft vacancy"),
    _api("PATCH", "vacancies/<uuid:uid>/", writers(200), "posts:write", "draft vacancy", **CLOSING),
    _api("GET", "updates/", READERS_OF_POSTS, "posts:read"),
    _api("POST", "updates/", writers(201), "posts:write", **UPDATE),
    _api("GET", "updates/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft update"),
    _api("PATCH", "updates/<uuid:uid>/", writers(200), "posts:write", "draft update", **CLOSING),
    _api("GET", "posts/", READERS_OF_POSTS, "posts:read"),
    _api("GET", "posts/<uuid:uid>/", READERS_OF_POSTS, "posts:read", "draft gig"),
    _api("GET", "posts/<uuid:uid>/audience/", READERS_OF_POSTS, "posts:read", "draft gig"),
    _api("POST", "posts/<uuid:uid>/submit/", writing_people(200), "posts:write", "draft gig"),
    _api("POST", "posts/<uuid:uid>/approve/", publishing_people(200), "posts:publish", "submitted gig", **DECISION),
    _api("POST", "posts/<uuid:uid>/publish/", publishers(200), "posts:publish", "approved gig"),
    _api("POST", "posts/<uuid:uid>/close/", publishers(200), "posts:publish", "published gig"),
    _api("GET", "drafts/", READERS_OF_POSTS, "drafts:read"),
    _api("GET", "drafts/<uuid:uid>/", READERS_OF_POSTS, "drafts:read", "draft"),
    _api("PATCH", "drafts/<uuid:uid>/", writers(200), "drafts:write", "draft", **DRAFT),
    _api("POST", "drafts/<uuid:uid>/posted/", writers(200), "drafts:write", "draft", **POSTED),
    _api("GET", "digests/", READERS_OF_MEMBERS, "digests:read"),
    _api("GET", "digests/<uuid:uid>/", READERS_OF_MEMBERS, "digests:read", "digest of alice"),
    _api("GET", "editions/", READERS_OF_MEMBERS, "digests:read"),
    _api("GET", "editions/<uuid:uid>/", READERS_OF_MEMBERS, "digests:read", "edition"),
    _api("GET", "runs/", READERS_OF_MEMBERS, "digests:read"),
    _api("POST", "runs/", publishing_people(202), "digests:deliver", dry_run=True),
    _api("GET", "runs/<uuid:uid>/", READERS_OF_MEMBERS, "digests:read", "run"),
    _api("GET", "schema/", EVERYBODY),
]


def _page(method: str, route: str, statuses: str, *things: str, **body: Any) -> Row:
    return Row(method, route, statuses, "", things, body, form=method == "POST")


LOGIN = "_allauth/app/v1/auth"
PAGES = [
    #                                       nobody alice bob reader author approver admin privacy bare program
    _page("GET", "", EVERYBODY),
    _page("GET", "livez", EVERYBODY),
    _page("GET", "readyz", EVERYBODY),
    _page("GET", "api/docs/", EVERYBODY),
    _page("POST", "identity/o/api/token", all_get(400)),
    replace(_page("POST", f"{LOGIN}/code/request", all_get(401), **STRANGER), form=False),
    replace(_page("POST", f"{LOGIN}/code/confirm", all_get(409), **CODE), form=False),
    _page("GET", f"{LOGIN}/session", all_get(401)),
    _page("DELETE", f"{LOGIN}/session", all_get(401)),
    _page("GET", "accounts/login/", "200 302 302 302 302 302 302 302 200 200"),
    _page("POST", "accounts/login/", all_get(302), **STRANGER),
    _page("GET", "accounts/login/code/", all_get(302)),
    _page("POST", "accounts/login/code/", all_get(302), **CODE),
    _page("GET", "accounts/logout/", "302 200 200 200 200 200 200 200 302 302"),
    _page("POST", "accounts/logout/", all_get(302)),
    _page("GET", "accounts/inactive/", all_get(403)),
    _page("POST", "i18n/setlang/", all_get(302), language="en"),
    _page("GET", "join/", EVERYBODY),
    _page("POST", "join/", EVERYBODY, **JOIN),
    _page("GET", "join/<str:token>/", EVERYBODY, "opt-in token"),
    _page("POST", "join/<str:token>/", EVERYBODY, "opt-in token"),
    _page("GET", "invited/<str:token>/", EVERYBODY, "invitation token"),
    _page("POST", "invited/<str:token>/", EVERYBODY, "invitation token"),
    _page("GET", "account/", LOGIN_FIRST),
    _page("POST", "account/", LOGIN_FIRST),
    _page("GET", "account/preferences/", LOGIN_FIRST),
    _page("POST", "account/preferences/", LOGIN_FIRST),
    _page("GET", "account/digests/", LOGIN_FIRST),
    _page("GET", "account/leave/", LOGIN_FIRST),
    _page("POST", "account/leave/", LOGIN_FIRST),
    _page("GET", "u/<str:token>", EVERYBODY, "unsubscribe token"),
    _page("POST", "u/<str:token>", EVERYBODY, "unsubscribe token", **ONE_CLICK),
    # Off, as everywhere but in the demo: the mailbox shows every mail to everybody.
    _page("GET", "mailbox/", all_get(404)),
    _page("GET", "mailbox/<slug:name>/", all_get(404), "letter"),
    _page("GET", "mailbox/<slug:name>/html/", all_get(404), "letter"),
    _page("GET", "mailbox/<slug:name>/raw/", all_get(404), "letter"),
    _page("GET", "notices/<slug:purpose>/<int:version>/<slug:language>/", EVERYBODY, "purpose", "version", "language"),
    _page("GET", "p/<slug:slug>", "404 200 200 200 200 200 200 404 404 404", "post for the network"),
]

# Routes that are there to say that nothing is there.
NOT_FOUND = {"^(?:api|_allauth|identity)/", "^office/(?:password_change/|.*/password/$)"}
