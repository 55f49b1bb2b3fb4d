"""One run of digests, measured in a process of its own, on the database that the environment names.

    python -m benchmarks.digest_run [MEMBERS]

Makes a network of 10,000 members and 140 posts, plans and hands over their digests to a mail server on this machine
that throws all away, first for a fifth of them and then for the rest. Then composes some of the same digests in the
usual Django way: templates and EmailMultiAlternatives. The last line is a JSON object of the figures.
"""

import datetime as dt
import json
import multiprocessing
import os
import random
import resource
import socketserver
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.mail import EmailMultiAlternatives  # noqa: E402
from django.db import connection  # noqa: E402
from django.template import Context, Template  # noqa: E402
from django.utils import timezone  # noqa: E402

from alumni.accounts.models import Organisation  # noqa: E402
from alumni.consent.models import ConsentState  # noqa: E402
from alumni.members.models import FreelanceProfile, Member, MemberSkill, Skill  # noqa: E402
from notifications.audiences.models import Audience  # noqa: E402
from notifications.digests import bulk, deliver, fragments, handoff, runs  # noqa: E402
from notifications.digests.compose import Composer  # noqa: E402
from notifications.digests.models import Digest, Preference, Run  # noqa: E402
from notifications.posts.models import Post, PostText, PostVersion, VersionSkill, WorkTerms  # noqa: E402

POSTS = 140
SKILLS = 60
PURPOSES = ("gigs", "vacancies", "updates", "matching")
USUAL_WAY = 300
WORDS = ["meten", "water", "team", "project", "data", "zorg", "klant", "groei", "advies", "systeem", "regio", "dienst"]


# --- a mail server that throws all away, in a process of its own


