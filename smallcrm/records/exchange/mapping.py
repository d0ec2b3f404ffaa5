"""How a file is read into records: the contract's JSON, strictly parsed, kept per file shape, merged over a guess."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Items
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from smallcrm.base import money
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.records.exchange.cells import column_of
from smallcrm.records.exchange.column_words import plain_header
from smallcrm.records.exchange.dates import ORDERS
from smallcrm.records.exchange.decoding import known_encoding
from smallcrm.records.exchange.layout import OWN
from smallcrm.records.exchange.refusals import Unreadable
from smallcrm.records.exchange.separated import known_separator

MODES = ("create", "update", "both")
PerColumn = str | Items[str, str]


@dataclass(frozen=True)
class Mapping:
    """Every part may be absent (None): then it is guessed. ``header_rows`` count from 1; none at all is ``()``.

    ``date_order``, ``decimal`` and ``currency`` (of amounts that name none) hold for the whole file, or are given per
    column where its columns differ.
    """

    sheet: str | None = None
    header_rows: tuple[int, ...] | None = None
    encoding: str | None = None
    separator: str | None = None
    date_order: PerColumn | None = None
    decimal: PerColumn | None = None
    currency: PerColumn | None = None
    columns: Items[str, str | None] | None = None
    values: Items[str, Items[str, str | None]] | None = None
    match: tuple[str, ...] | None = None
    mode: str | None = None
    defaults: Items[str, Any] | None = None
    create_missing: tuple[str, ...] | None = None
    bin: str | None = None  # what happens to rows whose record lies in the bin: leave, restore

    def as_json(self) -> dict[str, Any]:
        """The parts that are there, as the contract writes them."""
        found = {key: value for key, value in asdict(self).items() if value is not None}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}

    def over(self, guess: Mapping) -> Mapping:
        """This mapping with ``guess`` where it says nothing; columns and values are merged entry by entry."""
        merged = {part.name: _first(getattr(self, part.name), getattr(guess, part.name)) for part in fields(Mapping)}
        for part in ("columns", "defaults"):
            mine, theirs = getattr(self, part), getattr(guess, part)
            if mine is not None and theirs is not None:
                merged[part] = {**theirs, **mine}
        for part in ("date_order", "decimal", "currency"):
            mine, theirs = getattr(self, part), getattr(guess, part)
            if isinstance(mine, dict) and isinstance(theirs, dict):
                merged[part] = {**theirs, **mine}
        if self.values is not None and guess.values is not None:
            keys = {**guess.values, **self.values}
            merged["values"] = {k: {**guess.values.get(k, {}), **self.values.get(k, {})} for k in keys}
        return Mapping(**merged)

    def to_remember(self) -> Mapping:
        """What may be used again for another file of the same shape: not where its table lies or how it is encoded."""
        return replace(self, sheet=None, header_rows=None, encoding=None, separator=None)


def _first(mine: Any, other: Any) -> Any:
    return other if mine is None else mine


# ---------------------------------------------------------------- parsing


def parse(data: Any) -> Mapping:
    """A mapping out of JSON. Raises ``BadRequest`` that names the key that is wrong."""
    if not isinstance(data, dict):
        raise BadRequest(L("The mapping must be a JSON object."))
    known = {part.name for part in fields(Mapping)}
    for key in data:
        if key not in known:
            raise BadRequest(
                L(
                    "The mapping has an unknown key: “%(key)s”. Known are: %(known)s.",
                    key=key,
                    known=", ".join(sorted(known)),
                )
            )
    return Mapping(**{key: _PARTS[key](key, value) for key, value in data.items() if value is not None})


_WRONG = {
    "text": L("In the mapping, “%(key)s” must be a text."),
    "rows": L("In the mapping, “%(key)s” must be a list of at most two row numbers, counted from 1."),
    "one of": L("In the mapping, “%(key)s” must be one of: %(options)s."),
    "columns": L("In the mapping, “%(key)s” must be an object: header or column letter to field."),
    "field": L("In the mapping, “%(key)s” must be the name of a field, or null."),
    "values": L("In the mapping, “%(key)s” must be an object: text in the file to value, or to null."),
    "texts": L("In the mapping, “%(key)s” must be a list of texts."),
    "object": L("In the mapping, “%(key)s” must be an object."),
}


def _wrong(key: str, wanted: str, **values: Any) -> BadRequest:
    return BadRequest(L(_WRONG[wanted].message, key=key, **values))


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(key, "text")
    return value


def _rows(key: str, value: Any) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in value)
    if not whole or len(value) > 2 or len(set(value)) < len(value):
        raise _wrong(key, "rows")
    return tuple(sorted(value))


def _encoding(key: str, value: Any) -> str:
    try:
        return known_encoding(_text(key, value))
    except Unreadable as fault:
        raise BadRequest(str(fault)) from None


def _separator(key: str, value: Any) -> str:
    try:
        return known_separator(value if isinstance(value, str) else "")
    except Unreadable as fault:
        raise BadRequest(str(fault)) from None


def _one_of(allowed: Iterable[str]) -> Callable[[str, Any], str]:
    options = tuple(allowed)

    def read(key: str, value: Any) -> str:
        if value not in options:
            raise _wrong(key, "one of", options=" ".join(options))
        return str(value)

    return read


def _per_column(allowed: Iterable[str]) -> Callable[[str, Any], PerColumn]:
    one = _one_of(allowed)

    def read(key: str, value: Any) -> PerColumn:
        if isinstance(value, dict):
            return {_text(key, column): one(f"{key}.{column}", said) for column, said in value.items()}
        return one(key, value)

    return read


def _columns(key: str, value: Any) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise _wrong(key, "columns")
    for column, target in value.items():
        if target is not None and (not isinstance(target, str) or not target.strip()):
            raise _wrong(f"{key}.{column}", "field")
    return dict(value)


def _values(key: str, value: Any) -> dict[str, dict[str, str | None]]:
    if not isinstance(value, dict):
        raise _wrong(key, "values")
    for name, pairs in value.items():
        if not isinstance(pairs, dict) or not all(said is None or isinstance(said, str) for said in pairs.values()):
            raise _wrong(f"{key}.{name}", "values")
    return {name: dict(pairs) for name, pairs in value.items()}


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise _wrong(key, "texts")
    return tuple(dict.fromkeys(value))


def _object(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(key, "object")
    return dict(value)


_PARTS: dict[str, Callable[[str, Any], Any]] = {
    "sheet": _text,
    "header_rows": _rows,
    "encoding": _encoding,
    "separator": _separator,
    "date_order": _per_column(ORDERS),
    "decimal": _per_column((".", ",")),
    "currency": _per_column(sorted(money.currencies())),
    "columns": _columns,
    "values": _values,
    "match": _texts,
    "mode": _one_of(MODES),
    "defaults": _object,
    "create_missing": _texts,
    "bin": _one_of(("leave", "restore")),
}


# ---------------------------------------------------------------- columns by name


def find_column(said: str, names: tuple[str, ...]) -> int | None:
    """Which column a mapping means: by header, by the last part of a header of two rows, or by letter."""
    wanted = fold(said)
    for index, name in enumerate(names):
        if fold(name) == wanted:
            return index
    for simple in (_last_part, plain_header):
        found = [i for i, name in enumerate(names) if simple(name) == simple(said)]
        if len(found) == 1:
            return found[0]
    lettered = column_of(said.strip())
    return lettered if lettered is not None and lettered < len(names) else None


def _last_part(name: str) -> str:
    return fold(name.rpartition(" / ")[2])


def resolve(columns: Items[str, str | None], names: tuple[str, ...], known: Iterable[str]) -> dict[int, str | None]:
    """Column → field (None: left out). Raises ``BadRequest`` that names the column or field nobody knows."""
    allowed = set(known)
    found: dict[int, str | None] = {}
    for said, target in columns.items():
        index = find_column(said, names)
        if index is None:
            raise BadRequest(L("The mapping names a column that the file does not have: “%(column)s”.", column=said))
        if target is not None and target not in allowed:
            raise BadRequest(L("The mapping names a field that does not exist: “%(field)s”.", field=target))
        found[index] = target
    return found


def for_column(said: PerColumn | None, index: int, names: tuple[str, ...]) -> str:
    """What a part that may be given per column says of one column; empty where it says nothing."""
    if said is None or isinstance(said, str):
        return said or ""
    return next((value for key, value in said.items() if find_column(key, names) == index), "")


def shape(names: Iterable[str], unnamed: Iterable[int] = ()) -> str:
    """A fingerprint of a file's columns: the same for the next export out of the same system, whatever their order."""
    skip = set(unnamed)
    kept = [plain_header(name) for i, name in enumerate(names) if i not in skip and not name.endswith(OWN)]
    text = "\n".join(sorted(kept)) if kept else f"{len(skip)} columns without names"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
