"""The relations that SQL of other packages may read: each is a subselect with fixed columns.

Use one in place of a table: `FROM {TICKETS} t`. PostgreSQL inlines the subselect, so the plan is the same as
for the table, and `FOR UPDATE OF t` locks the table's rows. A column can be renamed or moved in its table, if
the relation here still returns it. Relations whose names begin with LIVE need the parameter `%(now)s`.
"""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db.models import Model

from tickets.models import (
    Call,
    Callback,
    Channel,
    ChatSession,
    Contact,
    Customer,
    Draft,
    Event,
    Message,
    Outbound,
    Promise,
    Queue,
    QueueMembership,
    SlaPolicy,
    Ticket,
)


def build_subselect(model: type[Model], *columns: str, where: str = "", **renamed: str) -> str:
    """Return a subselect of columns of a model's table.

    `renamed` maps new names to columns, `where` is an SQL condition. Raises ValueError for an unknown column.
    """
    known = {field.column for field in model._meta.concrete_fields}
    if unknown := {*columns, *renamed.values()} - known:
        raise ValueError(f"{model._meta.label} has no column {', '.join(sorted(unknown))}.")
    named = ", ".join([*columns, *(f"{column} AS {name}" for name, column in renamed.items())])
    condition = f" WHERE {where}" if where else ""
    return f"(SELECT {named} FROM {model._meta.db_table}{condition})"  # noqa: S608  (names of our own tables)


TICKETS = build_subselect(
    Ticket, "id", "queue_id", "channel_id", "customer_id", "assignee_id", "language", "state", "priority",
    "is_spam", "merged_into_id", "created_at", "updated_at", "waiting_since", "first_response_at",
    "last_customer_at",
)  # fmt: skip
EVENTS = build_subselect(
    Event, "id", "ticket_id", "kind", "at", "actor_kind", "actor_id", "contact_id", "queue_id", "channel",
    "cause", "data",
)  # fmt: skip
# Replies that people wrote to customers; `is_held`: not sent yet, and its writer can still withdraw it.
REPLIES = build_subselect(
    Message, "id", "ticket_id", "seq", "channel_slug", "is_auto", "is_held", "created_at",
    user_id="author_user_id", where="kind = 'out' AND author_user_id IS NOT NULL",
)  # fmt: skip
HELD_MAIL = build_subselect(Outbound, "ticket_id", where="state = 'held'")
CALLS = build_subselect(
    Call, "id", "ticket_id", "contact_id", "direction", "result", "started_at", "answered_at", "ended_at",
    "end_is_assumed",
    user_id="agent_id",
)  # fmt: skip
CALLBACKS = build_subselect(Callback, "id", "ticket_id", "state", "from_at", "until_at")
OPEN_CHATS = build_subselect(ChatSession, "ticket_id", where="ended_at IS NULL AND left_at IS NULL")
CONTACTS = build_subselect(
    Contact, "id", "ticket_id", "customer_id", "channel_slug", "is_live", "started_at", "ended_at"
)
CUSTOMERS = build_subselect(Customer, "id", "merged_into_id")
DRAFTS = build_subselect(Draft, "ticket_id", "user_id", "updated_at", where="text <> ''")
PROMISES = build_subselect(
    Promise, "id", "ticket_id", "due_at", "kept_at", "broken_at", where="replaced_by_id IS NULL"
)

QUEUES = build_subselect(Queue, "id", "calendar_id", "is_active", "position")
CHANNELS = build_subselect(Channel, "id", "slug")
SLA_POLICIES = build_subselect(
    SlaPolicy, "queue_id", "priority", "first_response_minutes", "next_response_minutes"
)
MEMBERSHIPS = build_subselect(QueueMembership, "user_id", "queue_id", "role", "until")
LIVE_MEMBERSHIPS = build_subselect(
    QueueMembership, "user_id", "queue_id", "role", "until", where="until IS NULL OR until > %(now)s"
)
ACCOUNTS = build_subselect(
    get_user_model(), "id", "is_active", "is_superuser", "name", "email", "language", "time_zone"
)

# A condition on a ticket `t`: the customer's last contact there is a call that nobody answered.
IS_MISSED_CALL = """EXISTS (
    SELECT FROM tickets_call k JOIN tickets_message m ON m.id = k.message_id
    WHERE m.ticket_id = t.id AND k.direction = 'in' AND k.result NOT IN ('answered', 'ringing')
      AND NOT EXISTS (SELECT FROM tickets_message n WHERE n.ticket_id = t.id AND n.seq > m.seq
                      AND n.kind = 'in' AND NOT n.is_auto AND NOT n.is_held))"""
