from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("helpdesk", "0001_heartbeat")]

    operations = [
        migrations.CreateModel(
            name="Limit",
            fields=[
                ("key", models.CharField(max_length=250, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={"verbose_name": "limit", "verbose_name_plural": "limits"},
        ),
    ]
