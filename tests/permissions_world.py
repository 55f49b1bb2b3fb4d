"""What the rows of the permission table are about: one of each thing."""

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from alumni.accounts import service_mail
from alumni.accounts.addresses import keyed_hash
from alumni.accounts.models import ApiToken, User
from alumni.accounts.secret_tokens import new_token
from alumni.accounts.tokens import create_client_token, create_person_token
from alumni.consent import suppression
from alumni.consent.models import ConsentEvent, Notice, Suppression, SuppressionReason
from alumni.joining import imports
from alumni.joining.models import Invitation, OptIn
from alumni.members.models import Member
from notifications.audiences.models import Audience
from notifications.digests import editions, runs
from notifications.digests.models import Digest, Edition, Run
from notifications.mail import links
from notifications.mail.models import ServiceMail
from notifications.posts import review, writing
from notifications.posts.models import Post
from notifications.social.models import Draft
from tests.notifications.conftest import GIG_TERMS, VACANCY_TERMS


class Caller:
    """Somebody with a token for the API and a session for the pages."""

    def __init__(self, user: User | None = None, scopes: list[str] | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.program = Client(raise_request_exception=False)
        self.token: dict[str, str] = {}
        if user is not None:
            self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            self.token = {"Authorization": f"Bearer {create_person_token(user=user, name='table')}"}
        elif scopes is not None:
            token = create_client_token(name=" ".join(["table", *scopes])[:100], scopes=scopes)
            self.token = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None, *, form: bool = False, program: bool = False) -> Any:
        kwargs: dict[str, Any] = {}
        if program:
            client, kwargs["headers"] = self.program, self.token
        else:
            client = self.client
        if method not in {"GET", "HEAD"}:
            kwargs["data"] = body or {}
            if not form:
                kwargs["content_type"] = "application/json"
        return getattr(client, method.lower())(path, **kwargs)


def _post(author: User, kind: str, title: str) -> Post:
    text = {"title": title, "summary": "Er missen stukken.", "body": "We spreken een resultaat af."}
    return writing.create(
        kind=kind,
        author=author,
        texts={"nl": {**text, "why": "Omdat het kan."} if kind == "update" else text},
        audience=Audience.objects.get(code="everybody"),
        terms={"gig": dict(GIG_TERMS), "vacancy": dict(VACANCY_TERMS)}.get(kind),
        skills=[] if kind == "update" else [("Python", False)],
    )


def make_posts(author: User, approver: User) -> dict[str, Any]:
    gigs = {state: _post(author, "gig", f"Klus {state}") for state in ("draft", "submitted", "approved", "published")}
    for state in ("submitted", "approved", "published"):
        review.submit(post=gigs[state], by=author)
    for state in ("approved", "published"):
        review.approve(post=gigs[state], by=approver, answers=review.CLEAR)
    review.publish(post=gigs["published"], by=approver)
    return {
        **{f"{state} gig": post.uid for state, post in gigs.items()},
        "draft vacancy": _post(author, "vacancy", "Beheerder gemalen").uid,
        "draft update": _post(author, "update", "Een nieuw magazijn").uid,
        "post for the network": gigs["published"].slug,
    }


def make_digests(alice: Member) -> dict[str, Any]:
    run = runs.start()
    runs.plan_all(run)
    editions.refresh(at=timezone.now())
    return {
        "run": run.uid,
        "digest of alice": Digest.objects.get(member=alice).uid,
        "edition": Edition.objects.earliest("pk").uid,
        "unsubscribe token": links.unsubscribe_token(alice.uid, ["gigs"]),
    }


def make_links() -> dict[str, Any]:
    """A sign-up and an invitation that wait for their answer."""
    now, tokens = timezone.now(), [new_token() for _ in range(2)]
    week = {"sent_at": now, "expires_at": now + dt.timedelta(days=7)}
    payload = {"given_name": "Fay", "infix": "", "family_name": "Bos", "kind": "alumnus", "language": "nl"}
    email = "fay@thuis.example"
    OptIn.objects.create(email=email, email_key=email, payload=payload, token_sha256=tokens[0][1], **week)
    invitee = Member.objects.create(
        given_name="Gijs", family_name="Kok", email="gijs@thuis.example", is_alumnus=True, source="leavers"
    )
    email_hmac, key_id = keyed_hash(invitee.email)
    Invitation.objects.create(
        email_hmac=email_hmac, key_id=key_id, member=invitee, reason="Said yes", token_sha256=tokens[1][1], **week
    )
    willing = Member.objects.create(
        given_name="Ida", family_name="Vos", email="ida@thuis.example", is_alumnus=True, permission_remark="yes"
    )
    return {"opt-in token": tokens[0][0], "invitation token": tokens[1][0], "invitee": willing.uid}


def leavers() -> SimpleUploadedFile:
    text = "Voornaam;Achternaam;E-mail;Datum uit dienst\nHans;Mulder;hans@thuis.example;31-12-2025\n"
    return SimpleUploadedFile("leavers.csv", text.encode())


def make_imports(author: User) -> dict[str, Any]:
    batch = imports.stage(source="leavers", filename="leavers.csv", stream=leavers(), by=author)
    return {"import": batch.uid, "import pk": batch.pk, "leavers file": leavers}


def _token(user: User) -> int:
    create_person_token(user=user, name="to look at")
    return ApiToken.objects.get(name="to look at").pk


def _mail(alice: Member) -> int:
    service_mail.queue(kind="receipt", to=alice.email, subject="x", text="x", member_id=alice.pk)
    return ServiceMail.objects.earliest("pk").pk


def keys_of_rows(alice: Member, author: User) -> dict[str, Any]:
    """The back office names rows by their key."""
    suppression.suppress(email="nooit@thuis.example", reason=SuppressionReason.OBJECTED)
    posts = {
        state: Post.objects.get(state=state, kind="gig").pk for state in ("draft", "in_review", "approved", "published")
    }
    return {
        "alice pk": alice.pk,
        "invitee pk": Member.objects.get(email="ida@thuis.example").pk,
        "user pk": author.pk,
        "token pk": _token(author),
        "organisation pk": 1,
        "event pk": ConsentEvent.objects.earliest("seq").pk,
        "notice pk": Notice.objects.earliest("pk").pk,
        "suppression pk": Suppression.objects.earliest("pk").pk,
        "invitation pk": Invitation.objects.earliest("pk").pk,
        **{f"{state} post pk": pk for state, pk in posts.items()},
        "run pk": Run.objects.earliest("pk").pk,
        "digest pk": Digest.objects.earliest("pk").pk,
        "draft pk": Draft.objects.earliest("pk").pk,
        "mail pk": _mail(alice),
    }


def make_things(alice: Member, author: User, approver: User) -> dict[str, Any]:
    """{thing: what stands for it in the path or the body}."""
    return {
        "alice": alice.uid,
        "purpose": "gigs",
        "version": 1,
        "language": "nl",
        "letter": "letter",
        "kind": "gig",
        "no pk": "0",
        **make_posts(author, approver),
        **make_digests(alice),
        **make_links(),
        **make_imports(author),
        "draft": Draft.objects.earliest("pk").uid,
        **keys_of_rows(alice, author),
    }
