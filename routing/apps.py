"""The routing app: who takes it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "routing"
    verbose_name = _("Routing")

    def ready(self) -> None:
        from routing.continuity import wait_choices
        from routing.dispatch import bells
        from routing.estimates import forecasts, waits
        from tickets.promises import promises, wait_question

        bells.connect()
        promises.register_estimator(waits.estimate_answer, forecasts.forecast)
        wait_question.register_question(wait_choices.load_open_question, wait_choices.record_answer_by_key)
