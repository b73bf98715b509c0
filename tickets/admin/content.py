"""Texts: macros, signatures and FAQ articles."""

from __future__ import annotations

from django.contrib import admin

from tickets.admin.roles import RoleAdmin
from tickets.models import Article, Macro, MailText, Signature


@admin.register(Macro)
class MacroAdmin(RoleAdmin):
    list_display = ["name_en", "name_fr", "queue", "is_active"]
    list_filter = ["queue", "is_active"]
    search_fields = ["name_en", "name_fr", "text_en", "text_fr"]
    supervisors = "change"
    of_queue = "queue"


@admin.register(Signature)
class SignatureAdmin(RoleAdmin):
    list_display = ["__str__", "queue", "language"]
    list_filter = ["language"]
    supervisors = "change"
    of_queue = "queue"


@admin.register(Article)
class ArticleAdmin(RoleAdmin):
    list_display = ["name_en", "name_fr", "position", "is_public"]
    search_fields = ["name_en", "name_fr", "text_en", "text_fr"]
    supervisors = "change"


@admin.register(MailText)
class MailTextAdmin(RoleAdmin):
    list_display = ["kind", "queue", "language"]
    list_filter = ["kind", "queue", "language"]
    supervisors = "change"
    of_queue = "queue"
