-- One row a ticket from its events: the given tickets, and the kinds of events that facts read.
-- OPEN_CLOCK (put in by metrics.sql) reads the clock of the queue's opening hours at a moment.
WITH ev AS MATERIALIZED (
    SELECT id, ticket_id, kind, at, actor_kind, actor_id, queue_id, channel, cause, data
    FROM {STANDING_EVENTS}
    WHERE ticket_id = ANY(%(tickets)s::bigint[]) AND kind = ANY(%(kinds)s::text[])
),
base AS (
    SELECT
        ticket_id,
        count(*) AS event_count,
        min(at) FILTER (WHERE kind = 'ticket.created') AS created_at,
        (array_agg(channel ORDER BY id) FILTER (WHERE kind = 'ticket.created'))[1] AS channel,
        (array_agg(data ->> 'direction' ORDER BY id) FILTER (WHERE kind = 'ticket.created'))[1] AS direction,
        (array_agg(coalesce(data ->> 'to', data ->> 'customer')::bigint ORDER BY id DESC)
            FILTER (WHERE kind IN ('ticket.created', 'ticket.customer')))[1] AS customer_id,
        (array_agg(queue_id ORDER BY id DESC)
            FILTER (WHERE kind IN ('ticket.created', 'queue.entered')))[1] AS queue_id,
        (array_agg((data ->> 'motive')::bigint ORDER BY id DESC)
            FILTER (WHERE kind = 'motive.set'))[1] AS motive_id,
        (array_agg((data ->> 'is_spam')::boolean ORDER BY id DESC)
            FILTER (WHERE kind = 'ticket.spam'))[1] AS is_spam,
        (array_agg((data ->> 'into')::bigint ORDER BY id DESC)
            FILTER (WHERE kind = 'ticket.merged'))[1] AS merged_into_id,
        array_agg((data ->> 'target')::bigint ORDER BY id)
            FILTER (WHERE kind = 'ticket.linked' AND data ->> 'target' IS NOT NULL
                AND coalesce(data ->> 'kind', '') <> 'quotes') AS links,
        count(*) FILTER (WHERE kind = 'transfer') AS transfer_count,
        bool_or(kind = 'queue.abandoned') AS was_abandoned,
        max(at) FILTER (WHERE kind = 'ticket.closed') AS closed_at
    FROM ev
    GROUP BY ticket_id
),
-- The latest word on whether a message needed no action (a tick that can be taken back).
no_action AS (
    SELECT DISTINCT ON (ticket_id, data ->> 'message')
        ticket_id, (data ->> 'message')::bigint AS message, (data ->> 'needs_no_action')::boolean AS flag
    FROM ev
    WHERE kind = 'message.no_action'
    ORDER BY ticket_id, data ->> 'message', id DESC
),
said AS (
    SELECT
        e.ticket_id, e.id, e.at,
        coalesce((e.data ->> 'is_auto')::boolean, false) AS is_auto,
        coalesce((e.data ->> 'is_chaser')::boolean, false) AS is_chaser,
        coalesce(n.flag, (e.data ->> 'needs_no_action')::boolean, false) AS needs_no_action
    FROM ev e
    LEFT JOIN no_action n ON n.ticket_id = e.ticket_id AND n.message = (e.data ->> 'message')::bigint
    WHERE e.kind = 'message.in'
),
chasers AS (
    SELECT ticket_id, count(*) AS chaser_count
    FROM said
    WHERE is_chaser AND NOT is_auto
    GROUP BY ticket_id
),
first_word AS (
    SELECT ticket_id, min(at) AS at
    FROM (
        SELECT ticket_id, at FROM said WHERE NOT is_auto
        UNION ALL
        SELECT ticket_id, at FROM ev WHERE kind = 'contact.start'
    ) words
    GROUP BY ticket_id
),
-- A person answered: in writing, or by speaking on the phone.
replies AS (
    SELECT ticket_id, id, at, actor_kind, actor_id
    FROM ev
    WHERE (kind = 'message.out' AND actor_kind = 'user' AND NOT coalesce((data ->> 'is_auto')::boolean, false))
       OR (kind = 'call.logged' AND data ->> 'result' = 'answered')
),
first_reply AS (
    SELECT DISTINCT ON (r.ticket_id)
        r.ticket_id, r.at,
        CASE WHEN r.actor_kind = 'user' THEN r.actor_id::bigint END AS responder_id
    FROM replies r
    JOIN first_word w ON w.ticket_id = r.ticket_id AND r.at >= w.at
    ORDER BY r.ticket_id, r.at, r.id
),
-- A reopening by a message that needed no action ("thank you") is none.
reopened AS (
    SELECT ticket_id, array_agg(at ORDER BY at, id) AS ats, max(at) AS last_at, max(id) AS last_id
    FROM (
        SELECT
            ticket_id, id, at, kind, cause,
            lag(needs_no_action) OVER (PARTITION BY ticket_id ORDER BY id) AS by_thanks
        FROM (
            SELECT ticket_id, id, at, 'message.in' AS kind, '' AS cause, needs_no_action FROM said
            UNION ALL
            SELECT ticket_id, id, at, kind, cause, NULL FROM ev WHERE kind = 'ticket.reopened'
        ) steps
    ) marked
    WHERE kind = 'ticket.reopened' AND NOT (cause = 'customer' AND coalesce(by_thanks, false))
    GROUP BY ticket_id
),
-- Only people resolve; a ticket that closed by itself was closed without confirmation.
resolutions AS (
    SELECT ticket_id, id, at, CASE WHEN actor_kind = 'user' THEN actor_id::bigint END AS resolver_id
    FROM ev
    WHERE kind = 'ticket.resolved' AND actor_kind IN ('user', 'customer', 'visitor')
),
resolved AS (
    SELECT
        ticket_id, array_agg(at ORDER BY at, id) AS ats, min(at) AS first_at,
        (array_agg(resolver_id ORDER BY at, id))[1] AS first_resolver_id
    FROM resolutions
    GROUP BY ticket_id
),
final AS (
    SELECT DISTINCT ON (r.ticket_id) r.ticket_id, r.at, r.resolver_id
    FROM resolutions r
    LEFT JOIN reopened o ON o.ticket_id = r.ticket_id
    WHERE o.last_id IS NULL OR r.id > o.last_id
    ORDER BY r.ticket_id, r.id
),
hours AS (
    SELECT queue_id, calendar_id, version FROM {QUEUE_HOURS} h
),
merged AS (
    SELECT
        b.*, o.last_at AS reopened_at, w.at AS first_customer_at, fr.at AS first_reply_at, fr.responder_id,
        coalesce(o.ats, '{}') AS reopened_ats, coalesce(r.ats, '{}') AS resolved_ats,
        r.first_at AS first_resolved_at, r.first_resolver_id, f.at AS resolved_at, f.resolver_id,
        c.chaser_count, coalesce(w.at, b.created_at) AS began_at, h.calendar_id, h.version
    FROM base b
    LEFT JOIN first_word w ON w.ticket_id = b.ticket_id
    LEFT JOIN chasers c ON c.ticket_id = b.ticket_id
    LEFT JOIN first_reply fr ON fr.ticket_id = b.ticket_id
    LEFT JOIN reopened o ON o.ticket_id = b.ticket_id
    LEFT JOIN resolved r ON r.ticket_id = b.ticket_id
    LEFT JOIN final f ON f.ticket_id = b.ticket_id
    LEFT JOIN hours h ON h.queue_id = b.queue_id
    WHERE b.created_at IS NOT NULL AND b.customer_id IS NOT NULL AND b.queue_id IS NOT NULL
)
INSERT INTO metrics_factticket (
    ticket_id, customer_id, queue_id, channel, motive_id, direction, is_spam, merged_into_id, links,
    created_at, first_customer_at, began_at, first_reply_at, first_responder_id,
    first_reply_seconds, first_reply_open_seconds, is_abandoned, chaser_count, transfer_count,
    resolved_ats, reopened_ats, first_resolved_at, first_resolver_id, resolved_at, resolver_id,
    resolution_seconds, resolution_open_seconds, closed_at, calendar_id, calendar_version,
    event_count, joined_by
)
SELECT
    m.ticket_id, m.customer_id, m.queue_id, coalesce(m.channel, ''), m.motive_id,
    coalesce(m.direction, 'in'), coalesce(m.is_spam, false), m.merged_into_id, coalesce(m.links, '{}'),
    m.created_at, m.first_customer_at, m.began_at, m.first_reply_at, m.responder_id,
    extract(epoch FROM m.first_reply_at - m.first_customer_at)::bigint,
    coalesce(
        OPEN_CLOCK(m.first_reply_at) - OPEN_CLOCK(m.first_customer_at),
        extract(epoch FROM m.first_reply_at - m.first_customer_at)
    )::bigint,
    m.was_abandoned AND m.first_reply_at IS NULL AND m.first_resolved_at IS NULL,
    coalesce(m.chaser_count, 0),
    m.transfer_count,
    m.resolved_ats, m.reopened_ats, m.first_resolved_at, m.first_resolver_id, m.resolved_at, m.resolver_id,
    extract(epoch FROM m.resolved_at - m.began_at)::bigint,
    coalesce(
        OPEN_CLOCK(m.resolved_at) - OPEN_CLOCK(m.began_at),
        extract(epoch FROM m.resolved_at - m.began_at)
    )::bigint,
    CASE WHEN m.reopened_at IS NULL OR m.reopened_at < m.closed_at THEN m.closed_at END,
    m.calendar_id, m.version, m.event_count, ''
FROM merged m
