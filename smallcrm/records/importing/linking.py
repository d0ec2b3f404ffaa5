"""Names in a file that lead to other records: found within reach, brought by the same file, or made where that is wished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from smallcrm.base.i18n import LANGUAGES, speaking
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import AnyLink, Field, Link
from smallcrm.records.importing.matching import plain
from smallcrm.records.importing.names import Finder
from smallcrm.records.importing.problem import Finding
from smallcrm.records.importing.rows import ReadRow
from smallcrm.records.record import RecordType, all_types, by_key


@dataclass(frozen=True)
class Resolved:
    """Where a name leads: a record, an entry of the plan that is written first, or a record that must be made."""

    value: object = None
    entry: int | None = None
    make: str = ""


class Linker:
    """The link fields of one plan."""

    def __init__(
        self,
        actor: Actor,
        kind: RecordType,
        fields: Mapping[str, Field],
        taken: Iterable[str],
        create_missing: Iterable[str],
    ) -> None:
        self._actor = actor
        skip = set(taken)
        self.links = {n: f for n, f in fields.items() if isinstance(f, Link | AnyLink) and n not in skip}
        self.own = [n for n, f in self.links.items() if isinstance(f, Link) and f.to == kind.card.key]
        self._create = {n for n in create_missing if n in self.links and _may_make(actor, self.links[n])}
        self._finders: dict[str, Finder] = {}
        self._brought: dict[str, list[tuple[int, int]]] = {}
        self._kinds: dict[str, str] | None = None
        self.made: dict[str, dict[str, str]] = {}  # type → compared text → text

    def finder(self, key: str) -> Finder:
        """The finder of a type."""
        if key not in self._finders:
            self._finders[key] = Finder(self._actor, by_key(key))
        return self._finders[key]

    def learn(self, rows: Iterable[ReadRow]) -> None:
        """Look the names of many rows up at once."""
        wanted: dict[str, list[str]] = {}
        for row in rows:
            for name, text in row.names.items():
                each = self.links.get(name)
                if isinstance(each, Link):
                    wanted.setdefault(each.to, []).append(text)
        for key, texts in wanted.items():
            self.finder(key).learn(texts)

    def findings(self, names: Mapping[str, str], columns: Mapping[str, int]) -> list[Finding]:
        """What is wrong with a row's names. Links to the type itself wait until the whole file is read."""
        found = []
        for name, text in names.items():
            if name in self.links and name not in self.own:
                resolved = self.resolve(name, text)
                if isinstance(resolved, Finding):
                    found.append(Finding(resolved.code, name, columns.get(name), resolved.values))
        return found

    def key_text(self, name: str, text: str) -> str:
        """A name as keys compare it: the id it leads to, else the name itself."""
        each = self.links.get(name)
        if not isinstance(each, Link):
            return text
        found = self.finder(each.to)(text)
        return str(found.id) if found.id else plain(text)

    def bring(self, name: str, entry: int, record: int) -> None:
        """The file itself holds a record of that name."""
        held = self._brought.setdefault(name, [])
        if (entry, record) not in held:
            held.append((entry, record))

    def resolve(self, name: str, text: str) -> Resolved | Finding:
        """Where a name leads, or why it leads nowhere."""
        each = self.links[name]
        if isinstance(each, AnyLink):
            return self._any(name, text)
        assert isinstance(each, Link)
        if name in self.own and (brought := self._brought.get(plain(text))):
            if len(brought) > 1:
                return Finding("several", name, None, {"text": text, "n": len(brought)})
            entry, record = brought[0]
            return Resolved(record) if record else Resolved(entry=entry)
        finder = self.finder(each.to)
        found = finder(text)
        if found.id:
            return Resolved(found.id)
        if name in self._create and not found.several and found.active:
            self.made.setdefault(each.to, {}).setdefault(plain(text), text)
            return Resolved(make=text)
        return finder.finding(text, name) or Finding("not_found", name, None, {"text": text})

    def _any(self, name: str, text: str) -> Resolved | Finding:
        """``Customer: Ridley & Hart``, or the name alone where only one record of any type has it."""
        word, _, rest = text.partition(":")
        key = self._known_kinds().get(fold(word))
        if key and rest.strip():
            found = self.finder(key)(rest.strip())
            return (
                Resolved({"type": key, "id": found.id})
                if found.id
                else Finding("not_found", name, None, {"text": text})
            )
        hits: list[tuple[str, int | None]] = []
        for kind in all_types():
            if kind.card.pages and kind.card.searchable and kind.card.reach != "open":
                found = self.finder(kind.card.key)(text)
                hits += [(kind.card.key, found.id)] if found.id else [("", None)] * found.several
        if len(hits) > 1:
            return Finding("several", name, None, {"text": text, "n": len(hits)})
        return (
            Resolved({"type": hits[0][0], "id": hits[0][1]})
            if hits
            else Finding("not_found", name, None, {"text": text})
        )

    def _known_kinds(self) -> dict[str, str]:
        if self._kinds is None:
            self._kinds = {}
            for kind in all_types():
                self._kinds |= {fold(kind.card.key): kind.card.key, fold(kind.card.name): kind.card.key}
                for code in LANGUAGES:
                    with speaking(code):
                        self._kinds.setdefault(fold(labels.one(kind)), kind.card.key)
                        self._kinds.setdefault(fold(labels.many(kind)), kind.card.key)
        return self._kinds

    def text_of(self, name: str, record: int) -> str:
        """What a linked record is called."""
        each = self.links[name]
        assert isinstance(each, Link)
        return access.names(self._actor, each.to, [record]).get(record, f"#{record}")


def _may_make(actor: Actor, each: Field) -> bool:
    """Whether a name alone makes a record of the linked type, and the actor may make one."""
    if not isinstance(each, Link):
        return False
    kind = by_key(each.to)
    needed = {n for n, f in fields_of(kind).items() if f.required and f.default_value is None}
    return needed == {kind.card.title} and actor.scope(each.to, "create") is not Scope.NONE
