"""Skills, and what queues ask for."""

from __future__ import annotations

from django.contrib import admin

from routing.models import QueueRules, QueueSkill, Skill
from tickets.admin.roles import RoleAdmin


@admin.register(Skill)
class SkillAdmin(RoleAdmin):
    list_display = ["slug", "name_en", "name_fr"]
    search_fields = ["slug", "name_en", "name_fr"]
    supervisor_access = "change"


@admin.register(QueueSkill)
class QueueSkillAdmin(RoleAdmin):
    list_display = ["queue", "skill", "required_level", "wanted_level"]
    list_select_related = ["queue", "skill"]
    list_filter = ["queue"]
    autocomplete_fields = ["queue", "skill"]
    supervisor_access = "change"
    queue_path = "queue"


@admin.register(QueueRules)
class QueueRulesAdmin(RoleAdmin):
    list_display = ["queue", "weight", "language", "region", "office_only", "overflow_to"]
    list_select_related = ["queue", "overflow_to"]
    autocomplete_fields = ["queue"]
    supervisor_access = "change"
    queue_path = "queue"
