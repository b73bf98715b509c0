"""Customers, their identities (addresses, numbers), notes of each queue, and reversible merges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor, ActorKind
from tickets.models.fields import Language, public_id
from tickets.models.functions import SortKey

# New rows wait in the index's pending list and are inserted some dozens at a time, which costs a third. Each
# search reads the whole list, so it is limited to 64 kB, the minimum.
TRIGRAMS: dict[str, Any] = {"opclasses": ["gin_trgm_ops"], "gin_pending_list_limit": 64}


class Organisation(models.Model):
    """A company or household that several customers belong to."""

    name = models.CharField(_("name"), max_length=200)
    domains = models.CharField(
        _("mail domains"), max_length=500, blank=True, help_text=_("Separated by spaces.")
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, actor: Actor) -> CustomerQuerySet:
        """Return customers with a ticket that the actor may see; for a customer, themselves.

        A user also sees customers without any ticket, for instance to log a call of theirs; who only takes
        part in somebody else's is seen by those who see that ticket.
        """
        if actor.is_administrator:
            return self
        if actor.kind is ActorKind.CUSTOMER and actor.identity_id is not None:
            return self.filter(pk=int(actor.id))
        if not actor.is_user:
            return self.none()
        tickets = apps.get_model("tickets", "Ticket").objects  # by name: the two models name each other
        seen = tickets.visible_to(actor).filter(customer=OuterRef("pk"))
        any_ticket = tickets.filter(customer=OuterRef("pk"))
        part = apps.get_model("tickets", "Participant").objects.filter(customer=OuterRef("pk"))
        seen_part = part.filter(ticket__in=tickets.visible_to(actor).values("pk"))
        is_known = Exists(seen_part) | ~Exists(part)
        return self.filter(Exists(seen) | Q(~Exists(any_ticket), is_known, merged_into=None))


class Customer(models.Model):
    """A person who contacts the company."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    sort_key = models.GeneratedField(
        expression=SortKey("name"), output_field=models.CharField(max_length=200), db_persist=True
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("organisation"),
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("since"))
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["sort_key"], name="customer_sort_key"),
            GinIndex(fields=["sort_key"], name="customer_name_trigrams", **TRIGRAMS),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name, else an address or number (a proved one first), else "Unknown customer"."""
        if self.name:
            return self.name
        identities = sorted(self.identities.all(), key=lambda i: (i.is_claim, i.pk))
        return identities[0].display or identities[0].value if identities else str(_("Unknown customer"))

    @property
    def email(self) -> str:
        """A proved mail address, or an empty text; one that works comes first.

        It does not check who may see it: `Identity.visible_to` does.
        """
        return self._proved(Identity.Kind.EMAIL)

    @property
    def phone(self) -> str:
        """A proved phone number (E.164), or an empty text. As for `email`, visibility is not checked."""
        return self._proved(Identity.Kind.PHONE)

    def _proved(self, kind: str) -> str:
        proved = [i for i in self.identities.all() if i.kind == kind and not i.is_claim]
        proved.sort(key=lambda i: (i.undeliverable_at is not None, i.pk))
        return proved[0].value if proved else ""

    def rename(self, name: str, *, by: Actor, now: datetime) -> bool:
        """Change the customer's name; return whether it changed."""
        return self._change({"name": name}, by=by, now=now)

    def set_language(self, language: str, *, by: Actor, now: datetime) -> bool:
        """Set the language in which to write to this customer; return whether it changed."""
        return self._change({"language": language}, by=by, now=now)

    def _change(self, fields: dict[str, Any], *, by: Actor, now: datetime) -> bool:
        changed = sorted(name for name, value in fields.items() if getattr(self, name) != value)
        if not changed:
            return False
        with transaction.atomic():
            for name in changed:
                setattr(self, name, fields[name])
            self.save(update_fields=changed)
            data = {"customer": self.pk, "fields": changed}
            events.record("customer.changed", by=by, at=now, data=data)
        return True


