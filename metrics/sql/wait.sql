-- The spans in which the given tickets waited on somebody: cut where that, or the queue, changed.
WITH steps AS (
    SELECT
        ticket_id, id, at,
        CASE kind
            WHEN 'ticket.created' THEN 'us'
            WHEN 'ticket.reopened' THEN 'us'
            WHEN 'ticket.resolved' THEN 'nobody'
            WHEN 'ticket.waits_on' THEN data ->> 'to'
        END AS waits_on,
        CASE WHEN kind IN ('ticket.created', 'queue.entered') THEN queue_id END AS queue_id
    FROM {STANDING_EVENTS}
    WHERE ticket_id = ANY(%(tickets)s::bigint[])
      AND kind IN (
          'ticket.created', 'ticket.waits_on', 'ticket.resolved', 'ticket.reopened', 'queue.entered'
      )
),
numbered AS (
    SELECT
        *,
        count(waits_on) OVER w AS waits_on_number,
        count(queue_id) OVER w AS queue_number,
        lead(at) OVER w AS next_at
    FROM steps
    WINDOW w AS (PARTITION BY ticket_id ORDER BY at, id)
),
carried AS (
    SELECT
        ticket_id, id, at, next_at,
        max(waits_on) OVER (PARTITION BY ticket_id, waits_on_number) AS waits_on,
        max(queue_id) OVER (PARTITION BY ticket_id, queue_number) AS queue_id
    FROM numbered
),
-- Steps that changed nothing (a state within the same wait) join what came before them.
changed AS (
    SELECT
        *,
        (waits_on, queue_id) IS DISTINCT FROM
            (lag(waits_on) OVER (PARTITION BY ticket_id ORDER BY at, id),
             lag(queue_id) OVER (PARTITION BY ticket_id ORDER BY at, id)) AS is_change
    FROM carried
    WHERE next_at IS NULL OR next_at > at
)
INSERT INTO metrics_factwaitsegment (
    ticket_id, queue_id, channel, motive_id, is_spam, is_merged, began_at, waits_on, started_at, ended_at
)
SELECT
    c.ticket_id, c.queue_id, f.channel, f.motive_id, f.is_spam, f.merged_into_id IS NOT NULL, f.began_at,
    c.waits_on, c.at, lead(c.at) OVER (PARTITION BY c.ticket_id ORDER BY c.at, c.id)
FROM changed c
JOIN metrics_factticket f ON f.ticket_id = c.ticket_id
WHERE c.is_change AND c.waits_on IS NOT NULL AND c.queue_id IS NOT NULL
