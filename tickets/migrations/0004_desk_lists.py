"""What the desk's lists need: who has read how far, and indexes for the orders they are shown in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reader",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_seq", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
                ("is_writing", models.BooleanField(default=False)),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readers",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "reader", "verbose_name_plural": "readers"},
        ),
        migrations.AddConstraint(
            model_name="reader",
            constraint=models.UniqueConstraint(fields=("ticket", "user"), name="one_place_per_reader"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("is_spam", False),
                    ("merged_into", None),
                    ("state__in", ("new", "open", "pending", "on_hold")),
                ),
                fields=["queue", "waiting_since", "id"],
                name="ticket_active_by_wait",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("assignee", None), ("is_spam", False), ("merged_into", None), ("waits_on", "us")
                ),
                fields=["queue", "-updated_at"],
                name="ticket_unassigned",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("is_spam", True)),
                fields=["queue", "-updated_at"],
                name="ticket_spam_by_queue",
            ),
        ),
    ]
