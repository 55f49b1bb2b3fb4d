"""How fast digests go out: `digest_run.py`, on both databases."""

from benchmarks.servers import Figures, measured, places


def measure() -> Figures:
    """What `digest_run.py` says of itself, side by side."""
    figures: Figures = {}
    with places() as servers:
        for place in servers:
            for what, figure in measured(place.fresh(), "-m", "benchmarks.digest_run").items():
                figures.setdefault(what, {})[place.name] = figure
    return figures
