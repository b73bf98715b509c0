"""Templates put together when they are read look as Django draws them file by file."""

from __future__ import annotations

import pytest
from django.template import Context, Engine
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode

from helpdesk.still import Loader

BASE = (
    "<title>{% block title %}Base{% endblock %}</title>"
    "{% block body %}[{% block inner %}i{% endblock %}]{% endblock %}"
)
FILES = {
    "base": BASE,
    "section": "{% extends 'base' %}{% block title %}Section, {{ block.super }}{% endblock %}",
    "page": "{% extends 'section' %}{% block title %}{{ name }}: {{ block.super }}{% endblock %}"
    "{% block inner %}{% if name %}{{ block.super }}{{ name }}{% endif %}{% endblock %}",
    "overriding": "{% extends 'page' %}{% block body %}<p>{{ block.super }}</p>{% endblock %}"
    "{% block unknown %}never{% endblock %}",
    "with_text": "before{% extends 'base' %}{% block inner %}{% endblock %}",
    "named": "{% extends parent %}{% block title %}{{ name }}{% endblock %}",
    "asking": "{% extends 'base' %}{% block title %}{{ block.name }}{{ block.super|upper }}{% endblock %}",
    "row": "<b>{{ who|default:'nobody' }} {{ name }}</b>{% block end %}.{% endblock %}",
    "including": "{% include 'row' %}{% include 'row' with who='Émile & Co' %}"
    "{% include 'row' with who=name only %}",
    "included_by_name": "{% include file %}",
    "missing": "{% if '' %}{% include 'nowhere' %}{% endif %}-",
    "looping": "{% for name in names %}{% include 'row' %}{% include 'turns' %}{% endfor %}",
    "turns": "{% for n in names %}{% cycle 'a' 'b' %}{% endfor %}",
    "tree": "({{ names.0 }}{% if deep %}{% with deep='' %}{% include 'tree' %}{% endwith %}{% endif %})",
    "naming": "{% load i18n %}{% include 'names' %}{{ found }}",
    "names": "{% load i18n %}{% translate 'Send' as found %}{{ found }}",
    "blocks_name": "{% extends 'base' %}{% load i18n %}"
    "{% block title %}{% translate 'Send' as w %}{{ w }}{% endblock %}"
    "{% block inner %}{{ w }}{% endblock %}",
    "includes_a_page": "{% include 'page' %}|{{ title }}",
    "plain": "{% autoescape off %}{% include 'row' %}{% endautoescape %}",
}
VALUES = {
    "name": "Dana <&>",
    "names": ["a", "b"],
    "deep": "yes",
    "parent": "section",
    "file": "row",
}


def engine(loader: str) -> Engine:
    within = [("django.template.loaders.locmem.Loader", FILES)]
    return Engine(loaders=[(loader, within)], libraries={"i18n": "django.templatetags.i18n"})


@pytest.mark.parametrize("name", FILES)
def test_a_template_put_together_looks_as_before(name):
    plain = engine("django.template.loaders.cached.Loader").get_template(name)
    linked = engine("helpdesk.still.Loader").get_template(name)
    for _ in range(2):
        assert linked.render(Context(VALUES)) == plain.render(Context(VALUES))


@pytest.mark.parametrize("name", ["page", "overriding", "naming", "blocks_name", "includes_a_page"])
def test_nothing_is_left_to_look_for(name):
    nodes = engine("helpdesk.still.Loader").get_template(name).nodelist
    assert not any(nodes.get_nodes_by_type(kind) for kind in (BlockNode, ExtendsNode, IncludeNode))


def test_a_template_that_looks_for_its_blocks_finds_them_in_one_put_together_before():
    reader = engine("helpdesk.still.Loader")
    assert isinstance(reader.template_loaders[0], Loader)
    assert reader.get_template("section").render(Context(VALUES)).startswith("<title>Section, Base")
    assert (
        reader.get_template("named").render(Context(VALUES)).startswith("<title>Dana &lt;&amp;&gt;</title>")
    )
