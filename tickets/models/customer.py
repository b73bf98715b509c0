"""Customers: the person, the addresses and numbers they are reached by, and reversible merges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor, ActorKind
from tickets.models.fields import Language, public_id
from tickets.models.functions import SortKey

# Put in some dozens of rows at a time, which costs a third. What waits is read whole by each search: so it
# is kept to 64 kB, the least there is.
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
        """Customers with a ticket the actor may see; themselves for a customer.

        An agent also sees customers who have no ticket yet, so that a call can be noted.
        """
        if actor.is_administrator:
            return self
        if actor.kind is ActorKind.CUSTOMER and actor.ticket_id is None:
            return self.filter(pk=int(actor.id))
        if not actor.is_user:
            return self.none()
        tickets = apps.get_model("tickets", "Ticket").objects  # by name: the two models name each other
        seen = tickets.visible_to(actor).filter(customer=models.OuterRef("pk"))
        any_ticket = tickets.filter(customer=models.OuterRef("pk"))
        return self.filter(models.Exists(seen) | ~models.Exists(any_ticket))


class Customer(models.Model):
    """A person who reaches out."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    sort_key = models.GeneratedField(
        expression=SortKey("name"), output_field=models.CharField(max_length=200), db_persist=True
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("organisation"),
    )
    notes = models.TextField(_("notes"), blank=True)
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
        """The name, or the best thing known instead of it."""
        if self.name:
            return self.name
        identity = next(iter(self.identities.all()), None)
        return identity.display if identity else str(_("Unknown customer"))

    @property
    def email(self) -> str:
        """The first address that mail can be sent to, or an empty text."""
        addresses = [i for i in self.identities.all() if i.kind == Identity.Kind.EMAIL]
        addresses.sort(key=lambda i: (i.undeliverable_at is not None, i.verified_at is None, i.pk))
        return addresses[0].value if addresses else ""

    def change_card(self, fields: dict[str, Any], *, by: Actor, now: datetime) -> bool:
        """Write what a person learnt about the customer (name, language, place, notes…); log which fields."""
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

    @property
    def phone(self) -> str:
        """The first phone number (E.164), or an empty text."""
        return next((i.value for i in self.identities.all() if i.kind == Identity.Kind.PHONE), "")

    def note_down(self, notes: str, *, by: Actor, now: datetime) -> bool:
        """Keep what colleagues should know of this person; return whether it changed."""
        notes = notes.replace("\x00", "").strip()
        if self.notes == notes:
            return False
        with transaction.atomic():
            self.notes = notes
            self.save(update_fields=["notes"])
            changed = {"customer": self.pk, "fields": ["notes"]}
            events.record("customer.changed", by=by, at=now, data=changed)
        return True


class Identity(models.Model):
    """An address, number, visitor or external id of a customer; a household may share a phone number."""

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
    undeliverable_at = models.DateTimeField(_("mail came back"), null=True, blank=True)
    complained_at = models.DateTimeField(_("called our mail spam"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=~Q(kind="phone"), name="identity_belongs_to_one_customer"
            ),
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="identity_once_per_customer"),
        ]
        indexes = [
            models.Index(fields=["value"], name="identity_value"),
            GinIndex(fields=["value"], name="identity_value_trigrams", **TRIGRAMS),
        ]

    def __str__(self) -> str:
        return self.display or self.value


class CustomerMerge(models.Model):
    """Two customers found to be one person; `moved` says what to give back when it is undone."""

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
