"""`manage.py token`: tokens for programs and people, made, listed and revoked by who runs the installation."""

from argparse import ArgumentParser
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from alumni.accounts import tokens
from alumni.accounts.models import ApiToken
from backend.http.errors import KringError
from backend.http.scopes import SCOPES


def _scopes(values: list[str]) -> list[str]:
    return [scope for value in values for scope in value.replace(",", " ").split()]


class Command(BaseCommand):
    """An entrance to `alumni.accounts.tokens`."""

    help = "API tokens: create NAME, client NAME, list, revoke NAME."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="a ready token; it stands alone on the last line, this once")
        create.add_argument("name")
        create.add_argument("--days", type=int, default=365)
        whose = create.add_mutually_exclusive_group(required=True)
        whose.add_argument("--scope", action="append", help=f"for a program: {', '.join(SCOPES)}")
        whose.add_argument("--user", metavar="E-MAIL", help="acts for this person of HR")
        whose.add_argument("--member", metavar="E-MAIL", help="acts for this member (tests, support)")
        client = actions.add_parser("client", help="an id and secret to fetch tokens with at /identity/o/api/token")
        client.add_argument("name")
        client.add_argument("--scope", action="append", required=True)
        actions.add_parser("list", help="every token: whose, until when, last used on which day")
        revoke = actions.add_parser("revoke", help="end every token of this name at once")
        revoke.add_argument("name")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:
        try:
            getattr(self, f"_{action}")(**options)
        except KringError as error:
            raise CommandError(error.message) from error

    def _create(
        self, *, name: str, days: int, scope: list[str] | None, user: str | None, member: str | None, **_: Any
    ) -> None:
        if scope is not None:
            value = tokens.create_client_token(name=name, scopes=_scopes(scope), days=days)
        else:
            person = tokens.person_of_hr(user) if user is not None else tokens.user_of_member(member or "")
            value = tokens.create_person_token(user=person, name=name, days=days)
        self.stdout.write(f"{name}, valid for {days} days. Keep it well: it is not shown again.")
        self.stdout.write(value)

    def _client(self, *, name: str, scope: list[str], **_: Any) -> None:
        identifier, secret = tokens.create_client(name=name, scopes=_scopes(scope))
        self.stdout.write("Keep the secret well: it is not shown again.")
        self.stdout.write(f"client_id={identifier}")
        self.stdout.write(f"client_secret={secret}")

    def _list(self, **_: Any) -> None:
        table = Table("name", "acts for", "scopes", "until", "last used", "revoked")
        for row in ApiToken.objects.select_related("token", "user").order_by("name", "pk"):
            whose = row.user.email if row.user else "a program"
            scopes = " ".join(row.token.get_scopes()) or "by role"
            until, used = f"{row.token.expires_at:%Y-%m-%d}", str(row.last_used_on or "never")
            table.add_row(row.name, whose, scopes, until, used, f"{row.revoked_at:%Y-%m-%d}" if row.revoked_at else "")
        Console(file=cast("IO[str]", self.stdout), width=None if self.stdout.isatty() else 200).print(table)

    def _revoke(self, *, name: str, **_: Any) -> None:
        if not tokens.revoke(name=name):
            raise CommandError(f"There is no live token or client called {name}. See: manage.py token list")
        self.stdout.write(f"{name}: revoked. It opens nothing from now on.")
