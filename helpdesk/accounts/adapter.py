"""allauth's hooks: nobody signs up by themselves, and account mails leave through the one outbox."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk.accounts import attempts
from tickets.clock import database_now
from tickets.customers.mail_addresses import find_request_address
from tickets.delivery import outbox
from tickets.errors import TooMany
from tickets.models import Company, Outbound
from tickets.models.channels.company_mailboxes import find_open_mailboxes
from tickets.platform import crypto


class AccountAdapter(DefaultAccountAdapter):
    """People are invited; see helpdesk.accounts.invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits count by: the client's own, not that of a proxy before us."""
        return find_request_address(request) or "this machine"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the account of these credentials or None; what does not fit is counted (`attempts`)."""
        try:
            attempt = attempts.begin_password(request, credentials.get("email", ""), now=database_now())
        except attempts.MustWaitError as error:
            raise ValidationError(str(error.sentence), code=error.code) from error
        except TooMany as error:
            raise self.validation_error("too_many_login_attempts") from error
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeed()
        return user

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Mail the link to a new password, unless strangers have had enough of them mailed already."""
        if attempts.may_mail_new_password(context["request"], user.email, now=database_now()):
            super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail. It names our own host, never the one that the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue an account mail, in the person's own language.

        Nothing goes to one of our own mailboxes: there, the link would stand in a ticket for all to read.
        """
        if find_open_mailboxes([email]):
            return
        person, request = context.get("user"), allauth_context.request
        language = getattr(person, "language", None) or translation.get_language() or "en"
        with translation.override(language):
            ours = {"request": request, "person": person, "company": Company.current(), "language": language}
            mail = self.render_mail(template_prefix, email, {**context, **ours})
        html = next((a.content for a in getattr(mail, "alternatives", [])), "")
        outbox.add_outbound(
            Outbound.Kind.ACCOUNT,
            channel=None,
            to=email,
            now=database_now(),
            payload={"subject": str(mail.subject), "text": str(mail.body), "html": str(html)},
        )


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets behind one-time codes and recovery codes are encrypted at rest."""

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """Return the name that is proposed for a new security key."""
        return _("Key %(n)s") % {"n": 1 + Authenticator.objects.filter(user=user, type=type).count()}

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)
