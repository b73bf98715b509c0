"""Where things are kept for a while: limits on signing in lie in PostgreSQL, all else may be lost."""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

LIMITS = "allauth:"  # how the keys begin by which allauth counts tries


def cache_settings(redis_url: str) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES; without Redis each process keeps its own shared values."""
    shared: dict[str, Any] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if redis_url:
        shared = {
            "BACKEND": "helpdesk.databases.cache.ForgivingRedisCache",
            "LOCATION": redis_url,
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        }
    return {
        "default": {"BACKEND": "helpdesk.databases.cache.Cache"},
        "limits": {"BACKEND": "helpdesk.databases.limits.DatabaseLimits"},
        "shared": shared,
    }


class Cache(BaseCache):
    """The default cache: it sorts the keys into `limits` and `shared`.

    So a limit holds over all processes, through a restart and while Redis is away, and Redis being away
    keeps nobody from signing in.
    """

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _home_of(key).get(key, default, version)

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        _home_of(key).set(key, value, timeout, version)

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return _home_of(key).add(key, value, timeout, version)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _home_of(key).touch(key, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return _home_of(key).delete(key, version)

    def clear(self) -> None:
        """Forget what may be lost; limits stay."""
        caches["shared"].clear()


class ForgivingRedisCache(RedisCache):
    """A cache whose loss costs a recomputation, never a request."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError:
            return default

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(key, value, *args, **kwargs)
        except RedisError:
            return

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().add(key, value, *args, **kwargs))
        except RedisError:
            return True

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except RedisError:
            return False


def _home_of(key: Any) -> BaseCache:
    return caches["limits" if str(key).startswith(LIMITS) else "shared"]
