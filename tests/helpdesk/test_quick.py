"""Variables and addresses looked up in fewer steps are what Django finds."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import Context, Engine
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from helpdesk.quick import QuickTemplate, parts_of
from helpdesk.still import join


class Danger:
    """Something a template must not do by naming it."""

    def wipe(self) -> str:
        raise AssertionError("A template has called it.")

    wipe.alters_data = True  # type: ignore[attr-defined]

    @property
    def broken(self) -> str:
        raise AttributeError("inside a property")


VALUES = {
    "text": "Dana <&> 'Co'",
    "safe": mark_safe("<b>"),
    "number": 12345,
    "share": 0.5,
    "yes": True,
    "nothing": None,
    "words": gettext_lazy("Send"),
    "at": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    "facts": {"items": "own", "a": {"b": "c"}},
    "rows": [SimpleNamespace(name="x")],
    "call": lambda: "called",
    "lazy": SimpleLazyObject(lambda: SimpleNamespace(name="<lazy>")),
    "danger": Danger(),
}


@pytest.mark.parametrize(
    "named",
    [
        *VALUES, "text.upper", "facts.items", "facts.a.b", "facts.nobody", "facts.keys",
        "rows.0.name", "rows.7", "lazy.name", "lazy.nobody", "danger.wipe", "nobody", "nobody.else",
        "number.real", "template_name",
        "text|upper", "text|safe", "nobody|default:text", "safe|lower", "at|date:'c'",
        "number|add:number", "nothing|default_if_none:'-'", "'<i>'|upper", "_('Send')", "12",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["{{{{ {0} }}}}", "{{% if {0} %}}a{{% else %}}b{{% endif %}}"])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_variable_is_what_django_finds(named, way, escaped):
    source, context = way.format(named), {**VALUES}
    engine = Engine()
    plain, quick = engine.from_string(source), QuickTemplate(source, engine=engine)
    join(quick.nodelist)
    assert quick.render(Context(context, autoescape=escaped)) == plain.render(
        Context(context, autoescape=escaped)
    )


def test_an_error_within_a_property_is_not_hidden():
    template = QuickTemplate("{{ danger.broken }}", engine=Engine())
    with pytest.raises(AttributeError, match="inside a property"):
        template.render(Context(VALUES))


@pytest.mark.parametrize(
    "source",
    [
        "{% url 'desk:home' %}", "{% url 'desk:ticket' n %}?a=1", "{% url 'desk:formatted' n 3 %}",
        "{% url 'desk:ticket' n as here %}<a href='{{ here }}'>", "{% url 'nowhere' n as here %}{{ here }}.",
        "{% url 'desk:list' word %}", "{% url 'desk:sending_domain' odd %}", "{% url 'desk:ticket' '7' %}",
        "{% url 'desk:ticket' number=n %}", "{% url view n %}",
        "{% url 'admin:index' %}",
    ],
)  # fmt: skip
def test_an_address_is_what_django_finds(source):
    engine = Engine()
    plain, quick = engine.from_string(source), QuickTemplate(source, engine=engine)
    join(quick.nodelist)
    for number in (7, 100_000, 7):
        values = {"n": number, "word": f"queue-{number}", "odd": "a é?b", "view": "desk:ticket"}
        assert quick.render(Context(values)) == plain.render(Context(values))


def test_a_page_that_does_not_exist_is_an_error():
    template = QuickTemplate("{% url 'nowhere' 7 %}", engine=Engine())
    join(template.nodelist)
    with pytest.raises(NoReverseMatch):
        template.render(Context())


def test_the_numbers_of_an_address_are_put_between_its_parts():
    before, after = parts_of("desk:ticket", (int,))
    assert f"{before}5{after}" == reverse("desk:ticket", args=[5])
    assert parts_of("desk:home", (int,)) == []
    assert parts_of("desk:ticket", (str,)) == []
