"""What the database itself refuses or arranges: events cannot be changed, raw input is kept as it came."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION tandem_events_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Events cannot be changed or deleted; record a new event instead.';
END $$;
CREATE TRIGGER events_are_final BEFORE UPDATE OR DELETE ON tickets_event
    FOR EACH ROW EXECUTE FUNCTION tandem_events_are_final();
ALTER TABLE tickets_inboundraw ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE tickets_sentmail ALTER COLUMN raw SET STORAGE EXTERNAL;
ALTER TABLE tickets_ticket ALTER COLUMN id RESTART WITH 10001;
"""

UNDO = """
DROP TRIGGER events_are_final ON tickets_event;
DROP FUNCTION tandem_events_are_final();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_tables")]

    operations = [migrations.RunSQL(GUARDS, UNDO)]
