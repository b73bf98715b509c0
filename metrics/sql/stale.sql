-- Tickets with events in the span whose facts were derived from fewer (or no) events.
SELECT e.ticket_id
FROM (
    SELECT DISTINCT ticket_id
    FROM {EVENTS} o
    WHERE id > %(after)s AND id <= %(until)s AND ticket_id IS NOT NULL AND kind = ANY(%(kinds)s::text[])
) e
LEFT JOIN metrics_factticket f ON f.ticket_id = e.ticket_id
WHERE f.event_count IS DISTINCT FROM (
    SELECT count(*) FROM {EVENTS} n WHERE n.ticket_id = e.ticket_id AND n.kind = ANY(%(kinds)s::text[])
)
ORDER BY e.ticket_id
LIMIT %(limit)s
