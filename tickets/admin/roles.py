"""Rights to configure: administrators everything, supervisors parts of their queues, agents nothing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.models import Queue


def is_supervisor(request: HttpRequest) -> bool:
    """Tell whether the person supervises any queue; the result is cached on the request."""
    cached = getattr(request, "is_supervisor", None)
    if cached is None:
        cached = request.user.is_active and _load_supervised(request).exists()
        request.is_supervisor = cached  # type: ignore[attr-defined]
    return bool(cached)


class OwnRowsFilter(admin.RelatedFieldListFilter):
    """A filter by a related row; it lists only rows that the person may also choose in a form."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = _filter_choosable(field.related_model, request, model_admin)
        ordering = self.field_admin_ordering(field, request, model_admin)
        only = {} if rows is None else {"pk__in": rows.values("pk")}
        choices: list[tuple[str, Any]] = field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to=only
        )
        return choices


class RoleAdmin(admin.ModelAdmin[Any]):
    """A ModelAdmin that grants rights by the person's role, and records its changes as events.

    - `supervisor_access`: what a supervisor may do: "" (nothing), "view" or "change".
    - `queue_path`: the lookup from a row to its queue. If it is set, supervisors see only rows of queues that
      they supervise, and rows without a queue.
    """

    supervisor_access: ClassVar[str] = ""
    queue_path: ClassVar[str] = ""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.queue_path or _is_administrator(request):
            return rows
        own = models.Q(**{f"{self.queue_path}__in": _load_supervised(request)})
        common = models.Q(**{f"{self.queue_path}__isnull": True})
        return rows.filter(pk__in=rows.model._base_manager.filter(own | common).values("pk"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the lookups of the filters beside the list.

        Django allows every field of the row by default. Then a person who may see the list could guess a
        secret letter by letter (`?secret__startswith=a`).
        """
        names = filter(None, map(_find_field, self.get_list_filter(request)))
        return any(lookup in self._lookups_of(name) for name in names)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters; those by a related row use OwnRowsFilter."""
        return [
            (name, OwnRowsFilter)
            if isinstance(name, str) and self.model._meta.get_field(name).is_relation
            else name
            for name in super().get_list_filter(request)
        ]

    def _lookups_of(self, name: str) -> set[str]:
        """Return the URL parameters that the filter by a field uses."""
        field = self.model._meta.get_field(name)
        if field.is_relation:
            target = field.target_field.name
            return {name, f"{name}__{target}__exact", f"{name}__isnull"}
        return {name, *(f"{name}__{ending}" for ending in ("exact", "isnull", "gte", "lt"))}

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        rows = _filter_choosable(db_field.remote_field.model, request, self)
        if field is not None and rows is not None:
            field.queryset = rows
        return field

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request) or bool(self.supervisor_access and is_supervisor(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request) or (self.supervisor_access == "change" and is_supervisor(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        record_change(request, obj, sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        record_change(request, obj, ["deleted"])
        super().delete_model(request, obj)


class RoleInline(admin.TabularInline[Any, Any]):
    """Rows on another row's page, with the rights of that page."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._page(request).has_change_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._page(request).has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._page(request).has_change_permission(request)

    def _page(self, request: HttpRequest) -> admin.ModelAdmin[Any]:
        return self.admin_site._registry[self.parent_model]


class ReadOnlyAdmin(RoleAdmin):
    """Rows that nobody can change here."""

    @admin.display(description=_("ticket"), ordering="ticket_id")
    def ticket_number(self, row: Any) -> str:
        """Return the number of the row's ticket, without loading the ticket."""
        return f"#{row.ticket_id}" if row.ticket_id else ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def record_change(request: HttpRequest, obj: models.Model, fields: list[str]) -> None:
    """Record a configuration change in the audit log: the names of its fields, never their values."""
    events.record(
        "config.changed",
        by=Actor.for_user(request.user),
        at=database_now(),
        data={"model": obj._meta.label, "id": str(obj.pk), "fields": fields},
    )


def _filter_choosable(
    model: Any, request: HttpRequest, beside: admin.ModelAdmin[Any]
) -> models.QuerySet[Any] | None:
    """Return the rows of `model` that a person may choose in a form, or None if all of them."""
    if _is_administrator(request):
        return None
    if model is Queue:
        return _load_supervised(request)
    if model is get_user_model():
        people: models.QuerySet[Any] = model._default_manager.filter(
            memberships__queue__in=_load_supervised(request)
        )
        return people.distinct()
    own = beside.admin_site._registry.get(model)
    return own.get_queryset(request) if isinstance(own, RoleAdmin) and own.queue_path else None


def _find_field(entry: Any) -> str:
    """Return the field of an entry of `list_filter`; "" if it is a filter class with its own parameters."""
    if isinstance(entry, str):
        return entry
    return str(entry[0]) if isinstance(entry, tuple) else ""


def _load_supervised(request: HttpRequest) -> models.QuerySet[Queue]:
    return Queue.objects.supervised_by(Actor.for_user(request.user))


def _is_administrator(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
