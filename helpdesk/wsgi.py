"""Pages, API and static files under a WSGI server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from servestatic import ServeStatic

application = ServeStatic(
    get_wsgi_application(),
    root=settings.STATIC_ROOT,
    prefix="static/",
    immutable_file_test=r"\.[0-9a-f]{12}\.",
)
