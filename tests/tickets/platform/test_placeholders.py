"""Placeholders of stored texts: replaced in one pass, and refused if they are unknown."""

import pytest
from django.urls import reverse

from tickets.models import Macro, MailText, Signature
from tickets.platform.placeholders import fill_placeholders, find_unknown


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello {customer}, {company}", "Hello {company}, Lamps"),
        ("{customer}{customer}", "{company}{company}"),
        ("{other} {} { customer } {{customer}}", "{other} {} { customer } {{customer}}"),
    ],
)
def test_values_are_not_read_for_placeholders(text, filled):
    assert fill_placeholders(text, {"customer": "{company}", "company": "Lamps"}) == filled


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Hello {customer}", []),
        ("{Customer} {first name} {x} {x}", ["{Customer}", "{first name}", "{x}"]),
        ("{{ customer.name }} {{customer}}", ["{{ customer.name }}", "{{customer}}"]),
        ("{% now 'Y' %} {prénom}", ["{% now 'Y' %}", "{prénom}"]),
        ('{"json": 1} {} {\n} a { b', []),
        ("{" * 50_000, []),
    ],
)
def test_unknown_placeholders_are_found(text, unknown):
    assert find_unknown(text, ["customer"]) == unknown


@pytest.fixture
def editor(cast, client):
    client.force_login(cast.admin)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "fields", "known"),
    [
        (
            Macro,
            {"name_en": "Hi", "text_en": "Hi", "text_fr": "{nom}"},
            "{agent}, {queue}, {company}, {number}",
        ),
        (MailText, {"kind": "ack", "language": "en", "text": "{nom}"}, "{queue}, {company}, {promise}."),
        (MailText, {"kind": "reply", "language": "en", "text": "{nom}"}, "{company}, {promise}, {answer}."),
        (Signature, {"language": "en", "text": "{nom}"}, "{agent}, {queue}, {company}."),
    ],
)
def test_unknown_placeholder_is_refused_with_those_there_are(editor, model, fields, known):
    page = editor.post(reverse(f"admin:tickets_{model._meta.model_name}_add"), fields)
    sentence = page.content.decode()
    assert "{nom} is not a placeholder of this text." in sentence
    assert known in sentence
    assert not model.objects.exists()


@pytest.mark.django_db
def test_known_placeholders_are_saved(editor):
    fields = {"name_en": "Hi", "text_en": "Hi {customer}, {agent} of {queue}, {company}: #{number}"}
    editor.post(reverse("admin:tickets_macro_add"), fields)
    assert Macro.objects.get().unknown_placeholders == []


@pytest.mark.django_db
def test_list_names_what_older_texts_have(editor):
    Macro.objects.create(name_en="Old", text_en="{first_name}")
    assert "{first_name}" in editor.get(reverse("admin:tickets_macro_changelist")).content.decode()
