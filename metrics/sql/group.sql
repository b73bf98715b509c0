-- Join the given tickets (all those of some customers) into issues: by merging, by explicit links, and
-- then issues of one customer with the same reason into threads.
WITH RECURSIVE t AS MATERIALIZED (
    SELECT ticket_id, root_customer_id, motive_id, is_spam, merged_into_id, links, created_at
    FROM metrics_factticket
    WHERE ticket_id = ANY(%(tickets)s::bigint[])
),
edge AS MATERIALIZED (
    SELECT a.ticket_id AS a, b.ticket_id AS b
    FROM (
        SELECT ticket_id, merged_into_id AS other FROM t WHERE merged_into_id IS NOT NULL
        UNION
        SELECT ticket_id, unnest(links) FROM t
    ) named
    JOIN t a ON a.ticket_id = named.ticket_id
    JOIN t b ON b.ticket_id = named.other
    WHERE NOT a.is_spam AND NOT b.is_spam AND a.root_customer_id = b.root_customer_id
),
both_ways AS MATERIALIZED (
    SELECT a, b FROM edge
    UNION
    SELECT b, a FROM edge
),
reach AS (
    SELECT a AS ticket_id, b AS other FROM both_ways
    UNION
    SELECT r.ticket_id, e.b FROM reach r JOIN both_ways e ON e.a = r.other
),
member AS (
    SELECT t.ticket_id, least(t.ticket_id, min(r.other)) AS component
    FROM t
    LEFT JOIN reach r ON r.ticket_id = t.ticket_id
    GROUP BY t.ticket_id
),
main AS (
    SELECT DISTINCT ON (m.component)
        m.component, t.ticket_id, t.root_customer_id, t.is_spam,
        first_value(t.motive_id) OVER (
            PARTITION BY m.component
            ORDER BY t.motive_id IS NULL, t.merged_into_id IS NOT NULL, t.created_at, t.ticket_id
        ) AS motive_id
    FROM member m
    JOIN t ON t.ticket_id = m.ticket_id
    ORDER BY m.component, t.merged_into_id IS NOT NULL, t.created_at, t.ticket_id
),
issue AS (
    SELECT
        *,
        CASE
            WHEN motive_id IS NULL OR is_spam THEN ticket_id
            ELSE min(ticket_id) OVER (PARTITION BY root_customer_id, motive_id, is_spam)
        END AS thread
    FROM main
)
UPDATE metrics_factticket f
SET issue_id = i.ticket_id,
    thread = i.thread,
    joined_by = CASE
        WHEN f.ticket_id = i.ticket_id THEN 'first'
        WHEN f.merged_into_id IS NOT NULL THEN 'merge'
        ELSE 'link'
    END
FROM member m
JOIN issue i ON i.component = m.component
WHERE f.ticket_id = m.ticket_id
