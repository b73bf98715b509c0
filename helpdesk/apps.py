"""The wiring app and the custom admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
    default = True
    verbose_name = _("Helpdesk")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from helpdesk.databases.column_defaults import set_column_defaults
        from helpdesk.runtime.readable import decode_by_known_charsets

        decode_by_known_charsets()
        post_migrate.connect(set_column_defaults, dispatch_uid="helpdesk.column_defaults")


class TandemAdminConfig(admin_apps.AdminConfig):
    """The stock admin with our own site: packages register their models with `admin.register`."""

    default = False
    default_site = "helpdesk.site.TandemAdminSite"
