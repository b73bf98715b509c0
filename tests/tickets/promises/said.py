"""Find every sentence that customers read on pages, in mails and in the chat, in the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
READ_BY_CUSTOMERS = (
    "tickets/portal",
    "tickets/promises",
    "tickets/channels/chat",
    "tickets/templates/portal",
    "tickets/templates/tickets/mail",
    "helpdesk/templates/mail",
    "helpdesk/templates/shell/portal.html",
    "helpdesk/templates/shell/error.html",
    "helpdesk/templates/400.html",
    "helpdesk/templates/403.html",
    "helpdesk/templates/403_csrf.html",
    "helpdesk/templates/404.html",
    "helpdesk/templates/405.html",
    "helpdesk/templates/429.html",
    "routing/continuity/wait_choices.py",
    "routing/templates/routing/mail/wait_or_now.html",
    "routing/templates/routing/mail/wait_or_now.txt",
    "metrics/surveys",
    "metrics/templates/metrics/survey",
    "metrics/templates/metrics/mail/survey.html",
    "metrics/templates/metrics/mail/survey.txt",
)
NO_PROMISE = "-"
# For colleagues, or for administrators.
NOT_FOR_CUSTOMERS = ("for_agent", "mailbox")
TRANSLATE = re.compile(r"\{%\s*translate\s+(\"[^\"]*\"|'[^']*')|_\((\"[^\"]*\"|'[^']*')\)")
BLOCK = re.compile(r"\{%\s*blocktranslate\b[^%]*%\}(.*?)\{%\s*endblocktranslate", re.DOTALL)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")
MARKERS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}

# What says that something is going to happen, or happens by itself: the future, and present tenses that
# promise ("a person answers", "expires after", "goes to").
FUTURE = re.compile(
    r"""\b(will|won't|\w+'ll|shall|within|going\ to|soon|then\b|as\ soon\ as|once|after|until|later
    |automatically|again|on\ its\ way|expires?|works\ only|becomes?|goes\ to|opens?|receive|gets?|continues?
    |sent|kept|keeps?|lost|joins?|nothing\ to\ do|do\ nothing
    |(?:person|somebody|someone|colleague|we|they|it)\ (?:\w+\ )?
        (?:answers?|reads?|calls?|replies|sends?|forgets?)
    |remembers?|closes?|back|still\ reach)\b""",
    re.VERBOSE | re.IGNORECASE,
)


def sentences() -> set[str]:
    """Return all translatable texts that customers read, with single spaces."""
    return {" ".join(words.split()) for path in _files() for words in _words(path) if words.strip()}


def about_the_future() -> set[str]:
    """Return the sentences among them that announce something and are longer than a label."""
    return {words for words in sentences() if FUTURE.search(words) and len(words.split()) > 3}


def proofs() -> dict[str, str]:
    """Return for each sentence the test that proves it, or NO_PROMISE, from proofs.txt."""
    found, proof = {}, ""
    for line in (Path(__file__).parent / "proofs.txt").read_text().splitlines():
        if line.startswith("    "):
            found[line.strip()] = proof
        elif not line.startswith("#"):
            proof = line
    return found


def _files() -> Iterator[Path]:
    for place in READ_BY_CUSTOMERS:
        path = ROOT / place
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (
            one
            for one in found
            if one.suffix in (".py", ".html", ".txt")
            and not any(word in one.stem for word in NOT_FOR_CUSTOMERS)
        )


def _words(path: Path) -> Iterator[str]:
    text = path.read_text()
    if path.suffix == ".py":
        yield from _in_python(text)
        return
    for match in TRANSLATE.finditer(text):
        yield (match[1] or match[2])[1:-1]
    for match in BLOCK.finditer(text):
        yield from PLURAL.split(match[1])


def _in_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
