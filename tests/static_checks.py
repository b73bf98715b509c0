"""Run every static check (`make check`): each prints its own findings, and the run fails when one does."""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.sql_border import find_foreign_tables

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("helpdesk", "metrics", "routing", "tickets")
LONGEST_FILE = 300
MOST_MODULES = 20
LONGEST_FUNCTION = 40
BANNED_NAMES = frozenset({"utils", "helpers", "common", "services", "managers"})
ROWS_BY_ID = re.compile(r"\.objects\.get\(|get_object_or_404\(\s*[A-Z]\w*\s*,")
# Folders whose code answers people: pages, the API, search, and the queries prepared for them.
FOR_READERS = frozenset({"api", "desk", "pages", "portal", "prepared", "search", "views"})
ROWS_PAST_SIGHT = re.compile(r"\b(?:Ticket|Message)\.objects\b(?!\s*\.(?:visible_to|none)\()")
PREPARED = "tickets/prepared"
EXCUSE = "# reached:"  # a line may say why it needs no visible_to(), for example a token that is its own key
FROM_ELSEWHERE = ("vendor", "migrations", "__pycache__")


def sources(*patterns: str) -> Iterator[Path]:
    """Give our own files of the four packages."""
    for package in PACKAGES:
        for pattern in patterns:
            for path in sorted((ROOT / package).rglob(pattern)):
                if not any(part in FROM_ELSEWHERE for part in path.relative_to(ROOT).parts):
                    yield path


def rows_are_reached_through_visible_to() -> list[str]:
    """Refuse `.objects.get(` and its like in views and APIs."""
    found = []
    for path in sources("*.py"):
        parts = path.relative_to(ROOT).parts
        if not ("api" in parts or "views" in parts or path.stem in ("views", "api")):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if ROWS_BY_ID.search(line) and EXCUSE not in line:
                found.append(
                    f"{path.relative_to(ROOT)}:{number}: reach rows through visible_to(): {line.strip()}"
                )
    return found


def tickets_and_messages_are_read_in_sight() -> list[str]:
    """Refuse reads of tickets and messages that start from anything but `visible_to`, where people ask."""
    found = []
    for path in sources("*.py"):
        if not FOR_READERS & set(path.relative_to(ROOT).parts[1:-1]):
            continue
        found += [f"{path.relative_to(ROOT)}:{place}" for place in _reads_past_sight(path.read_text())]
    return found


def _reads_past_sight(text: str) -> Iterator[str]:
    """Give line and reason of each read that neither starts from `visible_to` nor says why."""
    lines = text.splitlines()
    for match in ROWS_PAST_SIGHT.finditer(text):
        number = text.count("\n", 0, match.start()) + 1
        if EXCUSE not in lines[number - 1]:
            yield f"{number}: start from visible_to(actor): {lines[number - 1].strip()}"


def queries_are_prepared_in_one_place() -> list[str]:
    """Refuse prepared queries outside their room: elsewhere an ordinary queryset does."""
    return [
        f"{path.relative_to(ROOT)}: prepare queries in {PREPARED}, or use a queryset"
        for path in sources("*.py")
        if path.parent != ROOT / PREPARED and "tickets.prepared.statement" in path.read_text()
    ]


def channels_import_no_sibling() -> list[str]:
    """Refuse a channel that imports another one: each folder stands alone."""
    folder = ROOT / "tickets" / "channels"
    slugs = {path.name for path in folder.iterdir() if (path / "adapter.py").exists()}
    found = []
    for path in sources("*.py"):
        if folder in path.parents and (own := path.relative_to(folder).parts[0]) in slugs:
            others = "|".join(sorted(slugs - {own}))
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if re.search(r"\bimport\b", line) and re.search(rf"tickets\.channels\.({others})\b", line):
                    found.append(
                        f"{path.relative_to(ROOT)}:{number}: a channel imports no sibling: {line.strip()}"
                    )
    return found


def no_drawer_for_odds_and_ends() -> list[str]:
    """Refuse modules named utils, helpers, common, services or managers."""
    return [
        f"{path.relative_to(ROOT)}: name the module for its job"
        for path in sources("*.py")
        if path.stem in BANNED_NAMES or path.parent.name in BANNED_NAMES
    ]


def files_stay_short() -> list[str]:
    """Refuse Python files over 300 lines."""
    return [
        f"{path.relative_to(ROOT)}: {count} lines; over {LONGEST_FILE} it wants a seam"
        for path in sources("*.py")
        if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    ]


def statements_name_own_tables() -> list[str]:
    """Refuse SQL that names a table of another package outside that package's door."""
    return find_foreign_tables(sources("*.py", "*.sql"))


def folders_stay_small() -> list[str]:
    """Refuse folders with more than 20 modules: a reader cannot hold more at once."""
    modules = Counter(path.parent for path in sources("*.py") if "migrations" not in path.parts)
    return [
        f"{folder.relative_to(ROOT)}: {count} modules; over {MOST_MODULES} it wants rooms"
        for folder, count in modules.items()
        if count > MOST_MODULES
    ]


