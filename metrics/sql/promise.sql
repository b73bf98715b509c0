-- One row a promise of the given tickets. The first thing that happened to it is its outcome: a promise
-- that broke and was answered later stays broken, and none is counted twice.
WITH ev AS MATERIALIZED (
    SELECT id, ticket_id, kind, at, cause, data, (data ->> 'promise')::bigint AS promise_id
    FROM {STANDING_EVENTS}
    WHERE ticket_id = ANY(%(tickets)s::bigint[])
      AND kind IN ('promise.made', 'promise.kept', 'promise.broken', 'promise.changed')
),
ended AS (
    SELECT DISTINCT ON (promise_id)
        promise_id, at,
        CASE
            WHEN kind = 'promise.kept' THEN 'kept'
            WHEN kind = 'promise.broken' THEN 'broken'
            WHEN cause = 'customer' THEN 'withdrawn'
            ELSE 'changed'
        END AS outcome
    FROM ev
    WHERE kind <> 'promise.made'
    ORDER BY promise_id, id
)
INSERT INTO metrics_factpromise (
    promise_id, ticket_id, queue_id, channel, motive_id, is_spam, kind, made_at, due_at, outcome, settled_at
)
SELECT DISTINCT ON (m.promise_id)
    m.promise_id, m.ticket_id, f.queue_id, f.channel, f.motive_id, f.is_spam,
    coalesce(m.data ->> 'kind', 'answer'), m.at, (m.data ->> 'due_at')::timestamptz,
    coalesce(e.outcome, ''), e.at
FROM ev m
JOIN metrics_factticket f ON f.ticket_id = m.ticket_id
LEFT JOIN ended e ON e.promise_id = m.promise_id
WHERE m.kind = 'promise.made' AND m.promise_id IS NOT NULL AND m.data ->> 'due_at' IS NOT NULL
ORDER BY m.promise_id, m.id
