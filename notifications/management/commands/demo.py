"""The demonstration: a company, its people, its posts."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications.demo import network
from notifications.demo.people import STAFF


class Command(BaseCommand):
    """Makes the demonstration where nothing is yet, and new tokens each time."""

    help = (
        "Fill an empty database with a made-up company. Where the demonstration stands already, only its tokens are "
        "renewed; in a database with somebody's own network nothing is done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="throw the demonstration away first")
        parser.add_argument("--json", action="store_true", help="say it in one line of JSON")

    def handle(self, **options: Any) -> None:
        if options["reset"]:
            try:
                network.wipe()
            except network.NotTheDemo as error:
                raise CommandError(str(error)) from error
        made = network.is_empty()
        if made:
            network.make()
        here = made or network.exists()
        tokens = network.renew_tokens() if here else {}
        staff = {role: email for role, (email, _name) in STAFF.items()} if here else {}
        if options["json"]:
            self.stdout.write(json.dumps({"made": made, "tokens": tokens, "staff": staff}))
            return
        self.stdout.write("The demonstration was made." if made else "The demonstration stands." if here else
                          "This database holds somebody's own network: nothing was done.")  # fmt: skip
        for who, token in tokens.items():
            self.stdout.write(f"  {who:<12} {token}")
