"""Configuration of texts: canned responses, email templates, signatures and FAQ articles."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tickets.admin.roles import RoleAdmin
from tickets.models import Article, Macro, MailText, Signature


class TextAdmin(RoleAdmin):
    """Texts with placeholders. The list shows placeholders of older texts that have no value."""

    @admin.display(description=_("unknown placeholders"))
    def unknown_placeholders(self, row: Macro | MailText | Signature) -> str:
        """Return the unknown placeholders of a text, separated by commas."""
        return ", ".join(row.unknown_placeholders)


@admin.register(Macro)
class MacroAdmin(TextAdmin):
    list_display = ["name_en", "name_fr", "queue", "is_active", "unknown_placeholders"]
    list_filter = ["queue", "is_active"]
    search_fields = ["name_en", "name_fr", "text_en", "text_fr"]
    supervisor_access = "change"
    queue_path = "queue"


@admin.register(Signature)
class SignatureAdmin(TextAdmin):
    list_display = ["__str__", "queue", "language", "unknown_placeholders"]
    list_filter = ["language"]
    supervisor_access = "change"
    queue_path = "queue"


@admin.register(Article)
class ArticleAdmin(RoleAdmin):
    list_display = ["name_en", "name_fr", "position", "is_public"]
    search_fields = ["name_en", "name_fr", "text_en", "text_fr"]
    supervisor_access = "change"


@admin.register(MailText)
class MailTextAdmin(TextAdmin):
    list_display = ["kind", "queue", "language", "unknown_placeholders"]
    list_filter = ["kind", "queue", "language"]
    supervisor_access = "change"
    queue_path = "queue"
