"""People are invited by mail: a link that works once, for three days, and sets their own password."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk.accounts.models import Invitation, User
from tickets import events
from tickets.actor import Actor
from tickets.delivery import outbox
from tickets.errors import Invalid, NotFound
from tickets.models import Company, Outbound
from tickets.platform import crypto

VALID_FOR = timedelta(hours=72)


def invite_user(user: User, *, by: Actor, now: datetime) -> Invitation:
    """Mail a person the link to set their first password; an earlier invitation stops working."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
        invitation = Invitation.objects.create(
            user=user,
            digest=crypto.digest(token),
            invited_by_id=by.user_id,
            created_at=now,
            expires_at=now + VALID_FOR,
        )
        events.record("account.invited", by=by, at=now, data={"user": user.pk})
        _send(user, settings.PUBLIC_URL + reverse("accept_invitation", args=[token]), by=by, now=now)
    return invitation


def load_invitation(token: str, *, now: datetime) -> Invitation:
    """Return the valid invitation of a token. Raises NotFound if it is wrong, used or expired."""
    living = (
        Invitation.objects.filter(
            digest=crypto.digest(token), used_at=None, expires_at__gt=now, user__is_active=True
        )
        .select_related("user")
        .first()
    )
    if living is None:
        raise NotFound(_("This invitation has been used or is too old. Ask for a new one."))
    return living


def use_invitation(token: str, password: str, *, now: datetime) -> User:
    """Set the invited person's password and mark the invitation as used.

    Raises:
        NotFound: the invitation is wrong, used or too old.
        Invalid: the password is too weak; the sentence says why.
    """
    with transaction.atomic():
        invitation = load_invitation(token, now=now)
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=now):
            raise NotFound
        user = invitation.user
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), code="weak_password") from error
        user.set_password(password)
        user.save(update_fields=["password"])
        events.record("account.activated", by=Actor.for_user(user), at=now, data={"user": user.pk})
    return user


def _send(user: User, link: str, *, by: Actor, now: datetime) -> None:
    with translation.override(user.language):
        company = Company.current()
        context = {
            "person": user,
            "link": link,
            "company": company,
            "inviter": by.user,
            "language": user.language,
        }
        payload = {
            "subject": _("You are invited to %(company)s") % {"company": company},
            "text": render_to_string("accounts/mail/invitation.txt", context),
            "html": render_to_string("accounts/mail/invitation.html", context),
        }
    outbox.add_outbound(Outbound.Kind.ACCOUNT, channel=None, to=user.email, payload=payload, by=by, now=now)
