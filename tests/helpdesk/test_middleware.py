"""No middleware may hold a thread: a sync-only one leaks pooled connections when a browser tab closes."""

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.utils.module_loading import import_string


@pytest.mark.parametrize("path", settings.MIDDLEWARE)
def test_every_middleware_can_run_asynchronously(path: str):
    middleware = import_string(path)
    assert getattr(middleware, "async_capable", False), f"{path} is sync-only"


@pytest.mark.parametrize("path", settings.MIDDLEWARE)
def test_every_middleware_stays_asynchronous_around_an_asynchronous_view(path: str):
    async def view(request: object) -> object:
        return request

    handler = import_string(path)(view)
    assert iscoroutinefunction(handler) or iscoroutinefunction(type(handler).__call__), f"{path} is sync-only"


def test_whitenoise_is_not_among_them():
    assert not [path for path in settings.MIDDLEWARE if "whitenoise" in path]


def test_connections_are_pooled_and_never_kept_by_age():
    assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 0
