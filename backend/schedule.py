"""Every periodic job on one page: when, until when a late one is dropped, and why.

Crontabs, not intervals: an interval starts anew at each deploy and may never run. Each sweep finds its work in the
database, so running twice, or not at all for a while, does no harm.
"""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    # Service mail that no worker was woken for, or whose retry is due.
    "deliver-service-mail": {
        "task": "notifications.mail.tasks.sweep",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    # Digests: plan what is due, go on with runs that a crash left, hand over what waits.
    "run-digests": {
        "task": "notifications.digests.tasks.sweep",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    # This week's editions; after Sunday midnight the last refresh, which makes them final.
    "refresh-editions": {
        "task": "notifications.digests.tasks.refresh_editions",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 840},
    },
    # Imports that a crash left half applied.
    "continue-imports": {
        "task": "alumni.joining.tasks.sweep",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 290},
    },
    # Sign-ups that were never confirmed (7 days), import rows (30 days), imported people who never answered (30 days).
    "purge-joining": {
        "task": "alumni.joining.tasks.purge",
        "schedule": crontab(minute="20", hour="2"),
        "options": {"expires": 3600},
    },
    # Consents past their term become `expired` in the ledger.
    "expire-consents": {
        "task": "alumni.consent.tasks.expire",
        "schedule": crontab(minute="40", hour="2"),
        "options": {"expires": 3600},
    },
    # Posts whose closing date has passed.
    "close-posts": {
        "task": "notifications.posts.tasks.close_due",
        "schedule": crontab(minute="5"),
        "options": {"expires": 3000},
    },
    # Answers kept for Idempotency-Key, expired sessions and tokens.
    "purge-accounts": {
        "task": "alumni.accounts.tasks.purge",
        "schedule": crontab(minute="50", hour="2"),
        "options": {"expires": 3600},
    },
}
