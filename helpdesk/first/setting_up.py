"""Make the first administrator: by a link that works once, only while nobody has an account."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.models import User
from helpdesk.models import SetupLink
from tickets import events
from tickets.actor import Actor
from tickets.channels.registry import form_slugs
from tickets.errors import DomainError, Invalid, NotFound
from tickets.models import Channel, Company, Event, Queue, QueueMembership
from tickets.models.channels.channel import MAILBOX
from tickets.platform import crypto, locks
from tickets.platform.locks import Lock

VALID_FOR = timedelta(hours=24)


class AlreadySetUp(DomainError):
    """The installation has an account already."""

    code = "already_set_up"
    status = 409
    sentence = _("This installation has been set up already. An administrator invites further people.")


@dataclass(frozen=True)
class Beginnings:
    """What the first page asks: the company, its first administrator, a queue and perhaps a mailbox."""

    language: str
    company: str
    name: str
    email: str
    password: str
    queue: str
    mailbox: str = ""


def is_open() -> bool:
    """Tell whether nobody has an account yet."""
    return not User.objects.exists()


def is_untouched() -> bool:
    """Tell whether the installation is new: no account and no event, not even of a removed demonstration."""
    return is_open() and not Event.objects.exists()


def create_setup_link(*, now: datetime) -> str:
    """Return the address of the first page, valid for a day; an earlier one stops working.

    Raises AlreadySetUp once somebody has an account.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        locks.acquire_lock(Lock.FIRST_ACCOUNT)
        if not is_open():
            raise AlreadySetUp
        SetupLink.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
        SetupLink.objects.create(digest=crypto.digest(token), created_at=now, expires_at=now + VALID_FOR)
    return settings.PUBLIC_URL + reverse("first_page", args=[token])


def load_setup_link(token: str, *, now: datetime) -> SetupLink:
    """Return a token's valid link. Raises NotFound if it is wrong, used or expired, or an account exists."""
    living = SetupLink.objects.filter(digest=crypto.digest(token), used_at=None, expires_at__gt=now)
    link = living.first() if is_open() else None
    if link is None:
        raise NotFound(
            _("This link has been used or is too old. Where the installation runs, a new one can be printed.")
        )
    return link


def set_up_installation(token: str, answers: Beginnings, *, now: datetime) -> User:
    """Make company, administrator, queue and mailbox, and close the first page for good.

    Raises:
        NotFound: the link is wrong, used or too old, or somebody was quicker.
        Invalid: the password is too weak; the sentence says why.
    """
    with transaction.atomic():
        locks.acquire_lock(Lock.FIRST_ACCOUNT)
        link = load_setup_link(token, now=now)
        SetupLink.objects.filter(pk=link.pk).update(used_at=now)
        user = _administrator(answers)
        Company.objects.update_or_create(
            pk=1, defaults={"name": answers.company, "language": answers.language}
        )
        queue = _queue(answers, user)
        by = Actor.for_user(user)
        changes = [_fields("helpdesk.setuplink", link.pk), _fields("tickets.queue", queue.pk)]
        events.record_many(
            events.build_event("account.activated", by=by, at=now, data={"user": user.pk}),
            *(events.build_event("config.changed", by=by, at=now, data=data) for data in changes),
        )
    return user


def _administrator(answers: Beginnings) -> User:
    user = User(email=answers.email, name=answers.name)
    try:
        validate_password(answers.password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="weak_password") from error
    return User.objects.create_superuser(
        answers.email,
        answers.password,
        name=answers.name,
        language=answers.language,
        time_zone=settings.TIME_ZONE,
    )


def _queue(answers: Beginnings, user: User) -> Queue:
    """Make the first queue with the web form, and the mailbox if an address was given."""
    slug = slugify(answers.queue)[:50] or "first"
    queue = Queue.objects.create(slug=slug, name_en=answers.queue, name_fr=answers.queue)
    QueueMembership.objects.create(user=user, queue=queue, role=QueueMembership.Role.AGENT)
    doors = [(slug, "") for slug in form_slugs()] + ([(MAILBOX, answers.mailbox)] if answers.mailbox else [])
    for kind, address in doors:
        Channel.objects.create(
            slug=kind,
            name=address or str(_("Web form")),
            address=address,
            queue=queue,
            language=answers.language,
        )
    return queue


def _fields(model: str, key: int) -> dict[str, object]:
    return {"model": model, "id": str(key), "fields": ["created"]}
