"""Bring in a vacancy feed."""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import CommandError
from django.utils import translation
from django_rich.management import RichCommand
from rich.markup import escape
from rich.progress import Progress

from alumni.accounts.models import User
from backend.http.errors import KringError
from notifications.audiences.models import Audience
from notifications.posts import vacancy_feed, vacancy_import
from notifications.posts.content import UNITS
from notifications.posts.models import Kind, Visibility
from notifications.posts.vacancy_feed import Feed
from notifications.posts.vacancy_import import Report, Rules

COUNTED = ("created", "changed", "unchanged", "published", "closed", "held", "wrong")


class Command(RichCommand):
    """Reads the feed, then applies it row by row. Bad rows are named and skipped; only an unreadable file fails (1)."""

    help = "Import vacancies from a CSV feed: the same file again changes nothing, what went away is closed."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with Job ID, Title, Final URL, Salary, Contextual keywords, …")
        parser.add_argument("--submit-as", required=True, metavar="E-MAIL", help="who of HR submits them")
        parser.add_argument("--approve-as", required=True, metavar="E-MAIL", help="who of HR, another, approves them")
        parser.add_argument("--source", help="ids are unique within one (default: the host of the links)")
        parser.add_argument(
            "--pay-period",
            choices=UNITS[Kind.VACANCY],
            default="month",
            help="what pay is for where the feed does not say (default: %(default)s)",
        )
        parser.add_argument("--audience", default="everybody", help="code of the audience (default: %(default)s)")
        parser.add_argument("--visibility", choices=Visibility.values, default=Visibility.PUBLIC)
        parser.add_argument("--language", default="nl", help="language of the feed (default: %(default)s)")
        parser.add_argument("--publish", action="store_true", help="publish what is approved")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        with translation.override("en"):  # an operator's command, in one language throughout
            self._handle(options)

    def _handle(self, options: dict[str, Any]) -> None:
        path, is_dry_run = options["file"], options["dry_run"]
        try:
            feed = vacancy_feed.read(path.read_bytes())
            rules = self._rules(feed, options)
            with Progress(console=self.console, disable=not self.console.is_terminal, transient=True) as bar:
                task = bar.add_task(path.name, total=len(feed.vacancies))
                report = vacancy_import.run(feed, rules, dry_run=is_dry_run, on_row=lambda: bar.advance(task))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except KringError as error:
            raise CommandError(error.message) from error
        self._report(feed, report, rules, is_dry_run=is_dry_run)

    def _rules(self, feed: Feed, options: dict[str, Any]) -> Rules:
        audience = Audience.objects.filter(code=options["audience"]).first()
        if audience is None:
            raise CommandError(f"There is no audience {options['audience']!r}.")
        hosts = Counter(urlsplit(vacancy.url).hostname or "" for vacancy in feed.vacancies)
        return Rules(
            source=options["source"] or next((host for host, _n in hosts.most_common() if host), "vacancies"),
            submit_as=self._person(options["submit_as"]),
            approve_as=self._person(options["approve_as"]),
            audience=audience,
            pay_period=options["pay_period"],
            language=options["language"],
            visibility=options["visibility"],
            publish=options["publish"],
        )

    def _person(self, email: str) -> User:
        user = User.objects.filter(email=email.strip().lower(), is_staff=True, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody of HR has the address {email}. Appoint them with manage.py staff.")
        return user

    def _report(self, feed: Feed, report: Report, rules: Rules, *, is_dry_run: bool) -> None:
        for line, title, sentence in sorted(report.held):
            self._say(f"Line {line}, {title}: held. {sentence}")
        for line, title, sentence in sorted(report.wrong):
            self._say(f"Line {line}{title and ', '}{title}: skipped. {sentence}")
        for finding in report.findings:
            self._say(finding)
        counts = ", ".join(f"{name} {report.counts[name]}" for name in COUNTED)
        verb = "would be" if is_dry_run else "are"
        self._say(f"{feed.rows} rows of {rules.source}, {len(feed.vacancies)} vacancies; {verb}: {counts}.")

    def _say(self, text: str) -> None:
        # Titles come from a file: their square brackets are no markup, and lines are not cut to the terminal.
        self.console.print(escape(text), highlight=False, soft_wrap=True)
