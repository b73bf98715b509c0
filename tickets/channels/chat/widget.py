"""The widget's script: the parts in the folder `widget`, joined and minified within one function.

The parts are plain scripts, not modules: an embedding page needs one request, no build step and no
`type="module"`, in which `document.currentScript` does not exist.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "widget"
PARTS = (
    "page",
    "elements",
    "panel",
    "log",
    "talk",
    "socket",
    "frames",
    "requests",
    "details",
    "choice",
    "start",
)
# What keeps its spaces: "…", `…`, and /…/ after a bracket or equals sign. Comments match too, to be removed.
LITERAL = re.compile(r"""(//[^\n]*|"[^"\n]*"|`[^`]*`|(?<=[(=])\ ?/(?:[^/\n\\[]|\\.|\[[^\]\n]*\])+/\w*)""")

LETS = re.compile(r"\b(let[ \[{](?:[^;{}\n]|\{[^;{}\n]*\})*);let ?(?=[\w\[{])")


@cache
def build_script() -> bytes:
    """Return the whole script in UTF-8, without comments and unnecessary whitespace."""
    code = "\n".join((FOLDER / f"{part}.js").read_text() for part in PARTS)
    styles = json.dumps(_minify_styles((FOLDER / "widget.css").read_text()), ensure_ascii=False)
    return f'(()=>{{"use strict";const CSS={styles};\n{_minify_code(code)}\n}})();\n'.encode()


@cache
def build_etag() -> str:
    """Return the script's entity tag, a hash of its bytes."""
    return f'"{hashlib.sha256(build_script()).hexdigest()[:20]}"'


def _minify_code(code: str) -> str:
    """Remove comments, indentation and spaces around operators; keep line ends that may end a statement."""
    pieces = LITERAL.split(code)
    pieces[::2] = [_minify_piece(piece) for piece in pieces[::2]]
    joined = "".join(piece for piece in pieces if not piece.startswith("//"))
    joined = re.sub(r"([{([,;])\n+", r"\1", re.sub(r"\n+([])}.?:&|])", r"\1", joined))
    joined = re.sub(r"\n+", "\n", joined).replace(";}", "}").strip()
    while (shorter := LETS.sub(r"\1,", joined)) != joined:
        joined = shorter
    return joined


def _minify_piece(piece: str) -> str:
    for long, short in (("const", "let"), ("true", "!0"), ("false", "!1")):
        piece = re.sub(rf"\b{long}\b", short, piece)
    return re.sub(r" *([]{}()[=,;:?&|<>+*!]) *", r"\1", re.sub(r"\s*\n\s*", "\n", piece))


def _minify_styles(css: str) -> str:
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};:,>]) ?", r"\1", css).replace(";}", "}").strip()
