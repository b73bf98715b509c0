"""What is made from the definitions says what they say."""

from metrics.asking import formulas
from metrics.catalogue import documents, registry


def test_the_page_of_metrics_is_true_to_the_code():
    assert documents.PAGE.read_text() == documents.build_page(), "run: python manage.py metric_docs"


def test_translators_see_every_paragraph():
    assert documents.WORDS.read_text() == documents.build_formulas(), "run: python manage.py metric_docs"
    for metric in registry.load_metrics().values():
        assert set(metric.paragraphs()) <= set(formulas.FORMULAS)
