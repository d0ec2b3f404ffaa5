"""What areas add to the import of a type: further columns, the words of headers, keys, defaults; and who must not come back.

The kernel knows no business: customers register that a row may hold a contact too, people that it may hold a team.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from smallcrm.identity.actor import Actor
from smallcrm.records.exchange.columns import Field as Column
from smallcrm.records.importing.problem import Finding
from smallcrm.records.record import RecordType

Values = Mapping[str, Any]


@dataclass
class Written:
    """A record that a chunk wrote, and what its rows hold for an extra (one entry a row)."""

    id: int
    after: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)


class Extra:
    """Base of what fills more than the record itself. One is made for each plan; everything may stay as it is.

    Its columns are called ``<prefix>.<name>``; methods get and give names without the prefix.
    """

    prefix: ClassVar[str] = ""
    needed: ClassVar[str] = ""  # the column without which its others mean nothing
    takes: ClassVar[
        tuple[str, ...]
    ] = ()  # links of the record itself that it gets as texts, in the same dict, and fills

    def __init__(self, actor: Actor, kind: RecordType) -> None:
        self.actor, self.kind = actor, kind
        self.begun = False

    def columns(self) -> list[Column]:
        """The columns it adds, names without the prefix."""
        return []

    def label(self, name: str) -> str:
        """What a person sees for one of its columns."""
        return name

    def alone(self) -> dict[str, tuple[str, ...]]:
        """Words by which the record's own fields are known where the file holds nothing for this extra."""
        return {}

    def keys(self, name: str, value: Any, values: Values) -> list[str]:
        """The normalised forms by which rows are recognised through one of its columns."""
        return []

    def holders(self, name: str, keys: Sequence[str]) -> dict[str, set[int]]:
        """Key → records that have it, whoever may see them."""
        return {}

    def check(self, values: dict[str, Any]) -> list[Finding]:
        """What is wrong with a row's part; may amend ``values``."""
        return []

    def spill(self, values: dict[str, Any]) -> dict[str, Any]:
        """What of a row's part belongs to the record itself after all; it is taken out of ``values``."""
        return {}

    def begin(self, parts: Sequence[Values]) -> None:
        """Before any row is written, inside a transaction: the parts of all rows that come in."""

    def fill(self, part: Values) -> dict[str, Any]:
        """Columns of the record that follow from a part, once ``begin`` was called."""
        return {}

    def changes(self, matched: Mapping[int, Sequence[Values]]) -> set[int]:
        """Those of the records that the rows' parts would change."""
        return set()

    def follow(self, written: Sequence[Written]) -> dict[int, list[Finding]]:
        """After records were written, inside the same transaction; what went wrong, by record."""
        return {}

    def finish(self) -> None:
        """After the last row, inside a transaction, if ``begin`` was called."""


ExtraType = type[Extra]
Suppressed = Callable[[RecordType, set[tuple[str, str]]], set[tuple[str, str]]]

_extras: dict[str, list[ExtraType]] = {}
_concepts: dict[str, dict[str, tuple[str, ...]]] = {}
_keys: dict[str, tuple[tuple[str, ...], ...]] = {}
_defaults: dict[str, dict[str, Any]] = {}
_suppressed: list[Suppressed] = []


def add(key: str) -> Callable[[ExtraType], ExtraType]:
    """Register an extra of type ``key``."""

    def keep(extra: ExtraType) -> ExtraType:
        _extras.setdefault(key, []).append(extra)
        return extra

    return keep


def of(actor: Actor, kind: RecordType) -> list[Extra]:
    """The extras of a type, made for one plan."""
    return [extra(actor, kind) for extra in _extras.get(kind.card.key, ())]


def concepts(key: str, named: Mapping[str, Sequence[str]]) -> None:
    """Say which concepts of ``column_words`` the type's fields are; one of the same name needs no saying."""
    _concepts.setdefault(key, {}).update({name: tuple(said) for name, said in named.items()})


def concepts_of(key: str, name: str) -> tuple[str, ...]:
    """The concepts of a field, its own name first."""
    return (name.replace("_", " "), *_concepts.get(key, {}).get(name, ()))


def keys(key: str, *choices: Sequence[str]) -> None:
    """The keys that rows are matched by when nobody says: the first choice all of whose fields the file holds."""
    _keys[key] = tuple(map(tuple, choices))


def keys_of(key: str) -> tuple[tuple[str, ...], ...]:
    """The choices of keys of a type, the best first."""
    return _keys.get(key, ())


def defaults(key: str, values: Values) -> None:
    """What new records of a type get where neither the file nor the importer says anything."""
    _defaults.setdefault(key, {}).update(values)


def defaults_of(key: str) -> dict[str, Any]:
    """The defaults of a type."""
    return dict(_defaults.get(key, {}))


def suppression(function: Suppressed) -> Suppressed:
    """Ask ``function`` which of a row's keys (kind, key) belong to somebody whose data were erased."""
    _suppressed.append(function)
    return function


def asks_suppression() -> bool:
    """Whether anybody keeps such keys."""
    return bool(_suppressed)


def suppressed(kind: RecordType, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the keys that must not come back."""
    gone: set[tuple[str, str]] = set()
    for ask in _suppressed:
        gone |= ask(kind, found)
    return gone
