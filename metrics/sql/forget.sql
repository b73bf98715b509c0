-- Before tickets are derived again; one statement, as the database is asked with parameters of its own.
WITH contacts AS (DELETE FROM metrics_factcontact WHERE ticket_id = ANY(%(tickets)s::bigint[])),
     waits AS (DELETE FROM metrics_factwaitsegment WHERE ticket_id = ANY(%(tickets)s::bigint[])),
     promises AS (DELETE FROM metrics_factpromise WHERE ticket_id = ANY(%(tickets)s::bigint[]))
DELETE FROM metrics_factticket WHERE ticket_id = ANY(%(tickets)s::bigint[])
