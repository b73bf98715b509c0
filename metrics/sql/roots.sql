-- The customers who stand for the given tickets and customers today, after all merges.
WITH RECURSIVE survivors AS (
    SELECT customer_id, merged_into_id FROM metrics_factticket WHERE ticket_id = ANY(%(tickets)s::bigint[])
    UNION
    SELECT f.customer_id, f.merged_into_id
    FROM survivors s
    JOIN metrics_factticket f ON f.ticket_id = s.merged_into_id
),
named AS (
    SELECT customer_id AS id FROM survivors
    UNION
    SELECT unnest(%(customers)s::bigint[])
),
up AS (
    SELECT n.id, c.merged_into_id FROM named n LEFT JOIN {CUSTOMERS} c ON c.id = n.id
    UNION
    SELECT c.id, c.merged_into_id FROM up JOIN {CUSTOMERS} c ON c.id = up.merged_into_id
)
SELECT DISTINCT id FROM up WHERE merged_into_id IS NULL
