"""`make bench`: measures what the README claims, and prints it as one table a figure.

    python -m benchmarks                      all of them
    python -m benchmarks start import digest  those that are named

Each runs in processes of its own on databases of its own, SQLite and PostgreSQL as they come, in a temporary folder.
"""

import platform
import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from benchmarks import digest_figures, first_digest, import_figures
from benchmarks.servers import Figures

FIGURES: dict[str, tuple[str, Callable[[], Figures]]] = {
    "start": ("From a clone to the first digest in the mailbox, with the packages in the cache", first_digest.measure),
    "import": ("Import of a CSV of leavers: our code, and the same rows by the bare driver", import_figures.measure),
    "digest": ("One run of digests", digest_figures.measure),
}


def main(names: list[str]) -> int:
    """Exit 2 for a figure that does not exist."""
    if unknown := set(names) - set(FIGURES):
        print(f"There is no figure {', '.join(sorted(unknown))}. Known: {', '.join(FIGURES)}.")
        return 2
    console = Console(width=110)
    for name in names or FIGURES:
        title, measure = FIGURES[name]
        console.print(f"\n[bold]{title}[/]", highlight=False)
        show(console, measure())
    console.print(f"\nPython {platform.python_version()}, {platform.machine()}. One run each: take ratios, not digits.")
    return 0


def show(console: Console, figures: Figures) -> None:
    """One line a figure, one column a place where it was measured."""
    places = list(dict.fromkeys(place for row in figures.values() for place in row))
    table = Table(show_edge=False)
    table.add_column("")
    for place in places:
        table.add_column(place, justify="right")
    for what, row in figures.items():
        table.add_row(what, *(str(row.get(place, "")) for place in places))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
