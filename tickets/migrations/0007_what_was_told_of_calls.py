from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_calls_that_ring")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="told",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AlterField(
            model_name="message",
            name="thread_layer",
            field=models.CharField(blank=True, max_length=40, verbose_name="how it found its ticket"),
        ),
    ]
