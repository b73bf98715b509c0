"""Pages and websockets under an ASGI server; static files are served outside the middleware."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from helpdesk.sockets import websocket_urlpatterns  # noqa: E402


def with_static_files(pages: ASGIHandler) -> ServeStaticASGI | ASGIStaticFilesHandler:
    """Put static files before the pages: collected ones by their hash, or with debug on those in the code."""
    if settings.DEBUG:
        return ASGIStaticFilesHandler(pages)
    return ServeStaticASGI(
        pages, root=settings.STATIC_ROOT, prefix="static/", immutable_file_test=r"\.[0-9a-f]{12}\."
    )


application = ProtocolTypeRouter(
    {
        "http": with_static_files(pages),
        "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    }
)
