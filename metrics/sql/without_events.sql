-- Facts of tickets that have no events (any more).
SELECT f.ticket_id
FROM metrics_factticket f
WHERE NOT EXISTS (SELECT FROM {EVENTS} e WHERE e.ticket_id = f.ticket_id)
