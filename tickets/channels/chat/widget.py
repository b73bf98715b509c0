"""The widget's one file: the parts beside this module, put together once in one function's scope.

The parts are plain scripts, not modules: a page that embeds them needs one request, no build step and
no `type="module"` (whose code could not tell which script element it came from).
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
# What keeps its spaces: "…", `…` and /…/ after a bracket or an equals sign. Remarks match too, and go.
LITERAL = re.compile(r"""(//[^\n]*|"[^"\n]*"|`[^`]*`|(?<=[(=])\ ?/(?:[^/\n\\[]|\\.|\[[^\]\n]*\])+/\w*)""")

LETS = re.compile(r"\b(let[ \[{](?:[^;{}\n]|\{[^;{}\n]*\})*);let ?(?=[\w\[{])")


@cache
def script() -> bytes:
    """Return the whole script, without remarks and needless space."""
    code = "\n".join((FOLDER / f"{part}.js").read_text() for part in PARTS)
    styles = json.dumps(_tight_styles((FOLDER / "widget.css").read_text()), ensure_ascii=False)
    return f'(()=>{{"use strict";const CSS={styles};\n{_tight(code)}\n}})();\n'.encode()


@cache
def etag() -> str:
    """Return the script's entity tag: it changes when a byte does."""
    return f'"{hashlib.sha256(script()).hexdigest()[:20]}"'


def _tight(code: str) -> str:
    """Drop remarks, indentation and spaces around signs; line ends stay where they may end a statement."""
    pieces = LITERAL.split(code)
    pieces[::2] = [_tight_piece(piece) for piece in pieces[::2]]
    joined = "".join(piece for piece in pieces if not piece.startswith("//"))
    joined = re.sub(r"([{([,;])\n+", r"\1", re.sub(r"\n+([])}.?:&|])", r"\1", joined))
    joined = re.sub(r"\n+", "\n", joined).replace(";}", "}").strip()
    while (shorter := LETS.sub(r"\1,", joined)) != joined:
        joined = shorter
    return joined


def _tight_piece(piece: str) -> str:
    for long, short in (("const", "let"), ("true", "!0"), ("false", "!1")):
        piece = re.sub(rf"\b{long}\b", short, piece)
    return re.sub(r" *([]{}()[=,;:?&|<>+*!]) *", r"\1", re.sub(r"\s*\n\s*", "\n", piece))


def _tight_styles(css: str) -> str:
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};:,>]) ?", r"\1", css).replace(";}", "}").strip()
