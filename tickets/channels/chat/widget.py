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
PARTS = ("page", "store", "elements", "panel", "log", "talk", "socket", "details", "start")
REMARK = re.compile(r"^\s*(//.*)?$")


@cache
def script() -> bytes:
    """Return the whole script, without remarks and indentation."""
    code = [f"const CSS = {json.dumps(_styles(), ensure_ascii=False)};"]
    for part in PARTS:
        lines = (FOLDER / f"{part}.js").read_text().splitlines()
        code += [line.strip() for line in lines if not REMARK.match(line)]
    return ('(() => {\n"use strict";\n' + "\n".join(code) + "\n})();\n").encode()


@cache
def etag() -> str:
    """Return the script's entity tag: it changes when a byte does."""
    return f'"{hashlib.sha256(script()).hexdigest()[:20]}"'


def _styles() -> str:
    css = re.sub(r"/\*.*?\*/", "", (FOLDER / "widget.css").read_text(), flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};:,>])\s*", r"\1", css).strip()
