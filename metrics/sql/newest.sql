-- The newest event to be seen, the oldest transaction still running, and the next one's number.
SELECT
    coalesce((SELECT max(id) FROM {EVENTS} e), 0) AS newest,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_running,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid
