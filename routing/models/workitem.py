"""Work items: what waits for a person, or is with one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routing.engine import Medium
from tickets.actor import Actor
from tickets.models import Ticket


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def visible_to(self, actor: Actor) -> WorkItemQuerySet:
        """Items of tickets the actor may see."""
        return self.filter(ticket__in=Ticket.objects.visible_to(actor))

    def waiting(self) -> WorkItemQuerySet:
        return self.filter(state=WorkItem.State.WAITING)

    def taken(self) -> WorkItemQuerySet:
        return self.filter(state=WorkItem.State.TAKEN)

    def open(self) -> WorkItemQuerySet:
        return self.exclude(state=WorkItem.State.CLOSED)


class WorkItem(models.Model):
    """Something that waits for a person; made, closed and opened again from rows by `reconcile`.

    `eligible_at` is since when the customer waits, through offers, returns and moves. `owner` is who had
    it last: the first to be asked again. `waiting_why` says what keeps it waiting, in counts.
    """

    class Kind(models.TextChoices):
        TICKET = "ticket", _("a ticket's turn")
        MISSED_CALL = "missed_call", _("missed call")
        CHAT = "chat", _("chat")
        CALLBACK = "callback", _("call back")
        FOLLOW_UP = "follow_up", _("follow-up")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for an agent")
        OFFERED = "offered", _("offered")
        TAKEN = "taken", _("assigned")
        CLOSED = "closed", _("done")

    TURNS = (Kind.TICKET, Kind.MISSED_CALL)
    LIVE = (Kind.CHAT, Kind.CALLBACK)

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="work_items")
    queue = models.ForeignKey("tickets.Queue", models.PROTECT, related_name="work_items", db_index=False)
    callback = models.OneToOneField(
        "tickets.Callback", models.CASCADE, null=True, blank=True, related_name="work_item"
    )
    agent = models.ForeignKey(
        "routing.Agent", models.PROTECT, null=True, blank=True, related_name="work_items", db_index=False
    )
    owner = models.ForeignKey("routing.Agent", models.SET_NULL, null=True, blank=True, related_name="+")
    hold_agent = models.ForeignKey(
        "routing.Agent", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    hold_until = models.DateTimeField(null=True, blank=True)
    eligible_at = models.DateTimeField(_("waits since"))
    given_at = models.DateTimeField(_("taken"), null=True, blank=True)
    closed_at = models.DateTimeField(_("done"), null=True, blank=True)
    returns = models.PositiveSmallIntegerField(_("offers not accepted"), default=0)
    version = models.PositiveIntegerField(default=0)
    waiting_why = models.JSONField(default=dict, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(kind__in=("ticket", "missed_call")), name="one_turn_a_ticket"
            ),
            models.UniqueConstraint(
                fields=["ticket", "kind"],
                condition=Q(kind__in=("chat", "follow_up")) & ~Q(state="closed"),
                name="one_open_item_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "closed"), agent=None)
                | Q(state__in=("offered", "taken"), agent__isnull=False),
                name="work_item_agent_fits_state",
            ),
            models.CheckConstraint(
                condition=Q(kind="callback", callback__isnull=False) | ~Q(kind="callback") & Q(callback=None),
                name="work_item_callback_fits_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["eligible_at"], condition=Q(state="waiting"), name="work_item_waiting"),
            models.Index(
                fields=["agent", "queue"],
                condition=Q(state__in=("offered", "taken")),
                name="work_item_with_agent",
            ),
            models.Index(fields=["queue", "given_at"], name="work_item_given"),
            models.Index(fields=["hold_agent"], condition=~Q(hold_agent=None), name="work_item_held"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.ticket_id}"

    @property
    def medium(self) -> Medium:
        """How it occupies a person."""
        return MEDIUM[self.kind]

    @property
    def is_live(self) -> bool:
        return self.kind in self.LIVE


MEDIUM: dict[str, Medium] = {
    WorkItem.Kind.TICKET: Medium.MAIL,
    WorkItem.Kind.MISSED_CALL: Medium.MAIL,
    WorkItem.Kind.CHAT: Medium.CHAT,
    WorkItem.Kind.CALLBACK: Medium.VOICE,
    WorkItem.Kind.FOLLOW_UP: Medium.MAIL,
}
