"""The app of the messages."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _after_migrate(using: str, **_kwargs: Any) -> None:
    from notifications.rooms import modules

    for module in modules("after_migrate"):
        module.after_migrate(using=using)


class NotificationsConfig(AppConfig):
    """Loads what listens and checks when Django starts; after each migrate sets the rows and triggers that must be."""

    name = "notifications"
    verbose_name = _("Posts and digests")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications.rooms import modules

        modules("receivers")
        modules("checks")
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="notifications.after_migrate")
