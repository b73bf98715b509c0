"""Pages, API and static files under a WSGI server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from servestatic import ServeStatic

from helpdesk.runtime.memory import settle, with_deep_stack

application = ServeStatic(
    with_deep_stack(get_wsgi_application()),
    root=settings.STATIC_ROOT,
    prefix="static/",
    immutable_file_test=r"\.[0-9a-f]{12}\.",
)
settle()
