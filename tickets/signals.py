"""The one signal that carries news upwards."""

from django.dispatch import Signal

# Sent on commit with event=<saved Event>. A receiver enqueues a task and does nothing else;
# a sweep finds what a lost signal missed.
ticket_event = Signal()
