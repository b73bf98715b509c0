"""The frame of mails: readable with styles inlined, in a dark theme, and as plain text."""

import css_inline
from django.template import engines
from django.utils import translation

from helpdesk.runtime.environment import REPOSITORY

SHEET = REPOSITORY / "helpdesk/static/helpdesk/css/mail.css"
PAGE = (
    '{% extends "mail/base.html" %}{% block content %}<p><a class="button" href="#">Go</a></p>{% endblock %}'
)


def rendered(source: str, **context: str) -> str:
    return engines["django"].from_string(source).render(context)


def test_a_mails_button_carries_its_colours_itself():
    inliner = css_inline.CSSInliner(extra_css=SHEET.read_text(), keep_style_tags=True)
    html = inliner.inline(rendered(PAGE, company="Maison Brune"))
    button = html[html.index('class="button"') :].split(">")[0]
    assert "background-color: #0b6a64" in button
    assert "prefers-color-scheme: dark" in html


def test_a_mail_names_the_company_and_its_language():
    with translation.override("fr"):
        html = rendered(PAGE, company="Maison Brune", language="fr")
    assert '<html lang="fr">' in html
    assert "Maison Brune" in html


def test_the_plain_text_is_not_escaped():
    text = rendered('{% extends "mail/base.txt" %}{% block content %}5 < 7 & l\'été{% endblock %}')
    assert "5 < 7 & l'été" in text
