"""Prepared queries: the few most frequent reads. The ORM composes their SQL once, and later only executes it.

Offers one function for each read. It takes ids (and an actor, if it reads tickets or messages) and returns a
list of rows. Prepared are the list of the desk, a ticket's page, what a search, a reply, a mail and a request
by form read first, and the session; nothing else, since an ordinary queryset is simpler. Reads of tickets or
messages start from `visible_to`: `make check` refuses any other.

Imports models only. Measured with 10,000 tickets: CPU milliseconds of the web process, on a shared machine.
Only the ratio of the columns matters:

    reads of               prepared   as querysets
    the session                 0.3            0.7
    the desk's door             0.2            2.1
    the first page of a list    0.5            3.1   ("mine"; "unassigned" 0.7 and 5.1)
    a ticket's page             1.8           10.2
    a reply                     0.5            2.1
    a request by form           0.8            4.2
"""

from tickets.prepared.conversation import (
    load_events,
    load_messages,
    load_outbounds,
    load_people,
    load_promises,
)
from tickets.prepared.desk import load_bare_tickets, load_memberships, load_opened_tickets
from tickets.prepared.lists import load_first_page, load_rows
from tickets.prepared.people import load_further_namesakes, load_people_called
from tickets.prepared.session import load_accounts, load_sessions
from tickets.prepared.writing import (
    load_drafts,
    load_form_channels,
    load_marks,
    load_open_promises,
    load_proved_identities,
    load_received,
    load_recipients,
    load_sent_forms,
    load_unread,
    load_waiting_contacts,
)

__all__ = [
    "load_accounts",
    "load_bare_tickets",
    "load_drafts",
    "load_events",
    "load_first_page",
    "load_form_channels",
    "load_further_namesakes",
    "load_marks",
    "load_memberships",
    "load_messages",
    "load_open_promises",
    "load_opened_tickets",
    "load_outbounds",
    "load_people",
    "load_people_called",
    "load_promises",
    "load_proved_identities",
    "load_received",
    "load_recipients",
    "load_rows",
    "load_sent_forms",
    "load_sessions",
    "load_unread",
    "load_waiting_contacts",
]
