"""What routing must do even when no bell rings."""

from routing.continuity import ownership, relationships
from routing.dispatch import run
from routing.estimates import waits
from routing.replay import recordings
from routing.surge import on_call, overflow, surges
from routing.what_if import trials
from routing.workforce import fairness, presence, shifts
from tickets.channels.base import Sweep

sweeps = (
    Sweep("routing: lost connections", 5.0, presence.mark_lost_connections),
    Sweep("routing: breaks that ran over", 30.0, presence.end_overrun_breaks),
    Sweep("routing: who knows whom", 30.0, relationships.refresh_relationships),
    Sweep("routing: who answered", 30.0, ownership.assign_to_repliers),
    Sweep("routing: how long people wait", 120.0, waits.refresh_counts),
    Sweep("routing: shifts", 3600.0, shifts.plan_shifts),
    Sweep("routing: rushes", 15.0, surges.update_surges),
    Sweep("routing: overflow", 15.0, overflow.update_overflow),
    Sweep("routing: on call", 15.0, on_call.raise_unreached_alerts),
    Sweep("routing: fairness", 900.0, fairness.refresh_ledger),
    Sweep("routing: what if", 10.0, trials.enqueue_unfinished_trials),
    Sweep("routing: old trials", 86400.0, trials.delete_old_trials),
    Sweep("routing: old recordings", 86400.0, recordings.delete_old_recordings),
    Sweep("routing: find what waits", 3.0, run.run_pass),
    Sweep("routing: give it", 1.0, lambda now: run.run_pass(now, ())),
)
