"""The open seconds of a calendar as a function: whoever asks in SQL need not know how hours are kept."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION tickets_open_before(calendar bigint, moment timestamptz) RETURNS double precision
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT i.seconds_before + extract(epoch FROM least(moment, i.close_at) - i.open_at)
    FROM tickets_openinginterval i
    JOIN tickets_calendar c ON c.id = i.calendar_id AND c.version = i.version
    WHERE i.calendar_id = calendar AND i.open_at <= moment
    ORDER BY i.open_at DESC LIMIT 1
$$;

-- Seconds between two moments in which a calendar is open; every second counts where there are no hours.
CREATE FUNCTION tickets_open_seconds(calendar bigint, starts timestamptz, ends timestamptz)
    RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN calendar IS NULL
          OR (SELECT c.is_always_open FROM tickets_calendar c WHERE c.id = calendar)
          OR NOT EXISTS (
            SELECT FROM tickets_openinginterval i
            JOIN tickets_calendar c ON c.id = i.calendar_id AND c.version = i.version
            WHERE i.calendar_id = calendar)
        THEN extract(epoch FROM ends - starts)
        ELSE coalesce(tickets_open_before(calendar, ends), 0)
           - coalesce(tickets_open_before(calendar, starts), 0)
    END
$$;
"""

UNDO = """
DROP FUNCTION tickets_open_seconds(bigint, timestamptz, timestamptz);
DROP FUNCTION tickets_open_before(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0025_interface_words")]

    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