class IdentityQuerySet(models.QuerySet["Identity"]):
    def proved(self) -> IdentityQuerySet:
        """Return identities that a channel has proved. Only these identify a customer."""
        return self.filter(verified_at__isnull=False)

    def claims(self) -> IdentityQuerySet:
        """Return identities that somebody typed, without proof."""
        return self.filter(verified_at=None)

    def visible_to(self, actor: Actor) -> IdentityQuerySet:
        """Return identities that took part in, or were claimed in, a ticket that the actor may see.

        Identities of customers without any ticket are visible to every user, as the customers are.
        """
        if actor.is_administrator:
            return self
        if not actor.is_user:
            return self.none()
        tickets = apps.get_model("tickets", "Ticket").objects  # by name: the models name each other
        return self.known_in(tickets.visible_to(actor))

    def known_in(self, tickets: models.QuerySet[Any]) -> IdentityQuerySet:
        """Return identities that took part, were claimed or called in one of `tickets`.

        Identities of customers without any ticket are included, if they take part in nobody else's.
        """
        seen = tickets.values("pk")
        part = apps.get_model("tickets", "Participant").objects.filter(identity=OuterRef("pk"))
        called = apps.get_model("tickets", "Call").objects.filter(
            customer=OuterRef("customer"), customer_number=OuterRef("value")
        )
        theirs = apps.get_model("tickets", "Ticket").objects.filter(customer=OuterRef("customer"))
        takes_part = part.model.objects.filter(customer=OuterRef("customer"))
        return self.filter(
            Q(ticket__in=seen)
            | Exists(part.filter(ticket__in=seen))
            | Q(Exists(called.filter(ticket__in=seen)), kind=Identity.Kind.PHONE)
            | Q(~Exists(theirs), ~Exists(takes_part))
        )


class Identity(models.Model):
    """An address, phone number, chat visitor or external id of a customer.

    An identity that a channel has proved (`verified_at`) identifies its customer. It belongs to one customer,
    except a phone number, which a household may share.

    An identity that somebody typed is a claim in one conversation (`ticket`). We reply to it and show it as
    claimed, but it identifies nobody and gives no access. The same address may be claimed in many tickets.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("email address")
        PHONE = "phone", _("phone number")
        VISITOR = "visitor", _("chat visitor")
        EXTERNAL = "external", _("external id")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=320)
    display = models.CharField(_("as shown"), max_length=320, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_how = models.CharField(_("verified how"), max_length=40, blank=True)
    undeliverable_at = models.DateTimeField(_("bounced"), null=True, blank=True)
    complained_at = models.DateTimeField(_("marked our email as spam"), null=True, blank=True)
    created_at = models.DateTimeField()
    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, null=True, blank=True, editable=False, related_name="claims"
    )

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"],
                condition=Q(verified_at__isnull=False) & ~Q(kind="phone"),
                name="proved_identity_of_one_customer",
            ),
            models.UniqueConstraint(
                fields=["customer", "kind", "value"],
                condition=Q(verified_at__isnull=False),
                name="proved_identity_once",
            ),
            models.UniqueConstraint(
                fields=["ticket", "kind", "value"],
                condition=Q(verified_at=None),
                name="claim_once_per_ticket",
            ),
        ]
        indexes = [
            models.Index(fields=["value"], name="identity_value"),
            GinIndex(fields=["value"], name="identity_value_trigrams", **TRIGRAMS),
        ]

    def __str__(self) -> str:
        return self.display or self.value

    @property
    def is_claim(self) -> bool:
        """Whether somebody only typed it."""
        return self.verified_at is None


class CustomerDetails(models.Model):
    """What the agents of one queue noted about a customer; agents of other queues do not see it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="details", verbose_name=_("customer"))
    queue = models.ForeignKey("tickets.Queue", models.CASCADE, related_name="+", verbose_name=_("queue"))
    notes = models.TextField(_("notes"), blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    updated_at = models.DateTimeField(_("last change"))

    class Meta:
        verbose_name = _("details of a customer")
        verbose_name_plural = _("details of customers")
        constraints = [
            models.UniqueConstraint(fields=["customer", "queue"], name="customer_details_once_per_queue")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} · {self.queue_id}"


class CustomerMerge(models.Model):
    """A merge of two customers who are one person; `moved` lists what an undo must move back."""

    source = models.ForeignKey(Customer, models.CASCADE, related_name="merges_away")
    target = models.ForeignKey(Customer, models.CASCADE, related_name="merges_here")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("customer merge")
        verbose_name_plural = _("customer merges")

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"
