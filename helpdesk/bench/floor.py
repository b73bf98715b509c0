"""The floor beside each figure: an empty view, a view with one query, and the bare insert of a ticket's rows."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tickets.models import Queue


def empty(request: HttpRequest) -> HttpResponse:
    """Answer without doing anything."""
    return HttpResponse("ok", content_type="text/plain")


def one_query(request: HttpRequest) -> HttpResponse:
    """Answer after one query."""
    return HttpResponse(str(Queue.objects.first()), content_type="text/plain")


INSERT = """
WITH t AS (
    INSERT INTO tickets_ticket (public_id, subject, queue_id, channel_id, customer_id, language, state, priority,
        is_spam, custom, version, last_seq, created_at, updated_at, reopened_count)
    SELECT substr(md5(random()::text), 1, 14), 'floor', queue_id, channel_id, customer_id, 'en', 'new', 1, false, '{}',
        0, 1, now(), now(), 0
    FROM tickets_ticket LIMIT 1 RETURNING id
), m AS (
    INSERT INTO tickets_message (ticket_id, seq, public_id, kind, channel_slug, from_address, from_name, text,
        reply_text, html, html_safe, sanitiser, language, is_auto, auto_reason, is_held, needs_no_action, thread_layer,
        mail_id, facts, created_at)
    SELECT id, 1, substr(md5(random()::text), 1, 14), 'in', 'web', '', '', 'floor', '', '', '', '', 'en', false, '',
        false, false, '', '', '{}', now() FROM t RETURNING ticket_id
)
INSERT INTO tickets_event (ticket_id, kind, at, actor_kind, actor_id, channel, cause, data, is_audit)
SELECT ticket_id, 'ticket.created', now(), 'system', '', '', '', '{}', false FROM m
"""


def insert_rows(_: int) -> None:
    """Write a ticket, a message and an event in one statement and transaction."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT)


urlpatterns = [path("bench/empty/", empty), path("bench/query/", one_query)]
