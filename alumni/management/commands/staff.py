"""`manage.py staff E-MAIL --role administrator`: appoint somebody of HR."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alumni.accounts.roles import Role
from alumni.accounts.staff import appoint
from backend.http.errors import KringError


class Command(BaseCommand):
    """An entrance to `alumni.accounts.staff`."""

    help = "Make somebody a person of HR, with these roles. They log in with a code by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, dest="roles")

    def handle(self, *_args: Any, email: str, name: str, roles: list[str], **_options: Any) -> None:
        try:
            user = appoint(email=email, name=name, roles=roles)
        except KringError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{user.email}: {', '.join(sorted(roles))}. Log in at /office/ with a code by mail.")
