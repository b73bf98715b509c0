"""Find what could not be sent without reading the whole outbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_desk_lists")]

    operations = [
        migrations.AddIndex(
            model_name="outbound",
            index=models.Index(
                condition=models.Q(("state__in", ("failed", "bounced"))),
                fields=["-id"],
                name="outbound_for_people",
            ),
        ),
    ]
