"""The account of a person who works here: email login, own language and time zone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an account that may enter the admin site's pages according to its queues."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an administrator."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """An agent, a supervisor or the administrator; roles per queue are QueueMembership rows."""

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        FRENCH = "fr", _("French")

    class Theme(models.TextChoices):
        AUTO = "", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, blank=True)
    sound = models.BooleanField(_("sound for new work"), default=False)
    coach = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="coached",
        verbose_name=_("coach"),
        help_text=_("Sees this person's own figures with them."),
    )
    is_superuser = models.BooleanField(
        _("administrator"), default=False, help_text=_("Sees every ticket and may change every setting.")
    )
    is_staff = models.BooleanField(_("may enter"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(_("since"), db_default=models.functions.Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def short_name(self) -> str:
        """The first name, as customers see it."""
        return (self.name or self.email).split(" ")[0]

    @property
    def initials(self) -> str:
        words = [w for w in self.name.split() if w[:1].isalpha()] or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])).upper()


class Invitation(models.Model):
    """A single-use link by which an invited person sets a password; the token is hashed at rest."""

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return str(self.user)
