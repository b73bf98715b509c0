-- Every active queue at one moment: who waits, what was promised, who is there. One statement, one picture.
WITH waits AS (
    SELECT
        t.queue_id,
        count(*) AS waiting,
        min(t.waiting_since) AS since,
        count(*) FILTER (WHERE t.assignee_id IS NULL) AS nobody,
        count(*) FILTER (WHERE EXISTS (
            SELECT FROM {PROMISES} p
            WHERE p.ticket_id = t.id AND p.kept_at IS NULL
              AND p.due_at < %(now)s AND p.due_at >= t.waiting_since
        )) AS late
    FROM {TICKETS} t
    WHERE NOT t.is_spam AND t.merged_into_id IS NULL AND t.waiting_since IS NOT NULL
      AND t.state IN ('new', 'open', 'pending', 'on_hold')
    GROUP BY t.queue_id
),
risks AS (
    SELECT t.queue_id, count(*) AS at_risk
    FROM {PROMISES} p
    JOIN {TICKETS} t ON t.id = p.ticket_id
    WHERE p.kept_at IS NULL AND p.broken_at IS NULL
      AND p.due_at >= %(now)s AND p.due_at <= %(now)s + interval '30 minutes'
      AND NOT t.is_spam AND t.merged_into_id IS NULL
    GROUP BY t.queue_id
),
-- The same promises, outcomes and exclusions as the metric "promises kept".
words AS (
    SELECT queue_id, count(*) FILTER (WHERE outcome = 'kept') AS kept, count(*) AS due
    FROM metrics_factpromise
    WHERE due_at > %(now)s - interval '1 hour' AND due_at <= %(now)s
      AND NOT is_spam AND outcome <> 'withdrawn'
    GROUP BY queue_id
),
people AS (
    SELECT queue_id, there, planned, busy FROM {STAFFING} s
)
SELECT
    q.id AS queue, coalesce(w.waiting, 0) AS waiting, w.since, coalesce(w.nobody, 0) AS nobody,
    coalesce(w.late, 0) AS late, coalesce(r.at_risk, 0) AS at_risk,
    coalesce(k.kept, 0) AS kept, coalesce(k.due, 0) AS due,
    coalesce(a.there, 0) AS there, coalesce(a.planned, 0) AS planned, a.busy::float AS busy
FROM {QUEUES} q
LEFT JOIN waits w ON w.queue_id = q.id
LEFT JOIN risks r ON r.queue_id = q.id
LEFT JOIN words k ON k.queue_id = q.id
LEFT JOIN people a ON a.queue_id = q.id
WHERE q.is_active
ORDER BY q.position, q.id
