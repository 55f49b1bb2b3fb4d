"""Does a ledger hold together? Says in words what is wrong, and with which event.

Needs the standard library, the lines of an export and, to see a tail that was cut off, a head that was kept elsewhere;
no Django and no database:

    python -m alumni.consent.verifier LEDGER.jsonl --head HEAD.json

Memory does not grow with the number of events. What each digest is taken over is written in `record_shape.py`.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alumni.consent.canonical import digest

FORMAT = "kring-ledger/1"
NOTHING_BEFORE = "0" * 64
# So many problems are told in full; a ledger with more is beyond reading line by line.
TOLD = 50

Head = dict[str, Any]


@dataclass
class Report:
    """What was found: `problems` in words, the first of them; `wrong` counts all."""

    events: int = 0
    blanked: int = 0
    wrong: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Note a problem."""
        self.wrong += 1
        if len(self.problems) < TOLD:
            self.problems.append(problem)


@dataclass
class _Chain:
    """Where the reading stands."""

    report: Report
    head: Head | None
    frames: dict[str, dict[str, Any]] = field(default_factory=dict)
    seq: int = 0
    hash: str = NOTHING_BEFORE
    closing_head: Head | None = None

    def frame(self, line: dict[str, Any]) -> None:
        notice = line["frame"]["processing"][0]["privacy_notice"]
        self.frames[line["frame_sha256"]] = line["frame"]
        named = f"The notice {notice['notice_id']} {notice['version']}"
        if digest(line["frame"]) != line["frame_sha256"]:
            self.report.add(f"{named} was changed: it does not fit its digest.")
        if hashlib.sha256(notice["text"].encode()).hexdigest() != notice["sha256"] or line["text"] != notice["text"]:
            self.report.add(f"{named}: its text was changed; it does not fit the SHA-256 in it.")

    def event(self, line: dict[str, Any]) -> None:
        event, ext = line["event"], line["event"]["ext"]
        seq, named = ext["seq"], f"Event {ext['seq']}"
        self._place(seq, ext["prev_hash"])
        if line["seq"] != seq:
            self.report.add(f"{named} stands in the place of event {line['seq']}.")
        hashed = {name: value for name, value in ext.items() if name not in {"hash", "person", "link"}}
        if digest({**event, "ext": hashed}) != ext["hash"]:
            self.report.add(f"{named} was changed: it does not fit its own hash.")
        self._record(line, named)
        for part in ("person", "link"):
            if ext[part] is not None and digest(ext[part]) != ext[f"{part}_sha256"]:
                self.report.add(f"{named}: the evidence ({part}) was changed; it does not fit its digest.")
        self.report.events += 1
        self.report.blanked += ext["person"] is None and ext["link"] is None
        self.seq, self.hash = seq, ext["hash"]
        if self.head is not None and seq == self.head["seq"] and ext["hash"] != self.head["hash"]:
            self.report.add(f"{named} is not the one that the head knows: the ledger was written anew up to there.")

    def _place(self, seq: int, prev_hash: str) -> None:
        if seq == self.seq + 1:
            if prev_hash != self.hash:
                before = f"event {self.seq}" if self.seq else "the beginning"
                self.report.add(
                    f"Event {seq} does not follow {before}: one of the two was put in, replaced or changed."
                )
        elif seq > self.seq + 1:
            gone = f"Event {self.seq + 1} is" if seq == self.seq + 2 else f"Events {self.seq + 1} to {seq - 1} are"
            self.report.add(f"{gone} missing: after {self.seq} comes {seq}.")
        else:
            self.report.add(f"Event {seq} stands after event {self.seq}: it was moved or put in twice.")

    def _record(self, line: dict[str, Any], named: str) -> None:
        frame = self.frames.get(line["frame_sha256"])
        if frame is None:
            self.report.add(f"{named}: the notice that it was given on is missing.")
            return
        if digest({**line["record"], **frame}) != line["event"]["ext"]["record_sha256"]:
            self.report.add(
                f"{named}: its record was changed or is another's; person, notice, purpose and parties do not fit "
                f"the digest in the event."
            )
        if line["purpose"] != frame["processing"][0]["purpose"]:
            self.report.add(f"{named} says {line['purpose']}; its record says {frame['processing'][0]['purpose']}.")
        if line["pii_principal_id"] != line["record"]["pii_principal_id"]:
            self.report.add(f"{named} names another person than its record.")

    def end(self) -> None:
        for head in (self.closing_head, self.head):
            if head is not None and head["seq"] > self.seq:
                self.report.add(
                    f"The end is cut off: the head of {head.get('time', 'now')} knows {head['seq']} events, "
                    f"the ledger ends at {self.seq}."
                )
                return
        if self.closing_head is None:
            self.report.add("The file is cut off: its last line is no head.")
        elif (self.closing_head["seq"], self.closing_head["hash"]) != (self.seq, self.hash):
            self.report.add(
                f"The ledger ends with event {self.seq}, its head says {self.closing_head['seq']}: "
                f"the last event was changed, or events were put in behind it."
            )


def verify(
    lines: Iterable[dict[str, Any]], *, head: Head | None = None, progress: Callable[[int], None] | None = None
) -> Report:
    """Check the lines of an export, from a file or straight from the database, against themselves and a kept head."""
    report = Report()
    chain = _Chain(report, head)
    for number, line in enumerate(lines, start=1):
        try:
            if number == 1 and line.get("ledger") != FORMAT:
                report.add(f"This is no ledger export: the first line does not say {FORMAT}.")
                return report
            if "event" in line:
                chain.event(line)
            elif "frame" in line:
                chain.frame(line)
            elif "head" in line:
                chain.closing_head = line["head"]
            elif number > 1:
                report.add(f"Line {number} is nothing that a ledger holds.")
        except (KeyError, TypeError, IndexError, AttributeError, ValueError):
            report.add(f"Line {number} is damaged: fields are missing or of another kind.")
        if progress is not None and number % 1000 == 0:
            progress(number)
    chain.end()
    return report


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of an export file; a line that is no JSON object comes as an empty one, which the check names."""
    with path.open("rb") as file:
        for raw in file:
            try:
                line = json.loads(raw)
            except ValueError:
                line = None
            yield line if isinstance(line, dict) else {}


def main(arguments: list[str]) -> int:
    """The command line: 0 when the ledger holds together, 1 when it does not."""
    parser = argparse.ArgumentParser(prog="verifier", description="Checks an exported consent ledger.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--head", type=Path, help="a head that was kept elsewhere")
    options = parser.parse_args(arguments)
    head = json.loads(options.head.read_text()) if options.head else None
    report = verify(read(options.export), head=head)
    for problem in report.problems:
        print(problem)  # noqa: T201
    told = f"{report.wrong} wrong." if report.wrong else "Every event is in its place and unchanged."
    print(f"{report.events} events, {report.blanked} of them without evidence (erased). {told}")  # noqa: T201
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
