"""What the launcher says once everything answers: where to look, who to be, and lines to paste."""

from pathlib import Path
from typing import Any


def welcome(*, url: str, log_dir: Path, demo: dict[str, Any], mailbox: bool) -> str:
    """The text. `demo` is what `manage.py demo --json` printed: {"tokens": {who: token}, "staff": {who: address}}."""
    places = [("Back office", f"{url}/office/")]
    if mailbox:
        places.append(("Mailbox", f"{url}/mailbox/"))
    places += [("Sign up", f"{url}/join/"), ("API", f"{url}/api/docs/"), ("Logs", f"{log_dir}/")]
    lines = ["", "Kring runs. Ctrl-C stops it.", ""]
    lines += [f"  {name:<16} {place}" for name, place in places]
    if not demo.get("tokens"):
        lines += ["", "  Nobody can log in yet? manage.py staff E-MAIL --name NAME --role administrator"]
        return "\n".join([*lines, ""])
    lines += ["", "Log in without a password: type an address, then read the code in the mailbox."]
    lines += [f"  {who:<16} {address}" for who, address in demo["staff"].items()]
    lines += ["", "Tokens, new at each start; the last ones are revoked:"]
    lines += [f"  {who:<16} {token}" for who, token in demo["tokens"].items()]
    lines += ["", "To paste:"]
    lines += [f"  {line}" for line in curl_lines(url, demo["tokens"])]
    return "\n".join([*lines, ""])


def curl_lines(url: str, tokens: dict[str, str]) -> list[str]:
    """Three calls that work as they stand: an integration reads digests and editions, an author writes a gig."""
    gig = (
        '{"audience": "freelancers", "texts": {"nl": {"title": "Databasespecialist voor drie maanden",'
        ' "summary": "Wij zetten een planning over.", "body": "Je maakt de overgang met ons team."}},'
        ' "terms": {"pay": {"min": "80.00", "max": "95.00", "currency": "EUR", "unit": "hour"}, "place": "Utrecht"},'
        ' "skills": [{"name": "PostgreSQL"}]}'
    )

    def curl(who: str, path: str, more: str = "") -> str:
        return f"curl -s -H 'Authorization: Bearer {tokens[who]}' {more}'{url}/api/v1{path}'"

    return [
        curl("integration", "/editions/"),
        curl("integration", "/digests/?page_size=3"),
        curl("author", "/gigs/", f"-H 'Content-Type: application/json' -d '{gig}' "),
        curl("approver", "/posts/?state=in_review"),
    ]
