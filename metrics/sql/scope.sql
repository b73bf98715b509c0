-- The tickets that belong to the given customers (roots of their merges), and whose they are:
-- their own, those of customers merged into them, and tickets merged into any of these.
WITH RECURSIVE people AS (
    SELECT c AS root, c AS id FROM unnest(%(customers)s::bigint[]) c
    UNION
    SELECT p.root, c.id FROM {CUSTOMERS} c JOIN people p ON c.merged_into_id = p.id
),
mine AS (
    SELECT p.root, f.ticket_id
    FROM metrics_factticket f
    JOIN people p ON p.id = f.customer_id
    WHERE f.merged_into_id IS NULL
    UNION
    SELECT m.root, f.ticket_id FROM metrics_factticket f JOIN mine m ON f.merged_into_id = m.ticket_id
)
UPDATE metrics_factticket f
SET root_customer_id = mine.root
FROM mine
WHERE f.ticket_id = mine.ticket_id
RETURNING f.ticket_id
