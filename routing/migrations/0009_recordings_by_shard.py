from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep one recording for each shard of a moment, and of decisions the account as it is written.

    Recordings are packed anew, so those kept so far are let go; the decisions and their reasons stay.
    """

    dependencies = [
        ("routing", "0008_fewer_indexes"),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM routing_recording", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="recording",
            name="at",
            field=models.DateTimeField(verbose_name="at"),
        ),
        migrations.AddField(
            model_name="recording",
            name="shard",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(fields=("at", "shard"), name="one_recording_a_shard"),
        ),
        migrations.RunSQL(
            "ALTER TABLE routing_decision ALTER COLUMN data SET STORAGE EXTERNAL;"
            "ALTER TABLE routing_recording ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE routing_decision ALTER COLUMN data SET STORAGE EXTENDED;"
            "ALTER TABLE routing_recording ALTER COLUMN body SET STORAGE EXTENDED",
        ),
    ]
