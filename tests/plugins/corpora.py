"""Collections of other projects' mails that may lie beside the checkout: read in place, never copied into it.

Their licences are not ours, so that a stranger's clone has none of them. What needs them is skipped there
with the sentence below, also where CI=true; nothing else may be skipped (tests/plugins/nothing_skipped.py).
"""

from pathlib import Path

import pytest

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "email"
ABSENT = "The collections of other projects' mails are not beside this checkout (../shared/corpora/email)."


def needs_collection(name: str) -> pytest.MarkDecorator:
    """Return the mark of a test that reads a file of the collections, by its name inside them."""
    return pytest.mark.skipif(not (CORPORA / name).exists(), reason=ABSENT)
