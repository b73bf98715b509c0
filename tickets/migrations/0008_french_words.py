"""French words are found in any form with and without their accents, and one function makes every query.

The French stemmer needs the accents ("refusé", "refusées" → "refus"), people often leave them out. So a French
text is indexed both ways: accents first taken off, then stemmed; and stemmed, then accents taken off. The second
is done letter by letter on the finished vector: no letter can become a quote there.
"""

from django.db import migrations

FROM = "àâäáãåçéèêëîïíìñôöòóõùûüúÿ"
TO = "aaaaaaceeeeiiiinooooouuuuy"
assert len(FROM) == len(TO)

FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION tandem_search_vector(language text, words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN language = 'fr'
        THEN to_tsvector('public.tandem_fr'::regconfig, left(coalesce(words, ''), 100000))
            || translate(
                to_tsvector('pg_catalog.french'::regconfig, left(coalesce(words, ''), 100000))::text,
                '{FROM}', '{TO}'
            )::tsvector
        ELSE to_tsvector('public.tandem_en'::regconfig, left(coalesce(words, ''), 100000)) END;

CREATE FUNCTION tandem_search_query(words text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN websearch_to_tsquery('public.tandem_en'::regconfig, words)
        || websearch_to_tsquery('public.tandem_fr'::regconfig, words)
        || translate(
            websearch_to_tsquery('pg_catalog.french'::regconfig, words)::text, '{FROM}', '{TO}'
        )::tsquery;

UPDATE tickets_ticket SET subject = subject WHERE language = 'fr';
UPDATE tickets_message SET text = text WHERE language = 'fr';
"""

UNDO = """
DROP FUNCTION tandem_search_query(text);
CREATE OR REPLACE FUNCTION tandem_search_vector(language text, words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN language = 'fr'
        THEN to_tsvector('public.tandem_fr'::regconfig, left(coalesce(words, ''), 100000))
        ELSE to_tsvector('public.tandem_en'::regconfig, left(coalesce(words, ''), 100000)) END;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_what_was_told_of_calls")]

    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
