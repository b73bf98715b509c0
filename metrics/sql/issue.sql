-- One row an issue of the given tickets, with its distances to what came before and after it.
WITH t AS MATERIALIZED (
    SELECT * FROM metrics_factticket WHERE ticket_id = ANY(%(tickets)s::bigint[]) AND issue_id IS NOT NULL
),
contacts AS (
    SELECT
        issue_id,
        min(started_at) FILTER (WHERE why_not IN ('', 'continued')) AS first_contact_at,
        count(*) FILTER (WHERE why_not = '') AS contact_count
    FROM metrics_factcontact
    WHERE ticket_id = ANY(%(tickets)s::bigint[])
    GROUP BY issue_id
),
moments AS (
    SELECT
        t.issue_id,
        array_agg(r.at ORDER BY r.at) FILTER (WHERE r.is_resolution) AS resolved_ats,
        array_agg(r.at ORDER BY r.at) FILTER (WHERE NOT r.is_resolution) AS reopened_ats
    FROM t
    CROSS JOIN LATERAL (
        SELECT unnest(t.resolved_ats) AS at, true AS is_resolution
        UNION ALL
        SELECT unnest(t.reopened_ats), false
    ) r
    GROUP BY t.issue_id
),
joined AS (
    SELECT
        issue_id,
        count(*) AS ticket_count,
        bool_and(is_spam) AS is_spam,
        bool_and(is_abandoned) AS is_abandoned,
        min(created_at) AS created_at,
        sum(transfer_count) AS transfer_count,
        min(thread) AS thread,
        (array_agg(motive_id ORDER BY motive_id IS NULL, merged_into_id IS NOT NULL, created_at, ticket_id))[1]
            AS motive_id,
        min(first_resolved_at) AS first_resolved_at,
        (array_agg(first_resolver_id ORDER BY first_resolved_at, ticket_id))[1] AS first_resolver_id,
        CASE WHEN bool_and(resolved_at IS NOT NULL OR merged_into_id IS NOT NULL)
            THEN max(resolved_at) END AS resolved_at
    FROM t
    GROUP BY issue_id
),
known AS (
    SELECT
        j.*, m.root_customer_id AS customer_id, m.queue_id, m.channel,
        c.first_contact_at, coalesce(c.contact_count, 0) AS contact_count,
        coalesce(o.resolved_ats, '{}') AS resolved_ats, coalesce(o.reopened_ats, '{}') AS reopened_ats
    FROM joined j
    JOIN t m ON m.ticket_id = j.issue_id
    LEFT JOIN contacts c ON c.issue_id = j.issue_id
    LEFT JOIN moments o ON o.issue_id = j.issue_id
),
-- The issue before in the same thread, and whether it was resolved when this one began.
ordered AS (
    SELECT
        k.*,
        CASE WHEN first_contact_at IS NOT NULL THEN lag(issue_id) OVER w END AS previous_id,
        lag(resolved_ats) OVER w AS previous_resolved,
        lag(reopened_ats) OVER w AS previous_reopened
    FROM known k
    WINDOW w AS (PARTITION BY thread, first_contact_at IS NULL ORDER BY first_contact_at, issue_id)
),
spaced AS (
    SELECT
        o.*,
        (SELECT max(r) FROM unnest(o.previous_resolved) r WHERE r <= o.first_contact_at) AS before_resolved_at,
        (SELECT max(r) FROM unnest(o.previous_reopened) r WHERE r <= o.first_contact_at) AS before_reopened_at,
        (SELECT min(r) FROM unnest(o.reopened_ats) r WHERE r >= o.first_resolved_at) AS reopened_at
    FROM ordered o
)
INSERT INTO metrics_factissue (
    ticket_id, customer_id, queue_id, channel, motive_id, thread, is_spam, is_abandoned, ticket_count,
    created_at, first_contact_at, began_at, contact_count, contacts_until_resolution, reopened_count, transfer_count,
    resolved_ats, reopened_ats, first_resolved_at, first_resolver_id,
    first_reopened_at, resolved_at, previous_id, since_previous_seconds, repeat_at, repeat_by
)
SELECT
    s.issue_id, s.customer_id, s.queue_id, s.channel, s.motive_id, s.thread, s.is_spam, s.is_abandoned,
    s.ticket_count, s.created_at, s.first_contact_at, coalesce(s.first_contact_at, s.created_at), s.contact_count,
    coalesce(u.contacts, 0), cardinality(s.reopened_ats), s.transfer_count,
    s.resolved_ats, s.reopened_ats, s.first_resolved_at, s.first_resolver_id,
    s.reopened_at, s.resolved_at, s.previous_id,
    CASE
        WHEN s.previous_id IS NULL THEN NULL
        WHEN s.before_resolved_at IS NULL OR s.before_reopened_at > s.before_resolved_at THEN 0
        ELSE extract(epoch FROM s.first_contact_at - s.before_resolved_at)::bigint
    END,
    least(n.started_at, s.reopened_at),
    CASE
        WHEN n.started_at IS NULL AND s.reopened_at IS NULL THEN ''
        WHEN n.started_at IS NULL OR s.reopened_at < n.started_at THEN 'reopening'
        WHEN n.issue_id = s.issue_id THEN 'contact'
        ELSE 'reason'
    END
FROM spaced s
LEFT JOIN LATERAL (
    SELECT count(*) AS contacts
    FROM metrics_factcontact c
    WHERE c.thread = s.thread AND c.why_not = ''
      AND c.started_at >= s.first_contact_at
      AND c.started_at <= coalesce(s.first_resolved_at, 'infinity')
) u ON true
LEFT JOIN LATERAL (
    SELECT c.started_at, c.issue_id
    FROM metrics_factcontact c
    WHERE c.thread = s.thread AND c.why_not = '' AND c.started_at > s.first_resolved_at
    ORDER BY c.started_at, c.contact_id
    LIMIT 1
) n ON true
