"""How a file is to be read for a type: the guess of ``records/exchange``, with what the type's extras and keys add to it."""

from __future__ import annotations

from collections.abc import Mapping as Items
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.custom import fields_of
from smallcrm.records.exchange.columns import Field as Column
from smallcrm.records.exchange.guessing import Guess, guess
from smallcrm.records.exchange.mapping import Mapping
from smallcrm.records.exchange.reading import Workbook
from smallcrm.records.importing import extras
from smallcrm.records.importing.extras import Extra
from smallcrm.records.importing.names import Finder
from smallcrm.records.importing.targets import Target, targets, without
from smallcrm.records.record import RecordType, by_key

_NO = Mapping()
_MOSTLY = 0.4  # of the names in a column: owners are few, and come again and again


@dataclass
class Reading:
    """A guess with what it was made for. ``mapping`` is complete: keys, mode and defaults are filled in."""

    guess: Guess
    mapping: Mapping
    targets: dict[str, Target]
    extras: list[Extra]
    match_guessed: bool = True
    offered: dict[str, Target] = field(default_factory=dict)  # also those of extras that the file seems not to hold

    @property
    def columns(self) -> list[Column]:
        """The targets as ``exchange`` knows them."""
        return [target.column for target in self.targets.values()]

    @property
    def used(self) -> set[str]:
        """The targets that some column goes to."""
        return {name for name in (self.mapping.columns or {}).values() if name}

    @property
    def match_words(self) -> str:
        """The keys, as a person reads them."""
        return ", ".join(self.targets[name].label for name in self.mapping.match or () if name in self.targets)

    def as_json(self) -> dict[str, Any]:
        """What ``import --dry-run --json`` says under ``guessed``."""
        said = self.guess.as_json()
        said["mapping"] = self.mapping.as_json()
        return said


def read(
    actor: Actor,
    kind: RecordType,
    book: Workbook,
    *,
    given: Mapping = _NO,
    remembered: Mapping = _NO,
    currency: str = "",
    language: str = "",
) -> Reading:
    """Guess what nobody said. Raises BadRequest for a mapping that does not fit the file or the type."""
    also = extras.of(actor, kind)
    known = offered = targets(actor, kind, also)
    found = _guess(book, known, given, remembered, currency, language or actor.language)
    if strangers := _strangers(actor, found, known, also, {**(remembered.columns or {}), **(given.columns or {})}):
        given = replace(given, columns={**strangers, **(given.columns or {})})
        found = _guess(book, known, given, remembered, currency, language or actor.language)
    for extra in list(also):
        if _idle(extra, found, given):
            also.remove(extra)
            known = without(known, extra)
            found = _guess(book, known, given, remembered, currency, language or actor.language)
    if people := _people(actor, found, known):
        merged: dict[str, str | None] = {**people, **(given.columns or {})}
        given = replace(given, columns=merged)
        found = _guess(book, known, given, remembered, currency, language or actor.language)
    used = {name for name in (found.mapping.columns or {}).values() if name}
    match = given.match if given.match is not None else remembered.match
    if match is not None and remembered.match is match and given.match is None and not set(match) <= used:
        match = None
    guessed = match is None
    if match is None:
        match = default_keys(kind, used)
    _refuse_unknown(match, known, L("The mapping matches by a field that does not exist: “%(field)s”."))
    said = found.mapping.defaults or {}
    _refuse_unknown(
        [name for name in said if name not in ("pool",)],
        known,
        L("The mapping has a default for a field that does not exist: “%(field)s”."),
    )
    mapping = replace(
        found.mapping,
        match=tuple(match),
        mode=found.mapping.mode or "both",
        defaults={**extras.defaults_of(kind.card.key), **said} or None,
    )
    return Reading(replace_mapping(found, mapping), mapping, known, also, guessed, offered)


def _strangers(
    actor: Actor, found: Guess, known: Items[str, Target], also: Sequence[Extra], settled: Items[str, str | None]
) -> dict[str, str | None]:
    """A column headed like the owner's whose names are nobody here, and hardly ever the same, names the contacts."""
    used = {column.field for column in found.columns}
    names = [f"{extra.prefix}.{extra.needed}" for extra in also if extra.needed]
    free = [name for name in names if name in known and known[name].column.parts is not None and name not in used]
    for column in found.columns:
        if not free or not column.field or not column.sure or column.name in settled or column.varied < _MOSTLY:
            continue
        if known[column.field].column.kind == "person":
            finder = Finder(actor, by_key("user"))
            if not any(finder(text).id is not None for text in column.samples):
                sure = {each.name: each.field for each in found.columns if each.sure and each.field}
                return {**sure, column.name: free[0]}
    return {}


def _people(actor: Actor, found: Guess, known: Items[str, Target]) -> dict[str, str | None]:
    """Columns of names that may be colleagues or anybody else: whether we know them tells."""
    said: dict[str, str | None] = {}
    for question in found.questions:
        options = [option.value for option in question.options if option.value in known]
        people = [name for name in options if known[name].column.kind == "person"]
        others = [name for name in options if name not in people]
        if question.code != "columns" or len(people) != 1 or len(others) > 1 or not question.examples:
            continue
        user = by_key("user")
        finder = Finder(actor, user)
        hits = sum(finder(text).id is not None for text in question.examples)
        if hits == len(question.examples) or (others and not hits):
            said[question.columns[0]] = people[0] if hits else others[0]
    if said:  # what the guess was sure of stands; columns that nobody named would stay out otherwise
        said = {**{c.name: c.field for c in found.columns if c.sure and c.field}, **said}
    return said


def replace_mapping(found: Guess, mapping: Mapping) -> Guess:
    """The guess with another mapping."""
    return replace(found, mapping=mapping)


def _guess(
    book: Workbook, known: Items[str, Target], given: Mapping, remembered: Mapping, currency: str, language: str
) -> Guess:
    fields = [target.column for target in known.values()]
    return guess(book, fields, language, given=given, remembered=remembered, currency=currency)


def _idle(extra: Extra, found: Guess, given: Mapping) -> bool:
    """Whether the file holds nothing that this extra could be made of."""
    if not extra.needed:
        return False
    mine = f"{extra.prefix}."
    if any(name and name.startswith(mine) for name in (given.columns or {}).values()):
        return False
    if any(name.startswith(mine) for name in given.match or ()):
        return False
    used = {name for name in (found.mapping.columns or {}).values() if name}
    title = extra.kind.card.title
    return f"{extra.prefix}.{extra.needed}" not in used or (title not in used and found.coming_back is None)


def default_keys(kind: RecordType, used: set[str]) -> tuple[str, ...]:
    """The keys by which rows are matched when nobody says."""
    for choice in extras.keys_of(kind.card.key):
        if set(choice) <= used:
            return choice
    fields = fields_of(kind)
    unique = [name for name in used if name in fields and fields[name].unique_live]
    title = kind.card.title
    named = [title] if title in used and title in fields and fields[title].match else []
    return tuple(dict.fromkeys([*sorted(unique), *named]))


def _refuse_unknown(names: Any, known: Items[str, Target], message: Any) -> None:
    for name in names:
        if name not in known:
            raise BadRequest(L(message.message, field=name))
