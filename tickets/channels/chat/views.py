"""The chat's addresses: the widget's one file, who is there, a page of our own, a conversation's files."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tickets.channels.chat import doorway, exchange, presence, widget
from tickets.channels.chat.doorway import channel_of, is_welcome
from tickets.clock import database_now
from tickets.errors import NotFound
from tickets.models import Attachment, Channel
from tickets.platform import crypto, downloads

WIDGET_SECONDS = 3600
STALE_SECONDS = 7 * 24 * 3600


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Serve the widget: the same bytes for every channel, so that browsers and caches keep one copy."""
    fresh = request.headers.get("If-None-Match", "").removeprefix("W/") == widget.etag()
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "ETag": widget.etag(),
        "Cache-Control": f"public, max-age={WIDGET_SECONDS}, stale-while-revalidate={STALE_SECONDS}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return (
        HttpResponse(status=304, headers=headers) if fresh else HttpResponse(widget.script(), headers=headers)
    )


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the chat as a page of its own: ?key= names the channel, else it is the first one."""
    wanted = Channel.objects.filter(slug="chat", is_active=True).order_by("pk")
    if key := request.GET.get("key"):
        wanted = wanted.filter(key=key)
    channel = wanted.first()
    if channel is None:
        raise NotFound
    return render(request, "tickets/chat/page.html", {"channel": channel})


@require_safe
def status(request: HttpRequest, key: str) -> HttpResponse:
    """Tell the widget who is there and its words (?lang=en|fr), for the pages that may open this chat."""
    language = request.GET.get("lang") or get_language() or settings.LANGUAGE_CODE
    language = "fr" if language.lower().startswith("fr") else "en"
    origin = request.headers.get("Origin", "")
    channel = channel_of(key)
    if channel is None:  # said to every page, so that its widget stays away rather than offers a link here
        missing = {"code": NotFound.code, "detail": str(NotFound.sentence)}
        return JsonResponse(missing, status=404, headers={"Access-Control-Allow-Origin": "*"})
    if origin and not is_welcome(channel, origin, own=doorway.caller_of_request(request).own):
        raise NotFound
    found = cache.get_or_set(
        f"chat-status:{key}:{language}",
        lambda: presence.status(channel, language, now=database_now()),
        presence.KEPT_SECONDS,
    )
    headers = {"Cache-Control": f"public, max-age={presence.KEPT_SECONDS}", "Vary": "Origin"}
    if origin:
        headers["Access-Control-Allow-Origin"] = origin
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False}, headers=headers)


@csrf_exempt  # nothing here asks for a cookie: the session's token is in the body, the origin is checked
@require_POST
def frames(request: HttpRequest, key: str) -> HttpResponse:
    """Take in what a window without a socket says, and answer with its news; see `exchange`."""
    caller = doorway.caller_of_request(request)
    channel = doorway.welcoming_channel(caller, key)
    if channel is None:
        raise NotFound
    answer = exchange.exchange(caller, channel, request.body)
    headers = {"Access-Control-Allow-Origin": caller.origin, "Vary": "Origin", "Cache-Control": "no-store"}
    return JsonResponse(answer, safe=False, json_dumps_params={"ensure_ascii": False}, headers=headers)


@require_safe
def attachment(request: HttpRequest, key: str, public_id: str) -> HttpResponse:
    """Give one file of a conversation to whoever the chat gave its address to, for five minutes."""
    until = request.GET.get("until", "")
    if not until.isdecimal() or len(until) > 12 or int(until) < database_now().timestamp():
        raise NotFound
    if not crypto.mac_matches("chat-file", f"{public_id}.{until}", request.GET.get("mac", "")):
        raise NotFound
    # What is signed was shown in a chat, which may be about a request that came in another way.
    found = Attachment.objects.filter(public_id=public_id, message__isnull=False).first()
    if found is None:
        raise NotFound
    return downloads.build_download(found)
