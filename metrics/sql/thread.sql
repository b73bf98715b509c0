-- Compare the contacts of the given tickets with one another, within their threads: which count, and how
-- far they lie apart. What a customer writes while an earlier message of theirs still waits for an answer
-- belongs to that contact.
WITH c AS (
    SELECT
        c.contact_id, f.issue_id, f.thread, c.is_live, c.started_at, f.is_spam,
        c.needs_no_action OR f.is_spam AS is_void, c.needs_no_action,
        CASE WHEN NOT c.is_live AND NOT c.needs_no_action AND NOT f.is_spam
            THEN coalesce(c.ended_at, 'infinity') END AS waits_until
    FROM metrics_factcontact c
    JOIN metrics_factticket f ON f.ticket_id = c.ticket_id
    WHERE c.ticket_id = ANY(%(tickets)s::bigint[]) AND f.issue_id IS NOT NULL
),
compared AS (
    SELECT
        *,
        max(waits_until) OVER (
            PARTITION BY thread ORDER BY started_at, contact_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS still_waits_until
    FROM c
),
judged AS (
    SELECT
        *,
        CASE
            WHEN is_spam THEN 'spam'
            WHEN needs_no_action THEN 'no_action'
            WHEN NOT is_live AND started_at < still_waits_until THEN 'continued'
            ELSE ''
        END AS why_not
    FROM compared
),
spaced AS (
    SELECT
        *,
        CASE WHEN why_not = '' THEN lag(started_at) OVER w END AS previous_at,
        CASE WHEN why_not = '' THEN lead(started_at) OVER w END AS repeat_at
    FROM judged
    WINDOW w AS (PARTITION BY thread, why_not ORDER BY started_at, contact_id)
)
UPDATE metrics_factcontact f
SET issue_id = s.issue_id, thread = s.thread, why_not = s.why_not,
    previous_at = s.previous_at, repeat_at = s.repeat_at
FROM spaced s
WHERE f.contact_id = s.contact_id
  AND (f.issue_id, f.thread, f.why_not, f.previous_at, f.repeat_at)
      IS DISTINCT FROM (s.issue_id, s.thread, s.why_not, s.previous_at, s.repeat_at)
