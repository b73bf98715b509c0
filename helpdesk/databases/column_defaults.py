"""Constant defaults of fields, kept in the database too: a statement that does not name a column gets them.

Django drops the default again after it has added a column. The set-based statements of the router, the
facts and the loading name their columns; without a default in the database, each new field would break
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections, models
from psycopg import sql

OURS = ("helpdesk", "metrics", "routing", "tickets")
CONSTANTS = (bool, int, float, str)
EMPTY = {dict: "{}", list: "[]"}


def set_column_defaults(sender: AppConfig, *, using: str = "default", **_options: Any) -> None:
    """Set the default of each column of an app whose field has a constant one. Runs after each migration."""
    if sender.label not in OURS:
        return
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_default IS NULL"
        )
        without = set(cursor.fetchall())
        for model in apps.get_app_config(sender.label).get_models():
            for column, value in constant_defaults(model):
                if (model._meta.db_table, column) in without:
                    table, name = sql.Identifier(model._meta.db_table), sql.Identifier(column)
                    change = sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}")
                    cursor.execute(change.format(table, name, sql.Literal(value)))


def constant_defaults(model: type[models.Model]) -> Iterator[tuple[str, Any]]:
    """Give column and default of each field of a table whose default is the same for every row."""
    for field in model._meta.local_concrete_fields:
        default = field.default
        if default in EMPTY and isinstance(field, models.JSONField):
            yield str(field.column), EMPTY[default]
        elif isinstance(default, CONSTANTS):
            # A choice of an enum is a text or a number of a class of its own.
            yield str(field.column), next(kind(default) for kind in CONSTANTS if isinstance(default, kind))
