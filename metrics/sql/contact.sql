-- One row a contact of the given tickets, before contacts are compared with one another (thread.sql).
WITH ev AS MATERIALIZED (
    SELECT id, ticket_id, kind, at, actor_kind, actor_id, contact_id, channel, data
    FROM {STANDING_EVENTS}
    WHERE ticket_id = ANY(%(tickets)s::bigint[])
      AND kind IN ('contact.start', 'contact.end', 'message.in', 'message.no_action')
),
no_action AS (
    SELECT DISTINCT ON (ticket_id, data ->> 'message')
        ticket_id, (data ->> 'message')::bigint AS message, (data ->> 'needs_no_action')::boolean AS flag
    FROM ev
    WHERE kind = 'message.no_action'
    ORDER BY ticket_id, data ->> 'message', id DESC
),
-- A contact needs no action when everything that was said in it needed none.
words AS (
    SELECT
        e.contact_id,
        bool_and(coalesce(n.flag, (e.data ->> 'needs_no_action')::boolean, false)) AS needs_no_action
    FROM ev e
    LEFT JOIN no_action n ON n.ticket_id = e.ticket_id AND n.message = (e.data ->> 'message')::bigint
    WHERE e.kind = 'message.in' AND e.contact_id IS NOT NULL
    GROUP BY e.contact_id
),
ends AS (
    SELECT contact_id, min(at) AS at
    FROM ev
    WHERE kind = 'contact.end' AND contact_id IS NOT NULL
    GROUP BY contact_id
),
starts AS (
    SELECT DISTINCT ON (contact_id) *
    FROM ev
    WHERE kind = 'contact.start' AND contact_id IS NOT NULL
    ORDER BY contact_id, id
)
INSERT INTO metrics_factcontact (
    contact_id, ticket_id, customer_id, queue_id, channel, motive_id, is_live, needs_no_action,
    started_at, ended_at, why_not
)
SELECT
    s.contact_id, s.ticket_id,
    CASE WHEN s.actor_kind = 'customer' THEN s.actor_id::bigint ELSE f.customer_id END,
    f.queue_id, s.channel, f.motive_id, coalesce((s.data ->> 'is_live')::boolean, false),
    coalesce(w.needs_no_action, false), s.at,
    -- Solving without a word ends what the customer had to say as well.
    least(e.at, (SELECT min(r) FROM unnest(f.resolved_ats) r WHERE r >= s.at)),
    ''
FROM starts s
JOIN metrics_factticket f ON f.ticket_id = s.ticket_id
LEFT JOIN words w ON w.contact_id = s.contact_id
LEFT JOIN ends e ON e.contact_id = s.contact_id
