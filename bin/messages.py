"""Extract texts for translation, without fuzzy guesses, and compile the French catalogue (`make messages`).

Prints the texts that still lack their French.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
EXTRACT = [
    sys.executable,
    "manage.py",
    "makemessages",
    "--locale",
    "fr",
    "--no-location",
    "--no-wrap",
    "--no-obsolete",
]
IGNORED = ["--ignore", "vendor/*", "--ignore", ".venv/*", "--ignore", "tests/*"]


def main() -> int:
    """Bring the catalogue up to date; return the number of texts without French, at most 1."""
    subprocess.run([*EXTRACT, *IGNORED], cwd=ROOT, check=True)
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=0)
    for entry in catalogue:
        if entry.fuzzy:  # gettext's guess from a similar text: it is never right
            entry.flags.remove("fuzzy")
            entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
            entry.previous_msgctxt = entry.previous_msgid = entry.previous_msgid_plural = None
    catalogue.save()
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = [entry for entry in catalogue if not entry.translated()]
    for entry in missing:
        where = f" ({entry.msgctxt})" if entry.msgctxt else ""
        print(f"not in French yet: {entry.msgid!r}{where}")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
