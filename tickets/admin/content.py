"""Texts: macros, signatures and FAQ articles."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tickets.admin.roles import RoleAdmin
from tickets.models import Article, Macro, MailText, Signature


class TextAdmin(RoleAdmin):
    """Texts with placeholders: the list shows those that older texts have and nobody fills in."""

    @admin.display(description=_("unknown placeholders"))
    def unknown_placeholders(self, row: Macro | MailText | Signature) -> str:
        """Return them on one line."""
        return ", ".join(row.unknown_placeholders)


@admin.register(Macro)
class MacroAdmin(TextAdmin):
    list_display = ["name_en", "name_fr", "queue", "is_active", "unknown_placeholders"]
    list_filter = ["queue", "is_active"]
    search_fields = ["name_en", "name_fr", "text_en", "text_fr"]
    supervisors = "change"
    of_queue = "queue"


@admin.register(Signature)
class SignatureAdmin(TextAdmin):
    list_display = ["__str__", "queue", "language", "unknown_placeholders"]
    list_filter = ["language"]
    supervisors = "change"
    of_queue = "queue"


@admin.register(Article)
class ArticleAdmin(RoleAdmin):
    list_display = ["name_en", "name_fr", "position", "is_public"]
    search_fields = ["name_en", "name_fr", "text_en", "text_fr"]
    supervisors = "change"


@admin.register(MailText)
class MailTextAdmin(TextAdmin):
    list_display = ["kind", "queue", "language", "unknown_placeholders"]
    list_filter = ["kind", "queue", "language"]
    supervisors = "change"
    of_queue = "queue"
