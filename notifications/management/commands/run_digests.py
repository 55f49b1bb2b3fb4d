"""Plan and hand over the digests that are due, here and now."""

import argparse
from collections import Counter
from typing import Any

from django.core.management.base import CommandError
from django_rich.management import RichCommand
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backend.http.errors import KringError
from notifications.digests import deliver, runs
from notifications.digests.models import Digest, DigestState, Run, RunPost, RunState


class Command(RichCommand):
    """Does the whole run itself: no worker is needed, and none is in the way."""

    help = "Run the digests that are due. --now sends; --dry-run counts, by reason, and nothing leaves."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--now", action="store_true", help="plan and hand over, and wait until it is done")
        what.add_argument("--dry-run", action="store_true", help="say who would get what, send nothing")
        parser.add_argument(
            "--everybody",
            action="store_true",
            help="also members who are not due yet, but not within a week of their last digest (in a demo: all)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            run = runs.start(everybody=options["everybody"], dry_run=options["dry_run"])
        except KringError as error:
            raise CommandError(error.message) from error
        with self._bar() as bar:
            planning = bar.add_task("Planning", total=None)
            if not runs.plan_all(run, after_chunk=lambda: bar.update(planning, completed=run.members_seen)):
                raise CommandError("Another worker took this run over; see it in the back office.")
            bar.update(planning, total=run.members_seen, completed=run.members_seen)
            if not run.is_dry_run:
                handing = bar.add_task("Handing over", total=run.counts["digests"])
                deliver.hand_over_all(run, after_batch=lambda n: bar.advance(handing, n))
        runs.finish_ended()
        run.refresh_from_db()
        self._report(run)

    def _bar(self) -> Progress:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.console, disable=not self.console.is_terminal, transient=True)

    def _report(self, run: Run) -> None:
        self._say(f"{run.members_seen} members were due, {run.empty} of them had nothing new.")
        if run.is_dry_run:
            self._say(
                f"{run.counts['digests']} digests with {run.counts['items']} posts would go out. Nothing has left."
            )
        states = Counter(Digest.objects.filter(run=run).values_list("state", flat=True))
        for state, n in sorted(states.items()):
            self._say(f"  {n} {DigestState(state).label}")
        pairs: Counter[str] = Counter()
        for outcome, n in RunPost.objects.filter(run=run).values_list("outcome", "n"):
            pairs[outcome] += n
        if pairs:
            self._say(
                "Per post and member of its audience: " + ", ".join(f"{n} {o}" for o, n in pairs.most_common()) + "."
            )
        if run.state == RunState.RUNNING:
            self._say("What waits is tried again by the worker, or by this command.")

    def _say(self, text: str) -> None:
        self.console.print(escape(text), soft_wrap=True, highlight=False)