def no_cycle_at_run_time() -> list[str]:
    """Refuse modules that import each other in a circle; imports for annotations alone do not count."""
    import grimp

    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        tuple(TopologicalSorter(imports).static_order())
    except CycleError as error:
        return [" → ".join(error.args[1])]
    return []


def functions_stay_short() -> list[str]:
    """Refuse functions over 40 lines."""
    import ast

    found = []
    for path in sources("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {length} lines")
    return found


def templates_obey_the_csp() -> list[str]:
    """Refuse inline scripts, event attributes and styles, and htmx features that need eval."""
    banned = re.compile(
        r"\s(on\w+|style|hx-on[\w:-]*|hx-vals\s*=\s*[\"']js:)\s*=|hx-trigger=\"[^\"]*\[", re.IGNORECASE
    )
    inline = re.compile(
        r"<(script|style)(?![^>]*\b(src|nonce|type=\"application/json\"))[^>]*>", re.IGNORECASE
    )
    found = []
    for path in sources("*.html"):
        if {"emails", "email", "mail"} & set(path.parts):
            continue  # a mail has no CSP, and mail programs understand little else than style attributes
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if banned.search(line) or inline.search(line):
                found.append(
                    f"{path.relative_to(ROOT)}:{number}: not allowed by the CSP: {line.strip()[:100]}"
                )
    return found


def scripts_stay_short() -> list[str]:
    """Refuse JavaScript modules over 100 lines: one behaviour a file."""
    return [
        f"{path.relative_to(ROOT)}: {count} lines; over 100 it is more than one behaviour"
        for path in sources("*.js")
        if (count := len(path.read_text().splitlines())) > 100
    ]


def catalogues_are_compiled() -> list[str]:
    """Refuse a .mo that lacks what its .po says; `make run` has no gettext."""
    import polib

    found = []
    for source in sorted((ROOT / "locale").rglob("*.po")):
        compiled = source.with_suffix(".mo")
        catalogue = polib.pofile(str(source))
        wanted = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in catalogue.translated_entries()}
        here = (
            {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in polib.mofile(str(compiled))}
            if compiled.exists()
            else {}
        )
        if {key: value for key, value in here.items() if key[1]} != wanted:
            found.append(f"{compiled.relative_to(ROOT)} is not what {source.name} says: run msgfmt")
    return found


def translations_are_complete() -> list[str]:
    """Refuse texts that lack a French translation, empty and fuzzy entries; gettext reads the code anew."""
    import polib

    catalogue = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    before = catalogue.read_bytes()
    command = [*MANAGE, "makemessages", "--locale", "fr", "--no-location", "--no-wrap", "--no-obsolete"]
    ignored = [part for name in ("vendor/*", ".venv/*", "tests/*") for part in ("--ignore", name)]
    try:
        done = subprocess.run([*command, *ignored], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            return [f"makemessages failed (is GNU gettext installed?): {done.stderr.strip()[-300:]}"]
        entries = [entry for entry in polib.pofile(str(catalogue)) if not entry.obsolete]
    finally:
        catalogue.write_bytes(before)
    return [f"not in French yet: {e.msgid[:80]!r}" for e in entries if e.fuzzy or not e.translated()]


OURS: tuple[Callable[[], list[str]], ...] = (
    rows_are_reached_through_visible_to,
    tickets_and_messages_are_read_in_sight,
    queries_are_prepared_in_one_place,
    channels_import_no_sibling,
    no_drawer_for_odds_and_ends,
    files_stay_short,
    folders_stay_small,
    statements_name_own_tables,
    no_cycle_at_run_time,
    functions_stay_short,
    scripts_stay_short,
    templates_obey_the_csp,
    catalogues_are_compiled,
    translations_are_complete,
)
PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]
TOOLS: dict[str, list[str]] = {
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    "ruff": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "imports": [str(Path(PYTHON).with_name("lint-imports")), "--no-cache"],
    "mypy": [PYTHON, "-m", "mypy", "--no-error-summary"],
    "djlint": [PYTHON, "-m", "djlint", "--lint", "--quiet", *PACKAGES],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "django": [*MANAGE, "check", "--fail-level", "WARNING"],
    "API schema": [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null"],
}


def main() -> int:
    """Run all, tell all, and return 1 when one found something."""
    failed = []
    for name, command in TOOLS.items():
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        _tell(name, time.monotonic() - started, done.returncode == 0, done.stdout + done.stderr)
        failed += [name] * bool(done.returncode)
    for check in OURS:
        found = check()
        _tell(check.__name__.replace("_", " "), 0.0, not found, "\n".join(found))
        failed += [check.__name__] * bool(found)
    print("\nAll checks pass." if not failed else f"\nFailed: {', '.join(failed)}")
    return bool(failed)


def _tell(name: str, seconds: float, passed: bool, output: str) -> None:
    print(
        f"{'ok  ' if passed else 'FAIL'} {name}" + (f"  ({seconds:.1f} s)" if seconds >= 0.1 else ""),
        flush=True,
    )
    if not passed:
        print(output.strip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
