from django.db import migrations

# A mail that was taken in from an address has proved it, and so has what was written on a page behind a mailed link.
PROVE_EMAIL = """
UPDATE tickets_identity i SET verified_at = m.first_at, verified_how = 'channel'
FROM (
    SELECT lower(from_address) AS address, min(created_at) AS first_at FROM tickets_message
    WHERE kind = 'in' AND (channel_slug = 'email' OR thread_layer = 'link') GROUP BY 1
) m
WHERE i.kind = 'email' AND i.verified_at IS NULL AND i.value = m.address
"""
# A call that the telephone system told of has proved its number; one that an agent typed has not.
PROVE_PHONE = """
UPDATE tickets_identity i SET verified_at = c.first_at, verified_how = 'channel'
FROM (
    SELECT customer_number, min(started_at) AS first_at FROM tickets_call
    WHERE direction = 'in' AND external_id NOT LIKE 'typed-%' GROUP BY 1
) c
WHERE i.kind = 'phone' AND i.verified_at IS NULL AND i.value = c.customer_number
"""
PROVE_SESSIONS = """
UPDATE tickets_identity SET verified_at = created_at, verified_how = 'channel'
WHERE kind IN ('visitor', 'external') AND verified_at IS NULL
"""
# A claim belongs to the conversation in which it was made: the first that is answered there, else their first.
SCOPE_CLAIMS = """
UPDATE tickets_identity i SET ticket_id = coalesce(
    (SELECT min(p.ticket_id) FROM tickets_participant p WHERE p.identity_id = i.id),
    (SELECT min(t.id) FROM tickets_ticket t WHERE t.customer_id = i.customer_id)
)
WHERE i.verified_at IS NULL
"""
# Where a proved address was only typed (form, chat, API), the conversation keeps a claim of its own.
SPLIT_CLAIMS = """
WITH typed AS (
    SELECT p.id, p.ticket_id, p.customer_id, p.created_at, i.kind, i.value, i.display
    FROM tickets_participant p
    JOIN tickets_identity i ON i.id = p.identity_id AND i.kind = 'email' AND i.verified_at IS NOT NULL
    JOIN tickets_ticket t ON t.id = p.ticket_id
    JOIN tickets_channel c ON c.id = t.channel_id AND c.slug IN ('web', 'chat', 'api')
    WHERE NOT EXISTS (
        SELECT FROM tickets_message m
        WHERE m.ticket_id = p.ticket_id AND m.kind = 'in' AND lower(m.from_address) = i.value
          AND (m.channel_slug = 'email' OR m.thread_layer = 'link')
    )
), made AS (
    INSERT INTO tickets_identity (customer_id, kind, value, display, verified_how, created_at, ticket_id)
    SELECT DISTINCT ON (ticket_id, value) customer_id, kind, value, display, '', created_at, ticket_id FROM typed
    RETURNING id, ticket_id, value
)
UPDATE tickets_participant p SET identity_id = made.id
FROM typed JOIN made ON made.ticket_id = typed.ticket_id AND made.value = typed.value
WHERE p.id = typed.id
"""
# A visitor whose customer has proved an address or number since may be somebody else: the window begins anew.
PART_VISITORS = """
WITH known AS (
    SELECT s.id, s.public_id FROM tickets_chatsession s JOIN tickets_ticket t ON t.id = s.ticket_id
    WHERE EXISTS (
        SELECT FROM tickets_identity i
        WHERE i.customer_id = t.customer_id AND i.kind IN ('email', 'phone') AND i.verified_at IS NOT NULL
    )
), parted AS (
    UPDATE tickets_chatsession s SET ticket_id = NULL, contact_id = NULL, seen_seq = 0, email = ''
    FROM known WHERE s.id = known.id
)
UPDATE tickets_participant p SET identity_id = NULL
FROM tickets_identity i, known
WHERE i.id = p.identity_id AND i.kind = 'visitor' AND i.value = known.public_id
"""
FORGET_VISITORS = """
DELETE FROM tickets_identity v WHERE v.kind = 'visitor' AND EXISTS (
    SELECT FROM tickets_identity i
    WHERE i.customer_id = v.customer_id AND i.kind IN ('email', 'phone') AND i.verified_at IS NOT NULL
)
"""
# Links to all requests live for minutes: those given to customers end, those on their way are not sent.
END_LINKS = "DELETE FROM tickets_accesslink WHERE purpose = 'all'"
CANCEL_MAILS = """
UPDATE tickets_outbound SET state = 'cancelled', next_attempt_at = NULL
WHERE payload ? 'all_requests_of' AND state IN ('queued', 'deferred', 'held')
"""
# Notes belong to the queue whose agents wrote them: the customer's only one; else those of theirs in which the
# last author works; else the one they came to first.
DETAILS = """
WITH noted AS (
    SELECT id, notes, place, time_zone, created_at FROM tickets_customer
    WHERE notes <> '' OR place <> '' OR time_zone <> ''
), reached AS (
    SELECT t.customer_id, t.queue_id, min(t.id) AS first_ticket
    FROM tickets_ticket t JOIN noted ON noted.id = t.customer_id GROUP BY 1, 2
), author AS (
    SELECT DISTINCT ON (e.data->>'customer') (e.data->>'customer')::bigint AS customer_id, e.actor_id, e.at
    FROM tickets_event e WHERE e.kind = 'customer.changed' AND e.actor_kind = 'user'
    ORDER BY e.data->>'customer', e.at DESC
), wrote AS (
    SELECT r.customer_id, r.queue_id, a.at FROM reached r
    JOIN author a ON a.customer_id = r.customer_id
    JOIN tickets_queuemembership m ON m.user_id = a.actor_id::bigint AND m.queue_id = r.queue_id
), chosen AS (
    SELECT customer_id, queue_id, at FROM wrote
    UNION
    SELECT customer_id, queue_id, NULL FROM (
        SELECT DISTINCT ON (customer_id) customer_id, queue_id FROM reached ORDER BY customer_id, first_ticket
    ) f WHERE NOT EXISTS (SELECT FROM wrote w WHERE w.customer_id = f.customer_id)
    UNION
    SELECT n.id, q.id, NULL FROM noted n
    CROSS JOIN (SELECT id FROM tickets_queue ORDER BY position, id LIMIT 1) q
    WHERE NOT EXISTS (SELECT FROM reached r WHERE r.customer_id = n.id)
)
INSERT INTO tickets_customerdetails (customer_id, queue_id, notes, place, time_zone, updated_at)
SELECT n.id, c.queue_id, n.notes, n.place, n.time_zone, coalesce(max(c.at), n.created_at)
FROM noted n JOIN chosen c ON c.customer_id = n.id GROUP BY n.id, c.queue_id, n.notes, n.place, n.time_zone, n.created_at
"""

STEPS = (
    PROVE_EMAIL,
    PROVE_PHONE,
    PROVE_SESSIONS,
    SCOPE_CLAIMS,
    SPLIT_CLAIMS,
    PART_VISITORS,
    FORGET_VISITORS,
    END_LINKS,
    CANCEL_MAILS,
    DETAILS,
)


def put_right(apps, schema_editor):  # noqa: ANN001, ANN201
    """Run the steps."""
    with schema_editor.connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0021_claims_and_details")]

    operations = [migrations.RunPython(put_right, migrations.RunPython.noop)]
