-- Whose issues these tickets belonged to until now.
SELECT DISTINCT root_customer_id
FROM metrics_factticket
WHERE ticket_id = ANY(%(tickets)s::bigint[]) AND root_customer_id IS NOT NULL
