-- Before the issues of customers, or of tickets that have come to them, are derived again.
DELETE FROM metrics_factissue
WHERE ticket_id = ANY(%(tickets)s::bigint[]) OR customer_id = ANY(%(customers)s::bigint[])
