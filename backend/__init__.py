"""The roof: wiring that may import everything and is imported by nobody. No domain here."""

from backend import checks  # noqa: F401  registers them
from backend.celery import app as celery_app

__all__ = ["celery_app"]
