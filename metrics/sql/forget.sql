-- Before tickets are derived again.
DELETE FROM metrics_factticket WHERE ticket_id = ANY(%(tickets)s::bigint[]);
DELETE FROM metrics_factcontact WHERE ticket_id = ANY(%(tickets)s::bigint[]);
DELETE FROM metrics_factwaitsegment WHERE ticket_id = ANY(%(tickets)s::bigint[]);
DELETE FROM metrics_factpromise WHERE ticket_id = ANY(%(tickets)s::bigint[]);
