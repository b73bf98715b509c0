"""Extensions and immutable functions that generated columns and indexes need."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION tandem_unaccent(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN public.unaccent('public.unaccent'::regdictionary, $1);

CREATE FUNCTION tandem_sort_key(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.tandem_unaccent($1));

CREATE TEXT SEARCH CONFIGURATION public.tandem_en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION public.tandem_en
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION public.tandem_fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION public.tandem_fr
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, french_stem;

CREATE FUNCTION tandem_search_vector(language text, words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN language = 'fr'
        THEN to_tsvector('public.tandem_fr'::regconfig, left(coalesce(words, ''), 100000))
        ELSE to_tsvector('public.tandem_en'::regconfig, left(coalesce(words, ''), 100000)) END;
"""

UNDO = """
DROP FUNCTION tandem_search_vector(text, text);
DROP TEXT SEARCH CONFIGURATION public.tandem_fr;
DROP TEXT SEARCH CONFIGURATION public.tandem_en;
DROP FUNCTION tandem_sort_key(text);
DROP FUNCTION tandem_unaccent(text);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
