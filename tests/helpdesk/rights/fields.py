"""Which fields of each route's query and body name a row, and of which kind; the rest are `plain`.

A kind is a name of `hidden.Hidden.pairs`. A field that takes several kinds, or a kind in a form of its own,
says so: ("user as user:{}", "queue as queue:{}"). `beside` is what a body needs so that the field is looked
at: where it is left out, the other fields are sent as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.views import policies

Kinds = str | tuple[str, ...]


@dataclass(frozen=True)
class Reads:
    """What a route reads: `query` and `body` by the kind of row each field names, and the `plain` ones."""

    query: Mapping[str, Kinds] = field(default_factory=dict)
    body: Mapping[str, Kinds] = field(default_factory=dict)
    plain: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {*self.query, *self.body, *self.plain.split()}


NOTHING = Reads()
# What any page for customers may carry on to the next form (tickets/portal/kept.py).
CARRIED_ON = {
    "about", "carried", "comment", "email", "language", "name", "number", "q", "score", "subject", "text",
    "token", "website", "window",
}  # fmt: skip
WRITING = "kind seen_seq text"
# A dial's name may come alone or after a medium's; the rules belong to every queue.
OF_RULES = " ".join(
    f"{medium}{name}"
    for medium in ("", "voice.", "chat.", "mail.")
    for name in (*policies.RULES, *policies.DIALS)
)
METRIC = Reads(
    query={"queue": "queue_slug", "person": "user"}, plain="channel days from hour to weekday window"
)
METRIC_ROWS = Reads(METRIC.query, plain=f"{METRIC.plain} page part")
MAILBOX = Reads(
    body={"queue": "queue"},
    plain="address afterwards answers_reply_to folders form_senders imap_host imap_port imap_security"
    " language move_to name password quiet_hours read_from sign_in smtp_host smtp_port smtp_security"
    " username",
)

READS = {
    "accept_invitation": Reads(plain="password"),
    "first_page": Reads(plain="company email language mailbox name password queue"),  # makes the first queue
    "my_settings": Reads(plain="language name sound theme time_zone wants_mail"),
    "preferences": Reads(plain="language next theme"),
    "desk:home": Reads(plain="after sort"),
    "desk:list": Reads(plain="after sort"),
    "desk:ticket": Reads(query={"list": ("queue as queue-{}", "customer as customer-{}")}),
    "desk:search": Reads(query={"q": ("ticket", "ticket as #{}", "words", "name", "address", "number")}),
    "desk:people": Reads(query={"who": ("name", "address", "number")}),
    "desk:new": Reads(
        query={"customer": "customer"},
        body={
            "customer": "customer",
            "queue": "queue",
            "channel": "channel",
            "who": ("address", "number"),
        },
        plain="after sort how name subject text",
        beside={"who": "new@person.example", "subject": "Lamp", "text": "Hello.", "how": "note"},
    ),
    "email:domains": Reads(plain="after sort server"),
    "email:domain": Reads(plain="server"),
    "desk:picture": Reads(plain="by mac until url"),  # opens by its signature alone
    "desk:automatic": Reads(query={"q": ("words", "name", "address")}, plain="after before kind sort"),
    "desk:quarantine": Reads(plain="after sort"),
    "desk:by_hand": Reads(
        body={"sender": "address"},
        plain="name subject text",
        beside={"subject": "Lamp", "text": "It is broken."},
    ),
    "desk:thread": Reads(plain="before mark"),
    "desk:formatted": Reads(plain="pictures"),
    "desk:readers": Reads(plain="left seen writing"),
    "desk:draft": Reads(plain=f"{WRITING} opened_at"),
    "desk:attach": Reads(plain=f"{WRITING} files"),
    "desk:detach": Reads(plain="kind"),
    "desk:send": Reads(plain=f"{WRITING} later send_at then way"),
    "desk:state": Reads(plain="state"),
    "desk:subject": Reads(plain="subject"),
    "desk:queue": Reads(body={"queue": "queue"}),
    "desk:priority": Reads(plain="priority"),
    "desk:motive": Reads(plain="motive"),  # reasons belong to every queue
    "desk:tags": Reads(plain="tags"),  # and so do tags
    "desk:spam": Reads(plain="spam"),
    "desk:decide": Reads(plain="answer"),
    "desk:add_identity": Reads(body={"value": ("address", "number")}),
    "desk:card": Reads(plain="to"),
    "desk:say_who": Reads(body={"customer": "customer"}),
    "desk:change_customer": Reads(
        body={"customer": "customer", "identity": "identity", "who": ("address", "number")}, plain="reason"
    ),
    "desk:notes": Reads(plain="notes"),
    "desk:copies": Reads(plain="answer copy"),  # a place among those whom the message itself names
    "desk:say_sender": Reads(plain="choice"),
    "desk:follow": Reads(plain="follow"),
    "metrics_api:metric": METRIC,
    "metrics_api:metric_tickets": METRIC_ROWS,
    "metrics:home": METRIC,
    "metrics:metric": METRIC,
    "metrics:tickets": METRIC_ROWS,
    "survey:answer": Reads(plain="comment score"),
    "routing:presence": Reads(plain="minutes status version"),
    "routing:channels": Reads(plain="calls chats mail"),
    "routing:decline": Reads(plain="reason"),
    "routing:reasons": Reads(query={"person": "user"}, plain="again"),
    "routing:assignment": Reads(body={"user": "user"}, plain="insist"),
    # Any queue that is at work may be handed to: its name is known to everybody, and nothing else of it.
    "routing:handover": Reads(body={"to": "user as user:{}"}, plain="summary warm"),
    "routing:hard": Reads(plain="hard"),
    "routing:keeper": Reads(body={"user": "user"}, plain="role", beside={"role": "owner"}),
    "routing:roster": Reads(query={"queue": "queue"}, plain="week"),
    "routing:add_absence": Reads(
        body={"agent": "agent"},
        query={"queue": "queue"},
        plain="ends note starts week",
        beside={"starts": "2031-01-01T08:00", "ends": "2031-01-02T08:00"},
    ),
    "routing:subscribe": Reads(query={"queue": "queue"}, plain="week"),
    "routing:import_calendar": Reads(query={"queue": "queue"}, plain="as calendar week"),
    "routing:slots": Reads(
        body={"queue": "queue"},
        plain="ends note seats starts",
        beside={"starts": "2031-01-01T08:00", "ends": "2031-01-01T12:00", "seats": "1"},
    ),
    "routing:answer_booking": Reads(plain="answer"),
    "routing:fairness": Reads(plain="days"),
    "routing:answer_ask": Reads(plain="answer"),
    "routing:what_if": Reads(
        query={"slot": "slot", "without": "agent"},
        body={"queue": "queue", "slot": "slot", "without": "agent"},
        plain=f"{OF_RULES} version bring compare direction first hours_from hours_until kind last more"
        " numbers repetitions",
        beside={"first": "2026-01-05", "last": "2026-01-06", "repetitions": "2", "compare": "as_is"},
    ),
    "routing:policies": Reads(plain=f"{OF_RULES} look note"),
    "routing:roll_back": Reads(plain="note"),
    "routing:look_at_policy": Reads(plain="note"),
    "chat:page": Reads(plain="key"),  # a window's key stands on the company's own pages
    "chat:status": Reads(plain="lang"),
    "chat:frames": Reads(plain="<raw>"),  # the frames of the socket, which have tests of their own
    "chat:file": Reads(plain="mac until"),  # opens by its signature alone
    "email:webhook": Reads(plain="<raw>"),  # signed by the provider
    "email:tracking": Reads(plain="<raw>"),
    "email:new_mailbox": MAILBOX,
    "email:signed_in": Reads(plain="code state"),  # the state lies in the session
    "email:mailbox_settings": MAILBOX,
    "phone:calls": Reads(plain="page result"),
    "phone:choose_number": Reads(plain="number"),
    "phone:new_call": Reads(
        query={"customer": "customer", "ticket": "ticket", "number": "number"},
        body={"customer": "customer", "ticket": "ticket", "number": "number"},
        plain="direction minutes note place reading result token",
        beside={
            "token": "a-token-of-the-matrix",
            "direction": "in",
            "result": "answered",
            "minutes": "3",
            "note": "Broken.",
            "place": "theirs",
        },
    ),
    "routing_api:assignment": Reads(body={"assignee": "user_address"}, plain="insist"),
    "api:tickets": Reads(
        query={
            "assignee": "user_address",
            "customer": "customer_public",
            "queue": "queue_slug",
        },
        body={"customer.email": "address", "queue": "queue_slug"},
        plain="cursor is_spam page_size state updated_since waits_on customer.name language subject text",
        beside={"customer.email": "new@person.example", "queue": "orders", "subject": "Lamp", "text": "Hi."},
    ),
    "api:ticket": Reads(body={"queue": "queue_slug"}, plain="priority subject"),
    "api:ticket_state": Reads(plain="state"),
    "api:ticket_spam": Reads(plain="is_spam"),
    "api:messages": Reads(plain="cursor page_size kind seen_seq text then"),
    "api:customers": Reads(query={"email": "address", "name": "name"}, plain="cursor page_size"),
    "api:customer": Reads(plain="language name notes place time_zone"),
    "portal:request": Reads(  # `about` is a form's key, which stands on its page for everybody
        body={"email": "address"},
        plain="about attachments name subject text token website",
        beside={"email": "new@person.example", "subject": "Lamp", "text": "It is broken."},
    ),
    "portal:callback": Reads(
        body={"email": "address", "number": "number"},
        plain="name text token website window",
        beside={"number": "+33 6 11 22 33 44", "text": "Call me."},
    ),
    "portal:request_callback": Reads(
        body={"email": "address", "number": "number"},
        plain="name text token website window",
        beside={"number": "+33 6 11 22 33 44", "text": "Call me."},
    ),
    "portal:requests": Reads(body={"email": "address"}),
    "portal:request_page": Reads(plain="attachments sent text token"),
    "portal:not_solved": Reads(plain="attachments sent text token"),
    "portal:choose": Reads(plain="key option"),
    "portal:help": Reads(query={"q": "words"}),
}

# What stands in a route's address, by the name of the part.
IN_THE_ADDRESS = {
    "number": "ticket",
    "seq": "",  # counted within its ticket
    "inbound_id": "inbound",
    "outbound_id": "outbound",
    "participant_id": "participant",
    "identity_id": "identity",
    "offer_id": "offer",
    "leave_id": "leave",
    "slot_id": "slot",
    "booking_id": "booking",
    "ask_id": "ask",
    "alert_id": "alert",
    "trial_id": "trial",
    "mailbox_id": "mailbox",
    "version": "",  # the rules belong to every queue
    "domain": "domain",
    "file_id": "file",
    "public_id": "ticket_public",
    "slug": "",
    "key": "",
    "token": "",
    "uidb36": "",
    "mac": "",
    "surface": "",
    "pk": "",
    "year": "",
    "month": "",
    "number_of_day": "",
}
# Where one part names something else than it does elsewhere.
IN_ONE_ADDRESS = {
    ("desk:file", "public_id"): "file",
    ("desk:detach", "public_id"): "draft_file",
    ("desk:list", "slug"): ("queue as queue-{}", "customer as customer-{}"),
    ("api:customer", "public_id"): "customer_public",
    ("chat:file", "public_id"): "file",
}
