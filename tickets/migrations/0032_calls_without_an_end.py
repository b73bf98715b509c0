"""A call may end without anybody telling so, and be told of by a number that could be several."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0031_automatic_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="end_is_assumed",
            field=models.BooleanField(default=False, editable=False, verbose_name="end never told"),
        ),
        migrations.AddField(
            model_name="call",
            name="told_number",
            field=models.CharField(blank=True, editable=False, max_length=20),
        ),
    ]
