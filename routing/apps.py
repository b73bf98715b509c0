"""The routing app: who takes it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "routing"
    verbose_name = _("Routing")

    def ready(self) -> None:
        from routing import bells, wait_choices, waits
        from tickets import choices, promises

        bells.connect()
        promises.register(waits.estimate)
        choices.register(wait_choices.standing_for, wait_choices.answer_by_key)