class Sink(socketserver.StreamRequestHandler):
    """As much SMTP as a sender needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            self.wfile.write(b"250-sink\r\n250 PIPELINING\r\n" if verb == b"EHLO" else b"250 2.0.0 ok\r\n")
            if verb == b"QUIT":
                return


class SinkServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def sink() -> Iterator[int]:
    """Gives its port."""
    server = SinkServer(("127.0.0.1", 0), Sink)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield server.server_address[1]
    finally:
        process.terminate()
        server.server_close()


# --- a network


def make_posts(rnd: random.Random, skills: list[int]) -> None:
    """A third gigs, a third vacancies, a third news; four skills each."""
    everybody = Audience.objects.get(code="everybody")
    for number in range(POSTS):
        kind = ("gig", "vacancy", "update")[number % 3]
        post = Post.objects.create(kind=kind, slug=f"post-{number}", audience=everybody)
        version = PostVersion.objects.create(post=post, number=1, approved_at=timezone.now())
        words = [" ".join(rnd.choices(WORDS, k=length)) for length in (6, 55, 20)]
        PostText.objects.create(
            version=version, language="nl", title=words[0].capitalize(), summary=f"{words[1].capitalize()}.",
            why=words[2] if kind == "update" else "", apply_url=f"https://werk.example/{number}",
        )  # fmt: skip
        if kind != "update":
            unit, pay = ("hour", (85, 95)) if kind == "gig" else ("month", (3150, 3900))
            WorkTerms.objects.create(
                version=version, pay_min=pay[0], pay_max=pay[1], unit=unit, place="Utrecht", hours_min=24
            )
        for skill in rnd.sample(skills, 4):
            VersionSkill.objects.create(version=version, skill_id=skill, required=rnd.random() < 0.3)
        Post.objects.filter(pk=post.pk).update(
            state="published", current_version=version, published_at=timezone.now() - dt.timedelta(hours=number + 1)
        )


def make_members(rnd: random.Random, skills: list[int], n: int) -> None:
    """Everybody joined, most agreed to most; in small chunks, so that making them is not what takes memory."""
    now = timezone.now()
    for start in range(0, n, 500):
        members = []
        for number in range(start, min(start + 500, n)):
            member = Member(
                given_name=f"Zoë{number}", family_name="de Vries", email=f"m{number}@x.example", city="Utrecht",
                is_alumnus=True, is_freelancer=number % 2 == 0, joined_at=now,
            )  # fmt: skip
            member.derive()
            members.append(member)
        ids = [member.pk for member in Member.objects.bulk_create(members)]
        states = [[pk, purpose, "given", 1, now, 1, None] for pk in ids for purpose in PURPOSES if rnd.random() < 0.85]
        columns = ("member_id", "purpose", "state", "event_seq", "event_time", "notice_version", "valid_until")
        bulk.insert(ConsentState, columns, states)
        listed = [[pk, skill] for pk in ids for skill in rnd.sample(skills, 4)]
        bulk.insert(MemberSkill, ("member_id", "skill_id"), listed)
        bulk.insert(Preference, ("member_id", "frequency", "weekday", "hour", "next_due", "version"),
                    [[pk, "weekly", 2, 9, now + dt.timedelta(days=1), 1] for pk in ids])  # fmt: skip
        FreelanceProfile.objects.bulk_create(
            [FreelanceProfile(member_id=pk, available_from=now.date(), hours_max=24) for pk in ids[::2]]
        )


def make_network(n: int) -> None:
    rnd = random.Random(7)
    Organisation.objects.create(
        pk=1, name="Maasveld", network_name="Maasveld-netwerk", street="Keulsekade 140", postcode="3532 AA",
        city="Utrecht", company_number="12345678", sender_name="Marieke de Boer", sender_role="HR",
        from_email="netwerk@maasveld.example", reply_to="netwerk@maasveld.example", languages=["nl"],
    )  # fmt: skip
    skills = [Skill.objects.create(name=f"Vaardigheid {k}", key=f"vaardigheid{k}").pk for k in range(SKILLS)]
    make_posts(rnd, skills)
    make_members(rnd, skills, n)


# --- measuring


class Clock:
    """Seconds spent in some functions, and statements sent to the database."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.statements = 0

    def over(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time added up under `name`."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - began

        return timed

    def count(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.statements += 1
        return execute(*args)


def measure_run(clock: Clock) -> tuple[Run, int, int]:
    """One run over who is due; (the run, statements to plan, statements to hand over)."""
    with connection.execute_wrapper(clock.count):
        before = clock.statements
        run = runs.start()
        clock.over("plan", runs.plan_all)(run)
        planned = clock.statements
        clock.over("all of hand over", deliver.hand_over_all)()
        handed = clock.statements
    runs.finish_ended()
    run.refresh_from_db()
    return run, planned - before, handed - planned


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def usual_way(n: int) -> tuple[float, float]:
    """Seconds to compose the same `n` digests with our pieces, and in the usual Django way."""
    organisation = Organisation.objects.get()
    parcels = handoff.parcels(list(Digest.objects.order_by("pk")[:n]))
    composer = Composer(organisation)
    handoff.compose(parcels, composer)  # each post is rendered here, once
    began = time.process_time()
    handoff.compose(parcels, composer)
    ours = time.process_time() - began
    names = {
        name: f"{{{{ item.{name} }}}}" for name in ("title", "pay", "facts", "summary", "reason", "button", "deadline")
    }
    frame = fragments.compiled("digests/frame.mjml", {
        "language": "nl", "subject": "{{ subject }}", "preheader": "{{ subject }}", "greeting": "Dag {{ name }},",
        "items": fragments.mark("items"), "unsubscribe": "{{ link }}", "preferences": "{{ link }}#preferences",
        "sender": organisation.sender_name, "regards": "Groet,", "why": "{{ why }}", "reply_to": organisation.reply_to,
    })  # fmt: skip
    item = fragments.cut(fragments.compiled("digests/item.mjml", {**names, "url": "{{ item.url }}"}))[0]
    loop = "{% for item in items %}" + item + "{% endfor %}"
    html = Template(frame.replace(str(fragments.mark("items")), loop))
    text = Template(
        "Dag {{ name }},\n{% for item in items %}\n{{ forloop.counter }}. {{ item.title }}\n"
        "{{ item.pay }}{{ item.facts }}\n"
        "{{ item.summary }}\n{{ item.reason }}\n{{ item.url }}\n{% endfor %}\n{{ why }}\n{{ link }}\n"
    )
    began = time.process_time()
    for parcel in parcels:
        _usual(parcel, organisation, html, text)
    return ours, time.process_time() - began


def _usual(parcel: handoff.Parcel, organisation: Organisation, html: Template, text: Template) -> bytes:
    items = [
        {"title": "Meten water team project data zorg", "pay": "€ 85 tot € 95 per uur", "facts": ", excl. btw.",
         "summary": " ".join(WORDS * 4), "reason": "Past bij jou omdat je Vaardigheid 7 noemt.", "button": "Bekijk",
         "deadline": "", "url": f"https://werk.example/{item.post.pk}"}
        for item in parcel.items
    ]  # fmt: skip
    link = f"https://netwerk.example/u/{parcel.digest.uid}"
    context = Context(
        {"subject": parcel.composed.subject, "name": parcel.member.given_name, "items": items, "link": link}
    )
    message = EmailMultiAlternatives(
        parcel.composed.subject, text.render(context), organisation.from_email, [parcel.member.email],
        headers={"List-Unsubscribe": f"<{link}>"},
    )  # fmt: skip
    message.attach_alternative(html.render(context), "text/html")
    return message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]


def main(n: int) -> dict[str, Any]:
    """The figures, each with what it is."""
    make_network(n)
    clock = Clock()
    handoff.compose = clock.over("compose", handoff.compose)  # type: ignore[assignment]
    first, rest = n // 5, n - n // 5
    ids = list(Member.objects.order_by("pk").values_list("pk", flat=True)[:first])
    with sink() as port:
        settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_TLS = "127.0.0.1", port, "none"
        Preference.objects.filter(member_id__lte=ids[-1]).update(next_due=timezone.now())
        small, plan_small, hand_small = measure_run(clock)
        mb_small = peak_mb()
        clock.seconds.clear()
        Preference.objects.filter(member_id__gt=ids[-1]).update(next_due=timezone.now())
        large, plan_large, hand_large = measure_run(clock)
    digests = Digest.objects.filter(run=large, state="handed_over").count()
    assert digests == large.counts["digests"], "not all digests were handed over"
    ours, usual = usual_way(USUAL_WAY)
    wire = clock.seconds["all of hand over"] - clock.seconds["compose"]
    whole = clock.seconds["plan"] + clock.seconds["all of hand over"]

    def statements(plan: int, hand: int, run: Run) -> str:
        return f"plan {plan / run.members_seen * 1000:.0f}, hand over {hand / run.members_seen * 1000:.0f}"

    return {
        "members x posts": f"{rest:,} x {POSTS}",
        "digests, with items": f"{digests:,}, {large.counts['items']:,}",
        "plan, digests/s": round(digests / clock.seconds["plan"]),
        "compose, digests/s": round(digests / clock.seconds["compose"]),
        "hand over, digests/s": round(digests / wire),
        "all of it, digests/s": round(digests / whole),
        "compose, times the usual Django way": f"{usual / ours:.0f}x",
        f"statements per 1,000 members, {first:,} members": statements(plan_small, hand_small, small),
        f"statements per 1,000 members, {rest:,} members": statements(plan_large, hand_large, large),
        f"peak memory, {first:,} members": f"{mb_small:.0f} MB",
        f"peak memory, {rest:,} members": f"{peak_mb():.0f} MB",
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000), ensure_ascii=False))
