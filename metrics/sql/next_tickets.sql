-- The next tickets that have events, by number.
SELECT DISTINCT ticket_id
FROM {EVENTS} e
WHERE ticket_id > %(after)s
ORDER BY ticket_id
LIMIT %(limit)s
