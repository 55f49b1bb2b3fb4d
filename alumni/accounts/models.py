"""Users, their tokens, and the company itself."""

from typing import Any, ClassVar

from allauth.idp.oidc.models import Token
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from alumni.accounts.uid import PublicId

__all__ = ["ApiToken", "IdempotentReply", "Organisation", "Session", "User"]


class UserManager(BaseUserManager["User"]):
    """Makes users without a password: everybody logs in with a code by mail."""

    def create_user(self, email: str, **fields: Any) -> "User":
        """Store a user under the normalised address."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, **fields: Any) -> "User":
        """An operator who may do everything in the back office."""
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(PublicId, AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in: a person of HR (is_staff), or a member once they have opted in."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("works in the back office"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class ApiToken(models.Model):
    """What allauth's token row lacks: a name, the day of last use, and when it was revoked.

    `user` is set for a person token (it acts for one human) and null for a client's.
    """

    token = models.OneToOneField(Token, on_delete=models.CASCADE, related_name="api_token")
    name = models.CharField(_("name"), max_length=100)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(_("last used on"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """The company itself. One row; without a postal address nothing is sent."""

    name = models.CharField(_("name"), max_length=150)
    network_name = models.CharField(_("name of the network"), max_length=150)
    street = models.CharField(_("street and number"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NL")
    company_number = models.CharField(_("KvK or enterprise number"), max_length=20, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    sender_name = models.CharField(_("name of the sender"), max_length=100)
    sender_role = models.CharField(_("role of the sender"), max_length=100, blank=True)
    from_email = models.EmailField(_("sends from"))
    reply_to = models.EmailField(_("answers go to"))
    privacy_email = models.EmailField(_("privacy contact"))
    mail_processor = models.CharField(_("who hands the mail over"), max_length=150, blank=True)
    mail_processor_place = models.CharField(_("where that is"), max_length=100, blank=True)
    languages = models.JSONField(_("languages"), default=list)
    allow_post_exit_invite = models.BooleanField(
        _("invite people who did not say yes at their exit"),
        default=False,
        help_text=_("In the Netherlands a mail that asks for consent needs an earlier yes. Ask your privacy officer."),
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="organisation_one_row")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_postal_address(self) -> bool:
        """Whether mail may leave at all: each mail names who sends it and from where (law: Tw 11.7, WER XII.13)."""
        return bool(self.street and self.postcode and self.city)

    @property
    def postal_address(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}".strip(", ")


class Session(AbstractBaseSession):
    """A login session. Its key column holds the SHA-256 of the key, so that a stolen database opens no session."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")

    class Meta(AbstractBaseSession.Meta):
        abstract = False


class IdempotentReply(models.Model):
    """The answer that was given to a POST with an Idempotency-Key, so that a repeat gets the same and does nothing."""

    caller = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # null: still being worked on
    body = models.TextField(blank=True)  # JSON as it was sent: text, so that an erasure finds names and addresses in it
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotent_reply_once")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
