"""Periodic work of this package. Each sweep finds due work in the tables, also if its task was lost."""

from tickets import housekeeping
from tickets.channels.base import Sweep
from tickets.conversation import delays
from tickets.delivery import outbox
from tickets.hours import opening_hours
from tickets.intake import receive
from tickets.promises import promises

sweeps = (
    Sweep("read the ledger", 2, lambda now: receive.process_due(now=now)),
    Sweep("deliver the outbox", 2, lambda now: outbox.deliver_due(now=now)),
    Sweep("tell of delays", 20, lambda now: delays.notify_of_delays(now=now)),
    Sweep("break overdue promises", 30, lambda now: promises.mark_overdue_broken(now=now)),
    Sweep("close solved tickets", 300, lambda now: housekeeping.close_solved(now=now)),
    Sweep("seal audit events", 60, lambda now: housekeeping.seal_audit_events(now=now)),
    Sweep("extend opening hours", 3600, lambda now: opening_hours.extend_calendars(now=now)),
    Sweep("forget counters", 3600, lambda now: housekeeping.delete_old_counters(now=now)),
    Sweep("forget answers of the API", 3600, lambda now: housekeeping.delete_old_api_answers(now=now)),
)
