-- The newest event to be seen, the oldest transaction still running, and the next one's number.
SELECT
    coalesce((SELECT max(id) FROM tickets_event), 0),
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint
