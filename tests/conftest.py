"""The cast, and the few rules of every test: no network, our own mail door, empty ledger."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from alumni.accounts.models import Organisation, User
from alumni.accounts.roles import Role
from alumni.members.models import FreelanceProfile, Member

DOOR = settings.EMAIL_BACKEND


@pytest.fixture(autouse=True)
def our_own_mail_door(settings: Any) -> None:
    """pytest-django puts locmem in the place of EMAIL_BACKEND; with ours, no test walks round the door."""
    settings.EMAIL_BACKEND = DOOR


@pytest.fixture(autouse=True)
def no_counters_left_over() -> None:
    cache.clear()


@pytest.fixture
def organisation(db: None) -> Organisation:
    """Maasveld, with a postal address, so that mail may leave."""
    return Organisation.objects.create(
        pk=1,
        name="Maasveld",
        network_name="Maasveld-netwerk",
        street="Keulsekade 140",
        postcode="3532 AA",
        city="Utrecht",
        country="NL",
        company_number="12345678",
        phone="030 123 45 67",
        sender_name="Marieke de Boer",
        sender_role="HR",
        from_email="netwerk@maasveld.example",
        reply_to="netwerk@maasveld.example",
        privacy_email="privacy@maasveld.example",
        mail_processor="Postbode Mail B.V.",
        mail_processor_place="de EU",
        languages=["nl", "en"],
    )


def _staff(email: str, name: str, role: str) -> User:
    from django.contrib.auth.models import Group

    user = User.objects.create_user(email, name=name, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.fixture
def author(organisation: Organisation) -> User:
    return _staff("marieke@maasveld.example", "Marieke de Boer", Role.AUTHOR)


@pytest.fixture
def approver(organisation: Organisation) -> User:
    return _staff("joost@maasveld.example", "Joost Hendriks", Role.APPROVER)


@pytest.fixture
def reader(organisation: Organisation) -> User:
    return _staff("rita@maasveld.example", "Rita Lezer", Role.READER)


@pytest.fixture
def administrator(organisation: Organisation) -> User:
    return _staff("admin@maasveld.example", "Ada Beheer", Role.ADMINISTRATOR)


@pytest.fixture
def privacy_officer(organisation: Organisation) -> User:
    return _staff("privacy@maasveld.example", "Paul Privacy", Role.PRIVACY_OFFICER)


@pytest.fixture
def notices(organisation: Organisation) -> None:
    """The default notices, published in Dutch and English."""
    from alumni.consent.notices import publish_defaults

    publish_defaults()


@pytest.fixture
def make_member(notices: None) -> Callable[..., Member]:
    """A factory of joined members: `make_member("Alice", consents=["gigs"], skills=["Python"])`."""
    from alumni.joining.opt_in import enrol

    def make(
        given_name: str,
        *,
        family_name: str = "de Vries",
        email: str | None = None,
        consents: list[str] | tuple[str, ...] = (),
        skills: list[str] | tuple[str, ...] = (),
        freelance: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Member:
        from alumni.members.skills import set_skills

        fields.setdefault("is_alumnus", freelance is None)
        fields.setdefault("is_freelancer", freelance is not None)
        member = Member.objects.create(
            given_name=given_name,
            family_name=family_name,
            email=email or f"{given_name.lower()}@thuis.example",
            **fields,
        )
        if freelance is not None:
            FreelanceProfile.objects.create(member=member, **freelance)
        if skills:
            set_skills(member=member, names=list(skills))
        enrol(member=member, consents=dict.fromkeys(consents, True))
        member.refresh_from_db()
        return member

    return make


@pytest.fixture
def alice(make_member: Callable[..., Member]) -> Member:
    """Consents to everything that is asked."""
    return make_member(
        "Alice", consents=["gigs", "vacancies", "updates", "matching"], skills=["PostgreSQL", "Python"], city="Utrecht"
    )


@pytest.fixture
def bob(make_member: Callable[..., Member]) -> Member:
    """Joined, and consented to nothing."""
    return make_member("Bob", consents=[])


@pytest.fixture
def carol(make_member: Callable[..., Member]) -> Member:
    """A freelancer who wants gigs only, in English."""
    return make_member("Carol", consents=["gigs"], language="en", freelance={"rate_min": "80.00", "rate_max": "95.00"})


@pytest.fixture
def browser_of() -> Callable[[User | None], Client]:
    """A logged-in browser: `browser_of(author).get("/office/")`."""

    def log_in(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


class Api:
    """A client of the API that speaks JSON and carries one bearer token."""

    def __init__(self, token: str | None) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def _call(self, method: str, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Any:
        kwargs: dict[str, Any] = {"headers": {**self.headers, **(headers or {})}}
        if data is not None:
            kwargs |= {"data": data, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1{path}" if not path.startswith("/api") else path, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        return self._call("get", path, **kwargs)

    def post(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        return self._call("post", path, data if data is not None else {}, **kwargs)

    def patch(self, path: str, data: Any, **kwargs: Any) -> Any:
        return self._call("patch", path, data, **kwargs)

    def put(self, path: str, data: Any, **kwargs: Any) -> Any:
        return self._call("put", path, data, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Any:
        return self._call("delete", path, **kwargs)


@pytest.fixture
def api_of(db: None) -> Callable[..., Api]:
    """`api_of(user)` calls as a person, `api_of(scopes=["members:read"])` as an integration, `api_of()` as nobody."""
    from alumni.accounts.tokens import create_client_token, create_person_token

    def make(user: User | Member | None = None, *, scopes: list[str] | None = None) -> Api:
        if isinstance(user, Member):
            user = user.user
        if user is not None:
            return Api(create_person_token(user=user, name="test"))
        if scopes is not None:
            return Api(create_client_token(name="test", scopes=scopes))
        return Api(None)

    return make


@pytest.fixture
def transactional_ledger(transactional_db: None) -> Iterator[None]:
    """For tests that commit: afterwards lifts the ledger's triggers, and nothing else may, to empty the tables."""
    yield
    from alumni.consent import models, triggers

    with triggers.lifted():
        for model in (
            models.ConsentEvidence,
            models.ConsentEvent,
            models.ConsentRecord,
            models.NoticeText,
            models.Notice,
        ):
            model.objects.all()._raw_delete(using="default")
