"""What the database itself refuses, and the open seconds of a calendar as a function."""

from django.db import migrations

GUARDS = """
ALTER TABLE routing_presencespan ADD CONSTRAINT presence_spans_do_not_overlap
    UNIQUE (agent_id, during WITHOUT OVERLAPS);
ALTER TABLE routing_presence SET (fillfactor = 70);
ALTER TABLE routing_workitem SET (fillfactor = 80);

CREATE FUNCTION routing_open_before(calendar bigint, moment timestamptz) RETURNS double precision
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT i.seconds_before + extract(epoch FROM least(moment, i.close_at) - i.open_at)
    FROM tickets_openinginterval i
    JOIN tickets_calendar c ON c.id = i.calendar_id AND c.version = i.version
    WHERE i.calendar_id = calendar AND i.open_at <= moment
    ORDER BY i.open_at DESC LIMIT 1
$$;

-- Seconds between two moments in which a calendar is open; every second counts where there are no hours.
CREATE FUNCTION routing_open_seconds(calendar bigint, starts timestamptz, ends timestamptz)
    RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN calendar IS NULL
          OR (SELECT c.is_always_open FROM tickets_calendar c WHERE c.id = calendar)
          OR NOT EXISTS (
            SELECT FROM tickets_openinginterval i
            JOIN tickets_calendar c ON c.id = i.calendar_id AND c.version = i.version
            WHERE i.calendar_id = calendar)
        THEN extract(epoch FROM ends - starts)
        ELSE coalesce(routing_open_before(calendar, ends), 0)
           - coalesce(routing_open_before(calendar, starts), 0)
    END
$$;
"""

UNDO = """
DROP FUNCTION routing_open_seconds(bigint, timestamptz, timestamptz);
DROP FUNCTION routing_open_before(bigint, timestamptz);
ALTER TABLE routing_presencespan DROP CONSTRAINT presence_spans_do_not_overlap;
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_tables")]

    operations = [migrations.RunSQL(GUARDS, UNDO)]
