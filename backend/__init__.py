"""The roof: wiring that may import everything and is imported by nobody. No domain here."""

from backend.celery import app as celery_app

# isort: split
from backend import checks  # noqa: F401  registers them; after the line that names the settings

__all__ = ["celery_app"]
