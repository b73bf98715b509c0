"""What a pass decided on as bytes, and back: items and parameters as JSON, people as packed columns.

It loads NumPy: pages import it by name, when something is played.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from routing.engine import Policy, WorkItem
from routing.engine.team import Team

QUICKLY = 1  # zlib's level: a pass must not wait for the last percent
LENGTHS = struct.Struct(">II")  # of the first two of three parts: JSON, lasting columns, the others
LENGTH = struct.Struct(">I")
LASTING = (
    "ids", "shift_until", "on_leave", "stays_late", "chat_limit", "places", "group", "regions", "levels",
    "speakers", "members", "cleared",
)  # fmt: skip
PASSING = tuple(
    field.name for field in fields(Team) if field.name not in (*LASTING, "lasting")
)  # what each one has in hand
PACKED = "packed for a recording"


def pack_recording(items: Sequence[WorkItem], team: Team, policy: Policy) -> bytes:
    """Return all that a pass decided on; columns that seldom change are packed once for a roster."""
    content = {"items": items, "policy": policy}
    head = zlib.compress(json.dumps(content, separators=(",", ":"), default=_plain).encode(), QUICKLY)
    lasting = _lasting(team)
    return b"".join((LENGTHS.pack(len(head), len(lasting)), head, lasting, _block(team, PASSING)))


def unpack_recording(body: bytes) -> tuple[list[WorkItem], Team, Policy]:
    """Return what `pack` was given."""
    head, lasting = LENGTHS.unpack_from(body)
    middle, end = LENGTHS.size + head, LENGTHS.size + head + lasting
    content = json.loads(zlib.decompress(body[LENGTHS.size : middle]))
    team = Team(**_columns(body[middle:end]), **_columns(body[end:]))
    return [_made(WorkItem, values) for values in content["items"]], team, _made(Policy, content["policy"])


def _lasting(team: Team) -> bytes:
    """Return a group's columns that rarely change, packed; they are packed again only after a change."""
    columns = [getattr(team, name) for name in LASTING]
    packed: bytes
    known, packed = team.lasting.get(PACKED, ((), b""))
    if len(known) != len(columns) or any(a is not b for a, b in zip(known, columns, strict=True)):
        packed = _block(team, LASTING)
        team.lasting[PACKED] = (columns, packed)
    return packed


def _block(team: Team, names: Sequence[str]) -> bytes:
    """Return the columns as bytes, one after the other, after a list of their names and types."""
    heads: list[Any] = []
    parts: list[bytes] = []
    for name in names:
        column = getattr(team, name)
        if isinstance(column, np.ndarray):
            _add(name, None, column, heads, parts)
        elif isinstance(column, dict):
            heads.append([name, None, "{}", 0])
            for key, part in column.items():
                _add(name, key, part, heads, parts)
        elif column is not None:
            heads.append([name, None, "text", list(column)])
    text = json.dumps(heads, separators=(",", ":")).encode()
    return zlib.compress(b"".join((LENGTH.pack(len(text)), text, *parts)), QUICKLY)


def _add(name: str, key: Any, column: Any, heads: list[Any], parts: list[bytes]) -> None:
    """Add one column as narrow as its values allow: bits, small whole numbers, or fractions as they are."""
    if column.dtype == np.bool_:
        kind, data = "bits", np.packbits(column)
    elif column.dtype.kind == "i":
        data = column.astype(
            np.promote_types(*map(np.min_scalar_type, (column.min(initial=0), column.max(initial=0))))
        )
        kind = data.dtype.str
    else:
        data = column.astype("<f8")
        kind = data.dtype.str
    heads.append([name, key, kind, len(column)])
    parts.append(data.tobytes())


def _columns(block: bytes) -> dict[str, Any]:
    """Return a block's columns by name."""
    raw = zlib.decompress(block)
    (length,) = LENGTH.unpack_from(raw)
    start = LENGTH.size + length
    columns: dict[str, Any] = {}
    for name, key, kind, form in json.loads(raw[LENGTH.size : start]):
        if kind == "{}":
            columns[name] = {}
        elif kind == "text":
            columns[name] = form
        else:
            values, start = _read(raw, start, kind, form)
            if key is None:
                columns[name] = values
            else:
                columns[name][key] = values
    return columns


def _read(raw: bytes, start: int, kind: str, count: int) -> tuple[Any, int]:
    """Return a column that begins at `start`, as wide as the engine has it, and where the next begins."""
    if kind == "bits":
        end = start + (count + 7) // 8
        bits = np.frombuffer(raw[start:end], dtype=np.uint8)
        return np.unpackbits(bits, count=count).astype(np.bool_), end
    dtype = np.dtype(kind)
    end = start + count * dtype.itemsize
    values = np.frombuffer(raw[start:end], dtype=dtype)
    return values.astype(np.float64 if dtype.kind == "f" else np.int64), end


def _plain(value: Any) -> Any:
    """Return a value as JSON takes it; of frozen values only what differs from the default."""
    if is_dataclass(value) and not isinstance(value, type):
        names, usual, values = _shape(type(value))
        fields = zip(names, usual, values(value), strict=True)
        return {name: part for name, default, part in fields if part != default}
    if isinstance(value, frozenset):
        return sorted(value, key=str)
    raise TypeError(f"A recording cannot hold {value!r}.")


@cache
def _shape(kind: type) -> tuple[tuple[str, ...], tuple[Any, ...], attrgetter[Any]]:
    """Return names and defaults of a kind's fields, and what reads them all from a value."""
    names = tuple(field.name for field in fields(kind))
    return names, tuple(field.default for field in fields(kind)), attrgetter(*names)


def _made(kind: Any, value: Any) -> Any:
    """Return what `_plain` was made from."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        types = _types(kind)
        return kind(**{name: _made(types[name], part) for name, part in value.items()})
    if origin is UnionType:
        return (
            None
            if value is None
            else _made(next(member for member in inner if member is not NoneType), value)
        )
    if origin is frozenset:
        return frozenset(_made(inner[0], part) for part in value)
    if origin is tuple:
        each = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_made(member, part) for member, part in zip(each, value, strict=True))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return kind(value) if kind in (int, float) and not isinstance(value, bool) else value


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
