"""Tickets, their participants, tags, and links between tickets."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor, ActorKind
from tickets.models.fields import Language, public_id
from tickets.models.functions import PENDING_KIB, SearchVector, write_literals
from tickets.models.queue import Queue
from tickets.models.ticket_verbs import TicketVerbs
from tickets.states import ACTIVE, FINISHED, WAITS_ON, State, WaitsOn


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, actor: Actor) -> TicketQuerySet:
        """Return the tickets that an actor may see. Pages, API and sockets reach tickets only through this.

        Users see the tickets of their queues and those assigned to them. Customers see the ticket of their
        link, or the tickets in which their proved address takes part.
        """
        if actor.is_administrator:
            return self
        if actor.is_user:
            queues = actor.queues
            if queues is None:
                queues = tuple(Queue.objects.visible_to(actor).values_list("pk", flat=True))
            return self.filter(Q(queue_id__in=queues) | Q(assignee_id=actor.user_id))
        if actor.ticket_id is not None:
            return self.filter(pk=actor.ticket_id, is_spam=False)
        if actor.kind is ActorKind.CUSTOMER and actor.identity_id is not None:
            part = Participant.objects.accepted().filter(
                ticket=models.OuterRef("pk"),
                identity_id=actor.identity_id,
                identity__verified_at__isnull=False,
            )
            return self.filter(models.Exists(part), is_spam=False)
        return self.none()

    def genuine(self) -> TicketQuerySet:
        """Leave out spam and tickets merged into another."""
        return self.filter(is_spam=False, merged_into=None)

    def active(self) -> TicketQuerySet:
        return self.genuine().filter(state__in=write_literals(ACTIVE))

    def finished(self) -> TicketQuerySet:
        return self.genuine().filter(state__in=write_literals(FINISHED))

    def waiting_on_us(self) -> TicketQuerySet:
        return self.genuine().filter(waits_on__in=write_literals([WaitsOn.US]))

    def for_list(self) -> TicketQuerySet:
        """Load what a row of a list shows, with a constant number of queries."""
        return self.select_related("customer", "queue", "assignee", "channel").prefetch_related(
            "customer__identities"
        )


class Tag(models.Model):
    """A word that agents attach to tickets."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Ticket(TicketVerbs, models.Model):
    """One request of one customer. Agents use its primary key as its number, customers see `public_id`."""

    class Priority(models.IntegerChoices):
        LOW = 0, _("low")
        NORMAL = 1, _("normal")
        HIGH = 2, _("high")
        URGENT = 3, _("urgent")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    # No index on queue, assignee or customer alone: the indexes below begin with these columns.
    queue = models.ForeignKey(
        Queue, models.PROTECT, related_name="tickets", verbose_name=_("queue"), db_index=False
    )
    channel = models.ForeignKey(
        "tickets.Channel", models.PROTECT, related_name="tickets", verbose_name=_("channel")
    )
    customer = models.ForeignKey(
        "tickets.Customer",
        models.PROTECT,
        related_name="tickets",
        verbose_name=_("customer"),
        db_index=False,
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    waits_on = models.GeneratedField(
        expression=Case(*(When(state=s, then=Value(w)) for s, w in WAITS_ON.items())),
        output_field=models.CharField(max_length=11, choices=WaitsOn),
        db_persist=True,
    )
    priority = models.SmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        db_index=False,
    )
    motive = models.ForeignKey(
        "tickets.Motive", models.PROTECT, null=True, blank=True, verbose_name=_("reason")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets", verbose_name=_("tags"))
    is_spam = models.BooleanField(_("spam"), default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_tickets"
    )
    custom = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("last change"))
    waiting_since = models.DateTimeField(_("customer waits since"), null=True, blank=True)
    first_response_at = models.DateTimeField(_("first human response"), null=True, blank=True)
    last_customer_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    search = models.GeneratedField(
        expression=SearchVector("language", "subject"), output_field=SearchVectorField(), db_persist=True
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(
                fields=["queue", "-updated_at"],
                condition=Q(is_spam=False, merged_into=None) & Q(state__in=ACTIVE),
                name="ticket_active_by_queue",
            ),
            # It includes the columns that the desk needs to count a person's work: an index-only scan.
            models.Index(
                fields=["assignee", "-updated_at"],
                include=["id", "waits_on", "last_seq"],
                condition=Q(is_spam=False, merged_into=None) & Q(state__in=ACTIVE),
                name="ticket_active_by_assignee",
            ),
            models.Index(fields=["queue", "-updated_at"], name="ticket_by_queue"),
            models.Index(fields=["assignee", "-updated_at"], name="ticket_by_assignee"),
            models.Index(fields=["-updated_at"], name="ticket_by_change"),
            models.Index(fields=["customer", "-created_at"], name="ticket_by_customer"),
            models.Index(
                fields=["solved_at"], condition=Q(state=State.SOLVED), name="ticket_solved_to_close"
            ),
            GinIndex(fields=["search"], name="ticket_search", gin_pending_list_limit=PENDING_KIB),
            models.Index(
                fields=["queue", "waiting_since", "id"],
                condition=Q(is_spam=False, merged_into=None) & Q(state__in=ACTIVE),
                name="ticket_active_by_wait",
            ),
            models.Index(
                fields=["queue", "assignee", "waiting_since", "id"],
                condition=Q(is_spam=False, merged_into=None, waits_on=WaitsOn.US),
                name="ticket_waiting",
            ),
            models.Index(
                fields=["queue", "-updated_at"], condition=Q(is_spam=True), name="ticket_spam_by_queue"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def number(self) -> int:
        """The number by which agents refer to the ticket."""
        return self.pk

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def accepted(self) -> ParticipantQuerySet:
        return self.filter(state=Participant.State.ACCEPTED)


class Participant(models.Model):
    """Somebody in a ticket: its requester, a person in copy, or one who waits for an agent's approval."""

    class Role(models.TextChoices):
        REQUESTER = "requester", _("requester")
        COPY = "copy", _("in copy")

    class State(models.TextChoices):
        ACCEPTED = "accepted", _("takes part")
        PENDING = "pending", _("waiting for an agent's approval")
        REFUSED = "refused", _("refused")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="participants", db_index=False)
    customer = models.ForeignKey("tickets.Customer", models.PROTECT, related_name="participations")
    identity = models.ForeignKey("tickets.Identity", models.SET_NULL, null=True, blank=True, related_name="+")
    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.REQUESTER)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACCEPTED)
    created_at = models.DateTimeField()

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "customer"], name="participant_once_per_ticket")
        ]

    def __str__(self) -> str:
        return f"{self.customer} · #{self.ticket_id}"

    @property
    def address(self) -> str:
        """The mail address to which we reply to this participant, or an empty text."""
        if self.identity is not None and self.has_own_address:
            return self.identity.value
        return self.address_in_queue

    @property
    def address_in_queue(self) -> str:
        """A proved address of the customer that this queue knows, or an empty text.

        It is used if they wrote without a mail address (for instance by phone). An address that only other
        queues know is not used, since this queue's agents would learn it.
        """
        emails = apps.get_model("tickets", "Identity").objects.proved().filter(kind="email")
        here = Participant.objects.filter(identity=models.OuterRef("pk"), ticket__queue=self.ticket.queue_id)
        known = emails.filter(models.Exists(here), customer=self.customer_id).order_by(
            models.F("undeliverable_at").asc(nulls_first=True), "-pk"
        )
        return known.values_list("value", flat=True).first() or ""

    @property
    def is_copy(self) -> bool:
        """Whether they take part beside the requester."""
        return self.role == Participant.Role.COPY

    @property
    def is_undeliverable(self) -> bool:
        """Whether mail to the address they wrote from has bounced."""
        return self.identity is not None and self.identity.undeliverable_at is not None

    @property
    def has_own_address(self) -> bool:
        """Whether they wrote from a mail address; we reply there, whatever other addresses they have."""
        return self.identity is not None and self.identity.kind == "email"


class TicketLink(models.Model):
    """A link between two tickets, and its kind."""

    class Kind(models.TextChoices):
        RELATED = "related", _("is related to")
        CONTINUES = "continues", _("continues")
        FORWARDED = "forwarded", _("was forwarded from")
        QUOTES = "quotes", _("quotes the number of")

    source = models.ForeignKey(Ticket, models.CASCADE, related_name="links_from")
    target = models.ForeignKey(Ticket, models.CASCADE, related_name="links_to")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.RELATED)
    is_suspicious = models.BooleanField(_("to be checked"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ticket link")
        verbose_name_plural = _("ticket links")
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="ticket_link_once"),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="ticket_link_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"#{self.source_id} {self.get_kind_display()} #{self.target_id}"
