"""A promise can be replaced by a newer one: why, how often the customer was told, and when to look again."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0028_chat_of_a_request"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="promise",
            name="changes",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, verbose_name="changes the customer was told of"
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="look_again_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="looked at again"),
        ),
        migrations.AddField(
            model_name="promise",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("time", "whoever has it needs more time"),
                    ("people", "fewer people are there than when it was promised"),
                    ("ahead", "more is waiting than when it was promised"),
                    ("slower", "answers take longer than expected"),
                ],
                db_default="",
                max_length=6,
                verbose_name="why it took another's place",
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                condition=models.Q(("kept_at", None), ("replaced_by", None)),
                fields=["due_at"],
                name="promise_watched",
            ),
        ),
    ]
