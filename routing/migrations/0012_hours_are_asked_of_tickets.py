"""Drop routing's own functions of open time: tickets, which keeps the calendars, has them now."""

from django.db import migrations

DROP = """
DROP FUNCTION routing_open_seconds(bigint, timestamptz, timestamptz);
DROP FUNCTION routing_open_before(bigint, timestamptz);
"""

UNDO = """
CREATE FUNCTION routing_open_before(calendar bigint, moment timestamptz) RETURNS double precision
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT tickets_open_before(calendar, moment) $$;
CREATE FUNCTION routing_open_seconds(calendar bigint, starts timestamptz, ends timestamptz)
    RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT tickets_open_seconds(calendar, starts, ends)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0011_interface_words"), ("tickets", "0026_open_seconds")]

    operations = [migrations.RunSQL(DROP, UNDO)]
