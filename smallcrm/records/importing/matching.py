"""Which rows mean the same record, and which record that is.

Two are the same when *any* of the chosen identifying fields (name, phone, e-mail, tax number: whatever is flagged
``match``, or unique) agrees and *all* other chosen fields do. Numbers that belong to one alone (tax number, customer
number, a unique address) tell two apart when they differ, whatever else agrees. Names agree without case, accents,
spaces and punctuation; legal form and town count, for two towns' namesakes are two customers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor
from smallcrm.records import access, duplicates, query, rows
from smallcrm.records.fields import Cleaning, Field, FieldError, Money, Number, Reading
from smallcrm.records.fields.phone import phone_key
from smallcrm.records.importing.extras import Extra
from smallcrm.records.importing.names import Finder
from smallcrm.records.reach import pool_column
from smallcrm.records.record import RecordType

Key = tuple[str, ...]
_ONLY_ONE = frozenset({"tax", "number"})
_NOT_WORD = re.compile(r"[\W_]+")
_TAX_PREFIX = re.compile(r"[a-z]{2}(?=\d{6,})")
_HOLDERS = 50  # records looked at for one key


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """A name as it is compared: letters and digits alone."""
    folded = fold(text)
    return _NOT_WORD.sub("", folded) or folded


def tax_key(text: str) -> str:
    """A tax number without signs and without its country's letters."""
    return _TAX_PREFIX.sub("", _NOT_WORD.sub("", fold(text)), count=1)


@dataclass
class Group:
    """Rows (by their place) that mean one record. ``alone``: what tells it apart, by field."""

    rows: list[int]
    keys: set[Key] = field(default_factory=set)
    alone: dict[str, set[str]] = field(default_factory=dict)

    def apart(self, other: Mapping[str, set[str]]) -> bool:
        """Whether a number that belongs to one alone differs."""
        return any(name in other and not (mine & other[name]) for name, mine in self.alone.items())


