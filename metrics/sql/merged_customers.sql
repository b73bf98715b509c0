-- Customers that were merged or taken apart in the span of events.
SELECT DISTINCT c.id
FROM {EVENTS} e
CROSS JOIN LATERAL (
    VALUES ((e.data ->> 'from')::bigint), ((e.data ->> 'to')::bigint)
) c (id)
WHERE e.id > %(after)s AND e.id <= %(until)s
  AND e.kind IN ('identity.merged', 'identity.unmerged') AND c.id IS NOT NULL
