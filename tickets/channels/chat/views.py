"""The chat's views: the widget's script, availability, polling, a page of our own, and attachments."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tickets.channels.chat import access, polling, presence, widget
from tickets.channels.chat.access import find_channel, is_origin_allowed
from tickets.clock import database_now
from tickets.errors import NotFound
from tickets.models import Attachment, Channel
from tickets.platform import crypto, downloads

WIDGET_SECONDS = 3600
STALE_SECONDS = 7 * 24 * 3600


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Serve the widget's script: the same bytes for every channel, so that caches keep a single copy."""
    is_unchanged = request.headers.get("If-None-Match", "").removeprefix("W/") == widget.build_etag()
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "ETag": widget.build_etag(),
        "Cache-Control": f"public, max-age={WIDGET_SECONDS}, stale-while-revalidate={STALE_SECONDS}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return (
        HttpResponse(status=304, headers=headers)
        if is_unchanged
        else HttpResponse(widget.build_script(), headers=headers)
    )


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the chat on a page of its own, for the channel with the public key `?key=` or the first one.

    `?q=` is a draft: what the visitor has begun to write elsewhere.
    """
    channels = Channel.objects.filter(slug="chat", is_active=True).order_by("pk")
    if key := request.GET.get("key"):
        channels = channels.filter(key=key)
    channel = channels.first()
    if channel is None:
        raise NotFound
    words = " ".join(request.GET.get("q", "").split())[:200]
    return render(request, "tickets/chat/page.html", {"channel": channel, "words": words})


@require_safe
def status(request: HttpRequest, key: str) -> HttpResponse:
    """Return availability and texts (?lang=en|fr) as JSON, to pages whose origin may open this chat."""
    language = request.GET.get("lang") or get_language() or settings.LANGUAGE_CODE
    language = "fr" if language.lower().startswith("fr") else "en"
    origin = request.headers.get("Origin", "")
    channel = find_channel(key)
    if channel is None:  # readable by every page, so that the widget hides instead of showing a link
        missing = {"code": NotFound.code, "detail": str(NotFound.sentence)}
        return JsonResponse(missing, status=404, headers={"Access-Control-Allow-Origin": "*"})
    if origin and not is_origin_allowed(channel, origin, own=access.read_request_caller(request).own):
        raise NotFound
    content = cache.get_or_set(
        f"chat-status:{key}:{language}",
        lambda: presence.build_status(channel, language, now=database_now()),
        presence.KEPT_SECONDS,
    )
    headers = {"Cache-Control": f"public, max-age={presence.KEPT_SECONDS}", "Vary": "Origin"}
    if origin:
        headers["Access-Control-Allow-Origin"] = origin
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, headers=headers)


@csrf_exempt  # no cookie is used: the session's token is in the body, and the origin is checked
@require_POST
def frames(request: HttpRequest, key: str) -> HttpResponse:
    """Handle the frames of a widget without a socket, and return its news; see `polling`."""
    caller = access.read_request_caller(request)
    channel = access.find_allowed_channel(caller, key)
    if channel is None:
        raise NotFound
    response_frames = polling.answer_poll(caller, channel, request.body)
    headers = {"Access-Control-Allow-Origin": caller.origin, "Vary": "Origin", "Cache-Control": "no-store"}
    return JsonResponse(
        response_frames, safe=False, json_dumps_params={"ensure_ascii": False}, headers=headers
    )


@require_safe
def attachment(request: HttpRequest, key: str, public_id: str) -> HttpResponse:
    """Send one file of a conversation, for the signed URL that the widget got, valid for five minutes."""
    until = request.GET.get("until", "")
    if not until.isdecimal() or len(until) > 12 or int(until) < database_now().timestamp():
        raise NotFound
    if not crypto.mac_matches("chat-file", f"{public_id}.{until}", request.GET.get("mac", "")):
        raise NotFound
    # Not limited to this channel: a chat may be about a request that came by another channel.
    file = Attachment.objects.filter(public_id=public_id, message__isnull=False).first()
    if file is None:
        raise NotFound
    return downloads.build_download(file)