class Keys:
    """The chosen keys of a plan."""

    def __init__(
        self,
        kind: RecordType,
        names: Sequence[str],
        fields: Mapping[str, Field],
        also: Sequence[Extra],
        fallback: str = "",
    ) -> None:
        self.kind, self.fields = kind, fields
        self._cores: dict[str, set[str]] = {}  # compared name → the forms under which records of it are kept
        self.written: dict[str, str] = {}  # compared name → as it was written
        self._extras = {extra.prefix: extra for extra in also}
        self.identifying = [n for n in names if n not in fields or fields[n].match or fields[n].unique_live]
        # where nobody chose the keys, a row that has none of them is known by its name
        known = fallback in fields and fields[fallback].match and fallback not in names
        self.fallback = fallback if known else ""
        self.together = [n for n in names if n in fields and n not in self.identifying]

    @property
    def any(self) -> bool:
        """Whether anything is compared at all."""
        return bool(self.identifying or self.together)

    def of(
        self, given: Mapping[str, Any], names: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]
    ) -> tuple[set[Key], dict[str, set[str]]]:
        """A row's keys, and the numbers among them that belong to one alone."""
        beside = tuple(comparable(self.fields[n], names.get(n, given.get(n)), given) for n in self.together)
        keys: set[Key] = set()
        alone: dict[str, set[str]] = {}
        for name in self.identifying:
            texts = self._texts(name, given, parts)
            keys |= {(name, text, *beside) for text in texts}
            each = self.fields.get(name)
            if texts and each is not None and (each.match in _ONLY_ONE or each.unique_live):
                alone[name] = set(texts)
        if not keys and self.fallback:
            keys = {(self.fallback, text, *beside) for text in self._texts(self.fallback, given, parts)}
        if not self.identifying and any(beside):
            keys.add(("", *beside))
        return keys, alone

    def _texts(self, name: str, given: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> list[str]:
        if name not in self.fields:
            prefix, _, own = name.partition(".")
            part = parts.get(prefix, {})
            return self._extras[prefix].keys(own, part[own], part) if own in part else []
        value = given.get(name)
        if value is None:
            return []
        found = key_texts(self.fields[name], value, given)
        if self.fields[name].match == "name":
            for text in found:
                self._cores.setdefault(text, set()).update(self.fields[name].match_keys(str(value), given))
                self.written.setdefault(text, str(value))
        return found

    def holder_keys(self, key: Key) -> list[tuple[str, str]]:
        """What to look up in the table of record keys for one of a row's keys."""
        each = self.fields[key[0]]
        if each.match == "name":
            return [("name", text) for text in sorted(self._cores.get(key[1], {key[1]}))]
        if each.match == "tax":
            return [("tax", text) for text in (key[1], *(f"{c}{key[1]}" for c in ("el", "gr", "cn", "de", "fr", "gb")))]
        return [(each.match, key[1])]

    def extra_of(self, key: Key) -> Extra | None:
        """The extra that a key belongs to."""
        return None if not key[0] or key[0] in self.fields else self._extras[key[0].partition(".")[0]]


def key_texts(each: Field, value: Any, values: Mapping[str, Any]) -> list[str]:
    """The compared forms of an identifying field's value."""
    if each.match == "name":
        return [text] if (text := plain(str(value))) else []
    if each.match == "tax":
        return [text] if (text := tax_key(str(value))) else []
    if each.match == "phone":
        return list(dict.fromkeys(key for found in each.match_keys(value, values) for key in _phone_forms(found)))
    if each.match:
        return each.match_keys(value, values)
    return [fold(str(value))]


def _phone_forms(key: str) -> list[str]:
    """A Chinese mobile is recognised with and without 86, whichever country the company is in."""
    home = phone_key("2125550123")[: -len("2125550123")] if phone_key("2125550123").endswith("2125550123") else ""
    if not home or home in ("86", "1"):
        return [key]
    if found := re.fullmatch(rf"(?:86|{home})(1[3-9]\d{{9}})", key):
        return [key, *({f"86{found[1]}", f"{home}{found[1]}"} - {key})]
    return [key]


def comparable(each: Field, value: Any, values: Mapping[str, Any]) -> str:
    """Any typed value as a text that equals a stored one's when the two are the same."""
    if value is None or value == "":
        return ""
    try:
        value = each.clean(value, Cleaning(values=values, trusted=True))
    except (FieldError, TypeError, ValueError):
        return fold(str(value))
    return stored_text(value)


def stored_text(value: Any) -> str:
    """A stored value in that form."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(sorted(fold(str(item)) for item in value))
    return fold(str(value))


# ---------------------------------------------------------------- rows of one file


class Grouping:
    """Puts rows together as they come."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._by_key: dict[Key, list[int]] = {}
        self._moved: dict[int, int] = {}

    def add(self, row: int, keys: set[Key], alone: dict[str, set[str]]) -> None:
        """One more row: to the groups that share a key with it, which become one, else to a new one."""
        places = {self._where(place) for key in keys for place in self._by_key.get(key, ())}
        fitting = [p for p in sorted(places) if not self.groups[p].apart(alone)]
        if fitting and self._agree(fitting):
            place = fitting[0]
            for other in fitting[1:]:
                self._merge(place, other)
        else:
            place = len(self.groups)
            self.groups.append(Group([]))
        group = self.groups[place]
        group.rows.append(row)
        group.keys |= keys
        for name, texts in alone.items():
            group.alone.setdefault(name, set()).update(texts)
        for key in keys:
            held = self._by_key.setdefault(key, [])
            if place not in held:
                held.append(place)

    def _agree(self, places: list[int]) -> bool:
        first = self.groups[places[0]]
        return not any(first.apart(self.groups[place].alone) for place in places[1:])

    def _where(self, place: int) -> int:
        while place in self._moved:
            place = self._moved[place]
        return place

    def _merge(self, place: int, other: int) -> None:
        mine, theirs = self.groups[place], self.groups[other]
        mine.rows = sorted([*mine.rows, *theirs.rows])
        mine.keys |= theirs.keys
        for name, texts in theirs.alone.items():
            mine.alone.setdefault(name, set()).update(texts)
        self._moved[other] = place
        self.groups[other] = Group([])

    def finished(self) -> list[Group]:
        """The groups in the order of their first rows."""
        return sorted((group for group in self.groups if group.rows), key=lambda group: group.rows[0])


# ---------------------------------------------------------------- records that are here already


@dataclass
class Found:
    """What a group meets. ``several`` are ids when no single record can be told; ``binned`` lies in the bin."""

    id: int = 0
    values: dict[str, Any] | None = None
    several: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    binned: int = 0
    binned_values: dict[str, Any] | None = None


class Matcher:
    """Looks groups up among the records within reach; masked values do not count."""

    def __init__(self, actor: Actor, kind: RecordType, keys: Keys) -> None:
        self.actor, self.kind, self.keys = actor, kind, keys
        self._pools = access.masked_pools(actor, kind)
        self._finder = Finder(actor, kind)
        self._where, self._params = access.reach(actor, kind).where()
        self._through: dict[tuple[int, int], set[str]] = {}  # (group's first row, record) → extras' keys that agree

    def find(self, groups: Sequence[Group]) -> list[Found]:
        """What each group meets."""
        candidates = [set[int]() for _ in groups]
        self._by_holders(groups, candidates)
        self._by_extras(groups, candidates)
        self._by_values(groups, candidates)
        wanted = set().union(*candidates) if candidates else set()
        held = rows.load(self.kind, wanted, self._where, self._params) if wanted else {}
        undone = _undone(self.kind, [i for i, values in held.items() if values["deleted_at"]])
        return [
            self._judge(group, {i: held[i] for i in sorted(ids) if i in held and i not in undone})
            for group, ids in zip(groups, candidates, strict=True)
        ]

    def _by_holders(self, groups: Sequence[Group], candidates: list[set[int]]) -> None:
        wanted: dict[tuple[str, str], list[int]] = {}
        for place, group in enumerate(groups):
            for key in group.keys:
                if key[0] in self.keys.fields and self.keys.fields[key[0]].match:
                    pairs = self.keys.holder_keys(key)
                    for pair in pairs:
                        wanted.setdefault(pair, []).append(place)
                    if not pairs and (found := self._finder(self.keys.written[key[1]]).id):
                        candidates[place].add(found)  # too short a name for a key of its own
        for pair, records in duplicates.holders(sorted(wanted), self.kind.card.key).items():
            for _, record in records[:_HOLDERS]:
                for place in wanted[pair]:
                    candidates[place].add(record)

    def _by_extras(self, groups: Sequence[Group], candidates: list[set[int]]) -> None:
        wanted: dict[str, dict[str, list[int]]] = {}
        for place, group in enumerate(groups):
            for key in group.keys:
                if self.keys.extra_of(key) is not None:
                    wanted.setdefault(key[0], {}).setdefault(key[1], []).append(place)
        for name, by_text in wanted.items():
            extra = self.keys.extra_of((name,))
            assert extra is not None
            for text, records in extra.holders(name.partition(".")[2], list(by_text)).items():
                for place in by_text[text]:
                    candidates[place] |= records
                    for record in records:
                        self._through.setdefault((groups[place].rows[0], record), set()).add(name)

    def _by_values(self, groups: Sequence[Group], candidates: list[set[int]]) -> None:
        """Keys of fields that no table of keys knows: found by a filter on the first of them that is filled."""
        names = [n for n in self.keys.identifying if n in self.keys.fields and not self.keys.fields[n].match]
        wanted: dict[str, dict[str, list[int]]] = {}
        for place, group in enumerate(groups):
            for key in group.keys:
                if key[0] in names:
                    wanted.setdefault(key[0], {}).setdefault(key[1], []).append(place)
                elif not key[0]:
                    first = next((i for i, text in enumerate(key[1:]) if text), None)
                    if first is not None:
                        wanted.setdefault(self.keys.together[first], {}).setdefault(key[first + 1], []).append(place)
        for name, texts in wanted.items():
            for record, text in self._filtered(name, list(texts)):
                for place in texts.get(text, ()):
                    candidates[place].add(record)

    def _filtered(self, name: str, texts: list[str]) -> Iterable[tuple[int, str]]:
        each = self.keys.fields[name]
        for start in range(0, len(texts), 500):
            values = [_operand(each, text) for text in texts[start : start + 500]]
            wanted = {"field": name, "op": "in", "value": values}
            try:
                page = query.page(query.Ask(self.actor, self.kind, [name], filter=wanted, sort="id", limit=5000))
            except BadRequest:  # a field that cannot be filtered by
                return
            at = page.at[name]
            for row in page.rows:
                yield row[0], stored_text(each.from_sql(row[at]))

    def _judge(self, group: Group, held: dict[int, dict[str, Any]]) -> Found:
        scores = {i: self._score(group, values) for i, values in held.items()}
        living = [i for i, score in scores.items() if score and not held[i]["deleted_at"]]
        if living:
            best = max(scores[i] for i in living)
            first = [i for i in living if scores[i] == best]
            if len(first) == 1:
                return Found(first[0], held[first[0]])
            titles = tuple(str(held[i].get(self.kind.card.title) or f"#{i}") for i in first[:3])
            return Found(several=tuple(first), titles=titles)
        binned = [i for i, score in scores.items() if score]
        if binned:
            latest = max(binned, key=lambda i: (scores[i], held[i]["deleted_at"], i))
            return Found(binned=latest, binned_values=held[latest])
        return Found()

    def _score(self, group: Group, values: dict[str, Any]) -> int:
        """On how many keys they agree; 0 where they are not the same."""
        masked = (
            access.masked_in(self.kind, self._pools.get(values.get(pool_column(self.kind)) or 0)) if self._pools else ()
        )
        known = {n: f for n, f in self.keys.fields.items() if n not in masked}
        alone: dict[str, set[str]] = {}
        agreeing = 0
        for name in (*self.keys.identifying, self.keys.fallback):
            if name not in known:
                continue
            each = known[name]
            texts = set(self._held_texts(name, each, values))
            agreeing += any(key[0] == name and key[1] in texts for key in group.keys)
            if texts and (each.match in _ONLY_ONE or each.unique_live):
                alone[name] = texts
        if group.apart(alone):
            return 0
        agreeing += len(self._through.get((group.rows[0], values["id"]), ()))
        beside = tuple(stored_text(values.get(self.keys.fields[n].columns[0])) for n in self.keys.together)
        # what is compared together stands behind each key; extras' keys were looked up with it
        if beside and not any(key[-len(beside) :] == beside for key in group.keys):
            return 0
        if not self.keys.identifying:
            return 1
        return agreeing

    def _held_texts(self, name: str, each: Field, values: Mapping[str, Any]) -> Iterable[str]:
        """A record's texts of a key; a phone or address of any of its fields counts."""
        for other in self.keys.fields.values():
            if other.key == name or (each.match in ("phone", "email") and other.match == each.match):
                value = values.get(other.columns[0])
                if value is not None:
                    yield from key_texts(other, value, values)


def _operand(each: Field, text: str) -> Any:
    """A stored value's text as a filter takes it."""
    if isinstance(each, Number | Money) and text.lstrip("-").isdecimal():
        return each.api(int(text), {}, Reading())
    return text


def _undone(kind: RecordType, ids: Sequence[int]) -> set[int]:
    """Those of the binned records that an undo put there: it took back that they were made, so they never were."""
    from smallcrm import store

    if not ids:
        return set()
    sql = (
        "SELECT c.record FROM change c JOIN change_set s ON s.id = c.set_id WHERE c.record_type = ? AND c.act = 'delete'"
        " AND s.why = 'undo' AND c.id = (SELECT max(id) FROM change WHERE record_type = c.record_type AND record = c.record)"
        " AND c.record IN (SELECT value FROM json_each(?))"
    )
    return {row[0] for row in store.rows(sql, [kind.card.key, store.json_list(ids)])}
