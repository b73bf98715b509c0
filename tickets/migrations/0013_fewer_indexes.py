"""Drop indexes that another one of the same table covers: each is written with every row and never read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Django adds one for LIKE to each unique text; in the locale that Tandem asks for, the plain one serves LIKE too.
DROP_LIKE = """
DO $$
DECLARE one regclass;
BEGIN
    FOR one IN
        SELECT i.indexrelid::regclass FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        WHERE c.relname LIKE 'tickets\\_%\\_like' AND t.relname LIKE 'tickets\\_%'
    LOOP
        EXECUTE format('DROP INDEX %s', one);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0012_helpers_see_less"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="contact",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="tickets.customer",
            ),
        ),
        migrations.AlterField(
            model_name="inbound",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inbounds",
                to="tickets.channel",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="tickets.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="participant",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="tickets.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assigned_tickets",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.queue",
                verbose_name="queue",
            ),
        ),
        migrations.RunSQL(DROP_LIKE, migrations.RunSQL.noop),
    ]
