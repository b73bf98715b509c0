"""The one signal by which this package informs the packages above it."""

from django.dispatch import Signal

# Sent on commit with event=<saved Event>. A receiver only enqueues a task. If a signal is lost, a periodic
# sweep finds the work in the tables.
ticket_event = Signal()
