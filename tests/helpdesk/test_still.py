"""Templates whose still parts are joined look as before, in every language."""

from __future__ import annotations

import pytest
from django.template import Context, Engine
from django.utils.translation import override

from helpdesk.still import StillNode, join

LIBRARIES = {
    "i18n": "django.templatetags.i18n",
    "static": "django.templatetags.static",
}
BUILTINS = ["tickets.templatetags.icons"]


def drawn(source: str, **values: object) -> str:
    """Draw a template before and after its still parts are joined, twice, in two languages."""
    engine = Engine(libraries=LIBRARIES, builtins=BUILTINS)
    plain, joined = engine.from_string(source), engine.from_string(source)
    join(joined.nodelist)
    looks = []
    for language in ("en", "fr", "en"):
        with override(language):
            looks.append(joined.render(Context(values)))
            assert looks[-1] == plain.render(Context(values))
    return looks[0] + looks[1]


@pytest.mark.parametrize(
    "source",
    [
        "<p>{% load i18n %}{% translate 'Send' %} & {% translate 'Close' %}</p>",
        "{% load i18n %}{% blocktranslate %}Nothing <b>else</b>{% endblocktranslate %}!",
        "{% icon 'close' %}{% icon 'undo' 's' %}{# said to nobody #}<br>",
        "{% load static %}<img src=\"{% static 'helpdesk/img/favicon.svg' %}\">",
        "{% load i18n %}{% if name %}{% translate 'Send' %}: {{ name }}{% else %}<i></i>{% endif %}",
        "{% load i18n %}{% for n in names %}<b>{% translate 'Send' %}</b> {{ n }}{% empty %}-{% endfor %}",
        "{% load i18n %}{% translate name %} <b>{% translate 'Send' as word %}{{ word }}</b>{% icon look %}",
        "{% load i18n %}{% blocktranslate %}For {{ name }}{% endblocktranslate %} <b>.</b>{% icon 'close' %}",
    ],
)
def test_joined_templates_look_as_before(source):
    assert drawn(source, name="Dana & Émile", names=["a", "b"], look="close")


def test_what_depends_on_the_language_alone_is_one_node():
    source = (
        "{% load i18n %}<p>{% translate 'Send' %}{% icon 'x' %}</p>{{ name }}<p>{% translate 'Close' %}</p>"
    )
    template = Engine(libraries=LIBRARIES, builtins=BUILTINS).from_string(source)
    join(template.nodelist)
    assert [type(node).__name__ for node in template.nodelist] == ["StillNode", "VariableNode", "StillNode"]


def test_text_before_an_extending_template_stays_text():
    base, page = (
        "<main>{% block main %}{% endblock %}</main>",
        "a{# #}b{% extends 'base' %}{% block main %}c{% endblock %}",
    )
    loaders = [
        ("helpdesk.still.Loader", [("django.template.loaders.locmem.Loader", {"base": base, "page": page})])
    ]
    assert Engine(loaders=loaders).get_template("page").render(Context()).endswith("<main>c</main>")


def test_a_french_reader_gets_french_after_an_english_one():
    source = "{% load i18n %}<p>{% translate 'Send' %}</p>"
    template = Engine(libraries=LIBRARIES).from_string(source)
    join(template.nodelist)
    assert isinstance(template.nodelist[0], StillNode)
    for language, word in (("en", "Send"), ("fr", "Envoyer"), ("en", "Send")):
        with override(language):
            assert template.render(Context()) == f"<p>{word}</p>"
