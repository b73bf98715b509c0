from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_failed_outgoing")]

    operations = [
        migrations.AlterField(
            model_name="call",
            name="result",
            field=models.CharField(
                choices=[
                    ("ringing", "ringing"),
                    ("answered", "answered"),
                    ("missed", "missed"),
                    ("voicemail", "voicemail"),
                    ("busy", "busy"),
                    ("failed", "failed"),
                ],
                max_length=9,
                verbose_name="result",
            ),
        ),
    ]
