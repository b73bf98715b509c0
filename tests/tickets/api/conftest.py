"""API clients with keys of the people in the cast."""

import json

import pytest
from django.test import Client

from tickets.api import keys


@pytest.fixture
def secret(cast, now):
    """Return a function that returns the key of a person with given scopes; created on first use."""
    made = {}

    def of(person="alice", scopes=("read", "write")):
        known = (person, tuple(scopes))
        if known not in made:
            by = cast.acting("admin")
            made[known] = keys.create_key(getattr(cast, person), "test", list(scopes), by=by, now=now)[1]
        return made[known]

    return of


@pytest.fixture
def api(secret):
    """Return a function that calls the API with a person's key; `raw` is the body, else the named fields."""

    def call(
        method, path, *, person="alice", scopes=("read", "write"), headers=None, raw=None, key=None, **body
    ):
        sent = {"Authorization": f"Bearer {secret(person, scopes)}", **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        client = Client(raise_request_exception=False, headers=sent)
        if method == "get":
            return client.get(f"/api/v1/{path}", body)
        raw = json.dumps(body).encode() if raw is None else raw
        return client.generic(
            method.upper(), f"/api/v1/{path}", raw, content_type=sent.get("Content-Type", "application/json")
        )

    return call
