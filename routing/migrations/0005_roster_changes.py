"""Note every change of the roster, so that what a router remembers can be trusted."""

from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = (
    "routing_agent",
    "routing_agentskill",
    "routing_skill",
    "routing_queueskill",
    "routing_shift",
    "routing_leave",
    "tickets_queuemembership",
)

NOTE = """
CREATE FUNCTION routing_note_roster_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO routing_rosterchange DEFAULT VALUES;
    RETURN NULL;
END
$$;
""" + "".join(
    f"""
CREATE TRIGGER roster_changed AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION routing_note_roster_change();
"""
    for table in TABLES
)

UNDO = "".join(f"DROP TRIGGER roster_changed ON {table};\n" for table in TABLES) + (
    "DROP FUNCTION routing_note_roster_change();"
)


def _watch_accounts(apps: Any, schema_editor: Any) -> None:
    """Watch whether accounts are switched on; a sign-in changes nothing here."""
    table = apps.get_model("routing", "Agent")._meta.get_field("user").related_model._meta.db_table
    schema_editor.execute(
        f"CREATE TRIGGER roster_changed AFTER INSERT OR DELETE OR UPDATE OF is_active ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION routing_note_roster_change()"
    )


def _leave_accounts(apps: Any, schema_editor: Any) -> None:
    table = apps.get_model("routing", "Agent")._meta.get_field("user").related_model._meta.db_table
    schema_editor.execute(f"DROP TRIGGER roster_changed ON {table}")


class Migration(migrations.Migration):
    dependencies = [("routing", "0004_home_shoring")]

    operations = [
        migrations.CreateModel(
            name="RosterChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "change of the roster",
                "verbose_name_plural": "changes of the roster",
            },
        ),
        migrations.RunSQL(NOTE, UNDO),
        migrations.RunPython(_watch_accounts, _leave_accounts),
    ]
