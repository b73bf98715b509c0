"""DKIM keys with which we sign mails, if the mail server does not sign them."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import EncryptedTextField

NAME = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$", _("Small letters, digits, dots and dashes only.")
)


class SigningKey(models.Model):
    """The key of one domain; its public key is published in that domain's DNS under the selector."""

    domain = models.CharField(_("domain"), max_length=250, unique=True, validators=[NAME])
    selector = models.CharField(_("selector"), max_length=60, default="tandem", validators=[NAME])
    private_key = EncryptedTextField(
        _("private key (PEM)"), blank=True, help_text=_("Leave it empty to have one made.")
    )
    is_active = models.BooleanField(
        _("signs"), default=False, help_text=_("Only once the public key is published.")
    )

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"
