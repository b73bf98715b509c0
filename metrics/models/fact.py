"""Facts: one row for each ticket, issue, contact, wait and promise, derived from events and never edited.

Ids of customers, people, queues and reasons are plain numbers: a fact outlives the erasure of a person, and
counts do not move.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models import Promise
from tickets.states import WaitsOn


class Fact(models.Model):
    """What every fact can be filtered by.

    `queue_id` is the queue the ticket is in now: who sees a number may open its tickets.
    """

    queue_id = models.BigIntegerField(_("queue"))
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    motive_id = models.BigIntegerField(_("reason"), null=True)

    class Meta:
        abstract = True


class FactTicket(Fact):
    """One ticket. Times are instants of events; `open` seconds count opening hours only."""

    ticket = models.OneToOneField(
        "tickets.Ticket",
        models.CASCADE,
        verbose_name=_("ticket"),
        primary_key=True,
        db_constraint=False,
        related_name="fact",
    )
    customer_id = models.BigIntegerField(_("customer"))
    root_customer_id = models.BigIntegerField(_("customer after merging"), null=True)
    direction = models.CharField(_("direction"), max_length=3)
    is_spam = models.BooleanField(_("spam"), default=False)
    merged_into_id = models.BigIntegerField(_("merged into"), null=True)
    links = ArrayField(models.BigIntegerField(), verbose_name=_("linked tickets"), default=list)
    created_at = models.DateTimeField(_("created"))
    first_customer_at = models.DateTimeField(_("customer's first word"), null=True)
    began_at = models.DateTimeField(_("began"))  # the customer's first word, or when we opened the ticket
    first_reply_at = models.DateTimeField(_("first answer"), null=True)
    first_responder_id = models.BigIntegerField(_("who answered first"), null=True)
    first_reply_seconds = models.BigIntegerField(_("first answer, in seconds"), null=True)
    first_reply_open_seconds = models.BigIntegerField(_("first answer, in open seconds"), null=True)
    is_abandoned = models.BooleanField(_("given up by the customer"), default=False)
    chaser_count = models.IntegerField(_("chasers"), default=0)
    transfer_count = models.IntegerField(_("transfers"), default=0)
    resolved_ats = ArrayField(models.DateTimeField(), verbose_name=_("every time solved"), default=list)
    reopened_ats = ArrayField(models.DateTimeField(), verbose_name=_("every time reopened"), default=list)
    first_resolved_at = models.DateTimeField(_("first solved"), null=True)
    first_resolver_id = models.BigIntegerField(_("who solved it first"), null=True)
    resolved_at = models.DateTimeField(_("solved"), null=True)
    resolver_id = models.BigIntegerField(_("who solved it"), null=True)
    resolution_seconds = models.BigIntegerField(_("time to solve, in seconds"), null=True)
    resolution_open_seconds = models.BigIntegerField(_("time to solve, in open seconds"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    calendar_id = models.BigIntegerField(_("business hours"), null=True)
    calendar_version = models.IntegerField(_("version of the business hours"), null=True)
    event_count = models.IntegerField(_("events"))
    issue = models.ForeignKey(
        "metrics.FactIssue",
        models.DO_NOTHING,
        verbose_name=_("issue"),
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="tickets",
    )
    joined_by = models.CharField(_("joined by"), max_length=8, blank=True)
    thread = models.BigIntegerField(_("same matter as"), null=True)

    class Meta:
        verbose_name = _("ticket fact")
        verbose_name_plural = _("ticket facts")
        indexes = [
            models.Index(fields=["began_at"], name="fact_ticket_began"),
            models.Index(fields=["resolved_at"], name="fact_ticket_resolved"),
            models.Index(fields=["closed_at"], condition=Q(resolved_at=None), name="fact_ticket_closed"),
            models.Index(fields=["customer_id"], name="fact_ticket_customer"),
            models.Index(fields=["issue"], name="fact_ticket_issue"),
            models.Index(
                fields=["merged_into_id"], condition=~Q(merged_into_id=None), name="fact_ticket_merged"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id}"


class FactIssue(Fact):
    """One matter of one customer, across tickets and channels; its key is its main ticket.

    Tickets are joined by merging and explicit links. Issues of one customer with the same reason form a
    `thread`; `since_previous_seconds` and `repeat_at` keep the distances in it, so that the repeat window
    stays a question's parameter and is not baked in.
    """

    ticket = models.OneToOneField(
        "tickets.Ticket",
        models.CASCADE,
        verbose_name=_("ticket"),
        primary_key=True,
        db_constraint=False,
        related_name="fact_issue",
    )
    customer_id = models.BigIntegerField(_("customer"))
    thread = models.BigIntegerField(_("same matter as"))
    is_spam = models.BooleanField(_("spam"), default=False)
    is_abandoned = models.BooleanField(_("given up by the customer"), default=False)
    ticket_count = models.IntegerField(_("tickets"))
    created_at = models.DateTimeField(_("created"))
    first_contact_at = models.DateTimeField(_("first contact"), null=True)
    began_at = models.DateTimeField(_("began"))  # the first contact, or when we opened it
    contact_count = models.IntegerField(_("contacts"), default=0)
    contacts_until_resolution = models.IntegerField(_("contacts until solved"), default=0)
    reopened_count = models.IntegerField(_("reopenings"), default=0)
    transfer_count = models.IntegerField(_("transfers"), default=0)
    resolved_ats = ArrayField(models.DateTimeField(), verbose_name=_("every time solved"), default=list)
    reopened_ats = ArrayField(models.DateTimeField(), verbose_name=_("every time reopened"), default=list)
    first_resolved_at = models.DateTimeField(_("first solved"), null=True)
    first_resolver_id = models.BigIntegerField(_("who solved it first"), null=True)
    first_reopened_at = models.DateTimeField(_("first reopened"), null=True)
    resolved_at = models.DateTimeField(_("solved"), null=True)
    previous_id = models.BigIntegerField(_("issue before"), null=True)
    since_previous_seconds = models.BigIntegerField(_("since the issue before, in seconds"), null=True)
    repeat_at = models.DateTimeField(_("repeated"), null=True)
    repeat_by = models.CharField(_("repeated by"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("issue fact")
        verbose_name_plural = _("issue facts")
        indexes = [
            models.Index(fields=["began_at"], name="fact_issue_began"),
            models.Index(fields=["first_resolved_at"], name="fact_issue_resolved"),
            models.Index(fields=["customer_id"], name="fact_issue_customer"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id}"


class FactContact(Fact):
    """One time a customer reached out. `why_not` says why it does not count as one of its own."""

    class WhyNot(models.TextChoices):
        COUNTS = "", _("counts")
        NO_ACTION = "no_action", _("needed no action")
        CONTINUED = "continued", _("part of a contact that still waited for an answer")
        SPAM = "spam", _("spam")

    contact_id = models.BigIntegerField(_("contact"), primary_key=True)
    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.CASCADE,
        verbose_name=_("ticket"),
        db_constraint=False,
        related_name="fact_contacts",
    )
    issue_id = models.BigIntegerField(_("issue"), null=True)
    thread = models.BigIntegerField(_("same matter as"), null=True)
    customer_id = models.BigIntegerField(_("customer"), null=True)
    is_live = models.BooleanField(_("live"), default=False)
    needs_no_action = models.BooleanField(_("needs no action"), default=False)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    why_not = models.CharField(_("why it does not count"), max_length=10, choices=WhyNot, blank=True)
    previous_at = models.DateTimeField(_("contact before"), null=True)
    repeat_at = models.DateTimeField(_("repeated"), null=True)

    class Meta:
        verbose_name = _("contact fact")
        verbose_name_plural = _("contact facts")
        indexes = [
            models.Index(fields=["started_at"], name="fact_contact_start"),
            models.Index(fields=["thread", "started_at"], name="fact_contact_thread"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.started_at:%Y-%m-%d %H:%M}"


class FactWaitSegment(Fact):
    """A span of time in which a ticket waited on one party, in one queue; the present one has no end.

    Unlike in the other facts, `queue_id` is the queue of that time.
    """

    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.CASCADE,
        verbose_name=_("ticket"),
        db_constraint=False,
        related_name="wait_segments",
    )
    is_spam = models.BooleanField(_("spam"), default=False)
    is_merged = models.BooleanField(_("merged"), default=False)
    began_at = models.DateTimeField(_("ticket began"))
    waits_on = models.CharField(_("waits on"), max_length=11, choices=WaitsOn)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("wait")
        verbose_name_plural = _("waits")
        indexes = [
            models.Index(fields=["started_at"], name="fact_wait_started"),
            models.Index(fields=["ended_at"], name="fact_wait_ended"),
            models.Index(
                fields=["queue_id"],
                condition=Q(ended_at=None) & ~Q(waits_on="nobody"),
                name="fact_wait_present",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.waits_on}"


class FactPromise(Fact):
    """One promise and how it ended: whatever happened first to it counts, and only that."""

    class Outcome(models.TextChoices):
        OPEN = "", _("still open")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("broken")
        CHANGED = "changed", _("replaced by us")
        WITHDRAWN = "withdrawn", _("changed at the customer's wish")

    promise_id = models.BigIntegerField(_("promise"), primary_key=True)
    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.CASCADE,
        verbose_name=_("ticket"),
        db_constraint=False,
        related_name="fact_promises",
    )
    is_spam = models.BooleanField(_("spam"), default=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Promise.Kind)
    made_at = models.DateTimeField(_("made"))
    due_at = models.DateTimeField(_("due"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        verbose_name = _("promise fact")
        verbose_name_plural = _("promise facts")
        indexes = [models.Index(fields=["due_at"], name="fact_promise_due")]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.due_at:%Y-%m-%d %H:%M}"
