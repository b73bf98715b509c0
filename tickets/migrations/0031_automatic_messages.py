"""What machines wrote that belongs to no ticket is kept, with what is shown and searched of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0030_who_is_meant"),
    ]

    operations = [
        migrations.AlterField(
            model_name="inbound",
            name="state",
            field=models.CharField(
                choices=[
                    ("stored", "received, not yet processed"),
                    ("attached", "joined a ticket"),
                    ("opened", "opened a ticket"),
                    ("pending", "held for an agent's approval"),
                    ("kept", "kept: an automatic message"),
                    ("ignored", "ignored by a rule"),
                    ("quarantined", "in quarantine"),
                    ("failed", "failed, will be tried again"),
                ],
                default="stored",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "inbound",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice",
                        serialize=False,
                        to="tickets.inbound",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("receipt", "read receipts"),
                            ("absence", "absence notices"),
                            ("answer", "automatic answers"),
                            ("appointment", "answers to appointments"),
                            ("delay", "delay notices"),
                            ("delivered", "delivery notices"),
                            ("list", "mailing lists"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("sender", models.CharField(blank=True, max_length=320, verbose_name="address")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("subject", models.CharField(blank=True, max_length=500, verbose_name="subject")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("says", models.JSONField(blank=True, default=dict)),
                ("received_at", models.DateTimeField(verbose_name="received")),
            ],
            options={
                "verbose_name": "automatic message",
                "verbose_name_plural": "automatic messages",
                "ordering": ["-inbound"],
            },
        ),
    ]
