"""Whose answers go to Reply-To, whether people in copy take part, and who follows a ticket."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0029_promises_replaced"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="answers_reply_to",
            field=models.CharField(
                choices=[
                    ("needed", "only for senders that cannot be answered"),
                    ("always", "always"),
                    ("never", "never"),
                ],
                default="needed",
                help_text="When a mail names another address for answers than its sender's.",
                max_length=6,
                verbose_name="answers go to Reply-To",
            ),
        ),
        migrations.AddField(
            model_name="channel",
            name="form_senders",
            field=models.TextField(
                blank=True,
                help_text="One address or domain a line, such as forms@shop.example or shop.example: a contact form, say. Their mails are from whom Reply-To names.",
                verbose_name="senders that write for others",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="adds_copies",
            field=models.BooleanField(
                default=False,
                help_text="Whom a customer puts in copy of a mail gets our answers and may answer, without a click of an agent.",
                verbose_name="people in copy take part",
            ),
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "follower",
                "verbose_name_plural": "followers",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("ticket", "user"), name="follower_once_per_ticket")
                ],
            },
        ),
    ]
