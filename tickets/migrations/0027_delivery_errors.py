"""Why something was not delivered becomes a value (kind, code, text, provider) instead of a sentence to be parsed."""

from django.db import migrations, models

import tickets.models.channels.delivery_error

# What stood there was "<code> <words>", a bare status of a report, or our own words for not sending.
# A mail that failed and was then set aside is cancelled as well, and keeps what the mail server had said.
TAKE_OVER = r"""
UPDATE tickets_outbound SET error = jsonb_build_object(
    'kind', CASE WHEN last_error ~ '^5' OR state IN ('failed', 'bounced') THEN 'permanent'
                 WHEN state = 'cancelled' AND last_error !~ '^4' THEN 'withheld' ELSE 'temporary' END,
    'code', coalesce(substring(last_error FROM '^\d{3} ([245]\.\d{1,3}\.\d{1,3})(?: |$)'),
                     substring(last_error FROM '^([245]\.\d{1,3}\.\d{1,3}|\d{3})(?: |$)'), ''),
    'text', regexp_replace(last_error, '^(\d{3} )?([245]\.\d{1,3}\.\d{1,3}|\d{3})( |$)', ''),
    'provider', '')
WHERE last_error <> ''
"""
GIVE_BACK = """
UPDATE tickets_outbound SET last_error = left(trim(error ->> 'code' || ' ' || (error ->> 'text')), 500)
WHERE error IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0026_open_seconds")]

    operations = [
        migrations.AddField(
            model_name="outbound",
            name="error",
            field=tickets.models.channels.delivery_error.DeliveryErrorField(
                blank=True, editable=False, null=True, verbose_name="last error"
            ),
        ),
        migrations.RunSQL(TAKE_OVER, GIVE_BACK),
        migrations.RemoveField(model_name="outbound", name="last_error"),
        migrations.AlterField(
            model_name="channel",
            name="slug",
            field=models.SlugField(
                help_text="The adapter that speaks for it.", max_length=20, verbose_name="kind"
            ),
        ),
    ]
