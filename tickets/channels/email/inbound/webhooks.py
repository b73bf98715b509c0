"""The webhooks of mail providers: signed, without repeats, and acknowledged once stored."""

from __future__ import annotations

import base64
import hashlib
import logging
from datetime import datetime

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from tickets.channels.base import TryAgain
from tickets.channels.email.inbound import mailroom, too_large
from tickets.channels.email.inbound.providers import Provider, RawMail, provider_of
from tickets.channels.email.outbound import tracking
from tickets.channels.signing import Refused, is_recent
from tickets.clock import database_now
from tickets.errors import DomainError, NotFound, TooLarge
from tickets.intake import ledger
from tickets.intake import receive as intake
from tickets.models import Channel
from tickets.platform.text import make_storable

logger = logging.getLogger(__name__)

# The exceptions that the parsers of the providers' payloads raise for an unexpected one.
UNREADABLE = (
    AnymailError, AnymailConfigurationError, MultiPartParserError, LookupError, TypeError, ValueError,
    RecursionError, AttributeError,
)  # fmt: skip
REMEMBERED_SECONDS = 3 * 24 * 3600


@csrf_exempt  # the signature authenticates the sender
@never_cache
def receive(request: HttpRequest, key: str) -> HttpResponse:
    """Receive the mails of one call; 200 means that they are in the ledger."""
    return _answered(request, key, tracking=False)


@csrf_exempt
@never_cache
def follow(request: HttpRequest, key: str) -> HttpResponse:
    """Receive delivery events about mails we sent."""
    return _answered(request, key, tracking=True)


def _answered(request: HttpRequest, key: str, *, tracking: bool) -> HttpResponse:
    if request.method == "HEAD":
        return HttpResponse()  # some providers test the URL in this way
    if request.method != "POST":
        return JsonResponse({"code": "post_only", "detail": _("Send events by POST.")}, status=405)
    try:
        channel, provider = _channel(key)
        kept = _take(request, channel, provider, tracking=tracking, now=database_now())
    except DomainError as error:
        return JsonResponse({"code": error.code, "detail": str(error.sentence)}, status=error.status)
    except TryAgain:
        logger.warning("a provider's mail could not be fetched", extra={"channel": channel.pk})
        return JsonResponse({"code": "try_again", "detail": _("Send it again later.")}, status=503)
    except RequestDataTooBig:
        too_large.note(channel, request, now=database_now())
        return JsonResponse({"code": "too_large", "detail": str(TooLarge.sentence)}, status=413)
    return JsonResponse({"kept": kept})


def _channel(key: str) -> tuple[Channel, Provider]:
    found = Channel.objects.select_related("queue").filter(slug="email", key=key, is_active=True).first()
    provider = provider_of(found) if found else None
    if found is None or provider is None:
        raise NotFound
    return found, provider


def _take(
    request: HttpRequest, channel: Channel, provider: Provider, *, tracking: bool, now: datetime
) -> int:
    """Verify the call and store its mails or events; return how many."""
    body = request.body
    try:
        view = provider.view(channel, tracking=tracking)
        view.run_validators(request)
        token, signed_at = provider.once(request)
    except (AnymailWebhookValidationFailure, *UNREADABLE) as error:  # no valid signature
        raise Refused from error
    _refuse_reuse(token, signed_at, body, channel, now=now)
    if tracking:
        return _follow(view, request, channel, provider, now=now)
    try:
        mails = provider.raw(request) or _rebuilt(view, request)
    except UNREADABLE as error:
        # Signed by the provider, but not readable: store it for a person, so that nothing is lost.
        _keep_unreadable(channel, body, error, now=now)
        return 1
    for mail in mails:
        facts = {"provider": provider.name}
        to = [mail.recipient, channel.address] if mail.recipient else [channel.address]
        mailroom.accept(mail.data, recipients=to, now=now, envelope=facts)
    return len(mails)


def _rebuilt(view: object, request: HttpRequest) -> list[RawMail]:
    """Return the mails of a provider that sends them in parts, as rebuilt by anymail."""
    events = view.parse_events(request)  # type: ignore[attr-defined]
    mails = [event.message for event in events if getattr(event, "message", None) is not None]
    return [RawMail(mail.as_bytes(), str(mail.envelope_recipient or "")) for mail in mails]


def _follow(
    view: object, request: HttpRequest, channel: Channel, provider: Provider, *, now: datetime
) -> int:
    try:
        events = view.parse_events(request)  # type: ignore[attr-defined]
    except UNREADABLE:
        logger.warning("a delivery event could not be read", extra={"channel": channel.pk})
        return 0
    told = [event for event in events if event.event_type in tracking.HANDLED_EVENTS]
    for event in told:
        raw, name = tracking.build_document(event, provider.name)
        row, _is_new = ledger.keep_raw(
            channel, raw, source_key=f"tracking:{name}", body_digest=name, now=now, kind=tracking.KIND
        )
        intake.process(row.pk, now=now)
    return len(told)


def _refuse_reuse(token: str, signed_at: str, body: bytes, channel: Channel, *, now: datetime) -> None:
    """Refuse a signature that was used for another body, as some providers sign only a token and a time.

    Signatures older than the stored ones are refused too, because they may have been used.
    """
    if not token:
        return
    if not is_recent(signed_at, now=now, tolerance=REMEMBERED_SECONDS / 2):
        raise Refused(_("This signature is too old."), code="too_old")
    limits = caches["limits"]
    key, digest = make_storable(f"webhook:{channel.pk}:{token}")[:200], hashlib.sha256(body).hexdigest()
    if not limits.add(key, digest, timeout=REMEMBERED_SECONDS) and limits.get(key) != digest:
        raise Refused(_("This signature was used before."), code="replayed")


def _keep_unreadable(channel: Channel, body: bytes, error: Exception, *, now: datetime) -> None:
    facts = {"unreadable": f"{type(error).__name__}: {error}"[:300], "webhook": True}
    kept = body if len(body) <= settings.MAIL_MAX_BYTES else base64.b64encode(body)[: settings.MAIL_MAX_BYTES]
    key = f"webhook:{hashlib.sha256(body).hexdigest()}"
    row, is_new = ledger.keep_raw(channel, kept, source_key=key, now=now, envelope=facts)
    if is_new:
        ledger.ring(row)
