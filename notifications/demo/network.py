"""The whole demonstration: made once in an empty database, its tokens anew at each start, thrown away when asked."""

import shutil
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone, translation

from alumni.accounts import staff, tokens
from alumni.accounts.models import Organisation, User
from alumni.accounts.roles import Role
from alumni.consent import notices
from alumni.joining import imports, invitations
from alumni.members.models import Member, PermissionRemark
from notifications.audiences.models import Audience
from notifications.demo import members, posts
from notifications.demo.people import COMPANY, STAFF
from notifications.posts import vacancy_feed, vacancy_import

EXAMPLES = settings.BASE_DIR / "examples"
# What the demonstration's integration may do.
SCOPES = ["members:read", "posts:read", "digests:read", "drafts:read"]
INVITED = 3


class NotTheDemo(Exception):
    """The database holds somebody's own network; the message says so."""


def exists() -> bool:
    """Whether this database holds the demonstration."""
    return _user(Role.AUTHOR) is not None and _user(Role.APPROVER) is not None


def is_empty() -> bool:
    """Whether nobody has begun here."""
    return not (Organisation.objects.exists() or User.objects.exists() or Member.objects.exists())


@transaction.atomic
def make() -> None:
    """Fill an empty database, wholly or not at all. The same at every start, but for ids, keys and today's date."""
    today = timezone.localdate()
    with translation.override("nl"):
        Organisation.objects.create(pk=1, **COMPANY)
        for role, (email, name) in STAFF.items():
            staff.appoint(email=email, name=name, roles=[role])
        author, approver = _staff(Role.AUTHOR), _staff(Role.APPROVER)
        notices.publish_defaults(user=approver)
        _import("leavers.csv", "freelancers.xlsx", by=author)
        members.make(today=today)
        posts.make(author=author, approver=approver, today=today)
        _import_vacancies(author=author, approver=approver)
        _invite(by=author)


def renew_tokens() -> dict[str, str]:
    """Revoke the demonstration's tokens of the last start and make new ones: {who: token}."""
    for who in ("author", "approver", "integration"):
        tokens.revoke(name=f"demo-{who}")
    return {
        "author": tokens.create_person_token(user=_staff(Role.AUTHOR), name="demo-author"),
        "approver": tokens.create_person_token(user=_staff(Role.APPROVER), name="demo-approver"),
        "integration": tokens.create_client_token(name="demo-integration", scopes=SCOPES),
    }


def wipe() -> None:
    """Throw the database's contents, uploads and mails away. Raises NotTheDemo where they may be somebody's own."""
    _refuse_if_not_ours()
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        connections.close_all()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)
    else:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    for folder in (settings.MAILBOX_DIR, settings.MEDIA_ROOT):
        shutil.rmtree(folder, ignore_errors=True)
    call_command("migrate", interactive=False, verbosity=0)


def _refuse_if_not_ours() -> None:
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT COUNT(*) FROM alumni_member WHERE email NOT LIKE %s", ["%.example"])
            (real,) = cursor.fetchone()
    except DatabaseError:  # no tables yet, or of an older kind: then nobody joined through this code
        return
    if real or not (exists() or is_empty()):
        raise NotTheDemo("This database holds a network that is not the demonstration's. Nothing was thrown away.")


def _user(role: str) -> User | None:
    return User.objects.filter(email=STAFF[role][0]).first()


def _staff(role: str) -> User:
    return User.objects.get(email=STAFF[role][0])


def _import(*names: str, by: User) -> None:
    for name in names:
        with (EXAMPLES / name).open("rb") as stream:
            imports.apply(batch=imports.stage(source="demo", filename=name, stream=stream, by=by))


def _import_vacancies(*, author: User, approver: User) -> None:
    rules = vacancy_import.Rules(
        source="demo",
        submit_as=author,
        approve_as=approver,
        audience=Audience.objects.get(code="everybody"),
        publish=True,
    )
    vacancy_import.run(vacancy_feed.read((EXAMPLES / "vacancies.csv").read_bytes()), rules)


def _invite(*, by: User) -> None:
    invitable = Member.objects.filter(joined_at=None, permission_remark=PermissionRemark.YES).order_by("sort_name")
    invitations.invite_selection(members=invitable[:INVITED], by=by, reason="Zei ja bij het vertrek.")
