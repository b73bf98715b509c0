-- The events of the given tickets that stand. A reply that was taken back was never given: neither what it
-- did, all at its own moment, nor what undid that counts.
(
    SELECT told.*
    FROM {EVENTS} told
    WHERE NOT EXISTS (
        SELECT
        FROM (
            SELECT back.ticket_id, moment.at
            FROM {EVENTS} back
            JOIN {EVENTS} given ON given.ticket_id = back.ticket_id AND given.kind = 'message.out'
                AND given.data ->> 'message' = back.data ->> 'message'
            CROSS JOIN LATERAL (VALUES (given.at), (back.at)) AS moment (at)
            WHERE back.ticket_id = ANY(%(tickets)s::bigint[]) AND back.kind = 'message.withdrawn'
        ) undone
        WHERE undone.ticket_id = told.ticket_id AND undone.at = told.at
    ) OR told.kind NOT IN (
        'message.out', 'contact.end', 'promise.kept', 'ticket.resolved', 'ticket.reopened', 'ticket.waits_on'
    )
) AS standing
