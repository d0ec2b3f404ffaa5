"""A company in which every text that is somebody's own carries a mark (a canary), and who may meet which mark.

``SEES`` says it in the words of the contract, not by asking the program: a right that is wrong in the program is found here.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.people.records import Role
from smallcrm.areas.people.roles import role_id
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import notices, outbox
from smallcrm.jobs.work import table as works
from smallcrm.records import access, cache, change, changesets, custom, merge, views
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import AnyLink, Email, Field, Lines, Link, LongText, Phone, Text, Texts, Url
from smallcrm.records.record import RecordType, all_types, by_key
from smallcrm.records.record import values as stored
from tests import samples
from tests.areas.admissions.scene import switch_on
from tests.cast import Cast

# whose records a part of the cast may meet; "pool" is what lies in the pool whose only member is Bob. What is seen by more
# than its owner's rights say, by a field of its own, is its owner's alone but for these: "team" is Bob's, kept for his team;
# "all" is Carl's, kept for everyone; "said" is Sam's, said of Anna, so seen by her and by whoever leads her; "let in" is
# Carl's, hanging on Carl's customer, and Bob has a share in it: he meets it, never what it hangs on
EVERYBODY = frozenset({"anna", "bob", "carl", "service", "crossed", "shared", "pool", "team", "all", "said", "let in"})
SEES: dict[str, frozenset[str]] = {
    "owner": EVERYBODY | {"mail"},  # who sets up mail sees the outbox
    "reader": EVERYBODY,
    "manager": frozenset({"anna", "bob", "carl", "crossed", "shared", "team", "all", "said", "let in"}),
    "anna": frozenset({"anna", "crossed", "team", "all", "said"}),
    "bob": frozenset({"bob", "shared", "pool", "team", "all", "let in"}),
    # "crossed" are Anna's, hanging on Carl's customer
    "carl": frozenset({"carl", "crossed", "shared", "all", "let in"}),
    "service": frozenset({"service", "all", "said"}),
    "nobody": frozenset(),
    "visitor": frozenset(),
}
READS_AUDIT = frozenset({"owner", "manager"})  # what was noted on any change
UNMASKED = frozenset({"owner"})  # who sees contact data of what lies in the pool before it is claimed
KINDS = sorted(
    (kind for kind in all_types() if kind.card.reach != "open" and kind.card.api),
    key=lambda kind: (kind.card.key != "customer", kind.card.reach == "through"),
)
_serial = itertools.count(1)
_OF_WHOM = {"whom", "user", "for_team"}


def kept_for(kind: RecordType) -> bool:
    """Whether the type's records say for whom they are kept: their owner, the owner's team, everyone."""
    return "shared" in fields_of(kind)


def said_of(kind: RecordType) -> bool:
    """Whether the type's records are said of somebody, who sees them."""
    return fields_of(kind).keys() >= _OF_WHOM


TEXT_MARK = re.compile(r"cnry[0-9a-f]{8}")
DIGIT_MARK = re.compile(r"11349[0-9]{5}")


@dataclass(frozen=True)
class Mark:
    """Whose it is and where it stands. ``field`` is empty for what is no record's field."""

    whose: str
    kind: str
    field: str
    said: str


@dataclass
class World:
    """The company, its records by type and by whose they are, and every mark."""

    cast: Cast
    marks: dict[str, Mark] = field(default_factory=dict)
    records: dict[tuple[str, str], int] = field(default_factory=dict)  # (type key, whose) → id
    binned: dict[tuple[str, str], int] = field(default_factory=dict)
    merged: dict[str, tuple[int, int]] = field(default_factory=dict)  # type key → (kept, gone), Carl's
    hidden: dict[str, set[str]] = field(default_factory=dict)  # type key → fields that Sam's role does not see
    masked: dict[str, set[str]] = field(default_factory=dict)  # type key → fields that the pool masks
    pool: int = 0
    sets: dict[str, int] = field(default_factory=dict)  # whose → a change-set
    works: dict[str, int] = field(default_factory=dict)

    # ------------------------------------------------------------ marks

    def mark(self, whose: str, kind: str, name: str, said: str = "") -> str:
        """A new mark."""
        token = "cnry" + hashlib.sha256(f"{next(_serial)} mark".encode()).hexdigest()[:8]
        self.marks[token] = Mark(whose, kind, name, said or f"{kind}.{name} of {whose}")
        return token

    def phone(self, whose: str, kind: str, name: str) -> str:
        """A phone number that is a mark."""
        digits = f"11349{next(_serial):05d}"
        self.marks[digits] = Mark(whose, kind, name, f"{kind}.{name} of {whose}")
        return f"+44{digits}"

    def may_meet(self, part: str, token: str) -> bool:
        """Whether a part of the cast may meet the mark."""
        mark = self.marks[token]
        if mark.field == "note" and part in READS_AUDIT:
            return True
        if mark.whose not in SEES[part]:
            return False
        if part == "service" and mark.field in self.hidden.get(mark.kind, ()):
            return False
        masked = mark.whose == "pool" and mark.field in self.masked.get(mark.kind, ())
        return not masked or part in UNMASKED

    def leaks(self, part: str, text: str, *, asked: str = "") -> list[str]:
        """What stands in an answer and must not be met by this part of the cast; what was asked with is no news."""
        found = set(TEXT_MARK.findall(text.lower()))
        if "11349" in (digits := re.sub(r"[\s\-().+]|%20|&nbsp;", "", text)):
            found |= set(DIGIT_MARK.findall(digits))
        return sorted(
            self.marks[t].said for t in found & self.marks.keys() if t not in asked and not self.may_meet(part, t)
        )

    # ------------------------------------------------------------ values

    def value(self, each: Field, whose: str, kind: RecordType) -> Any:
        """A marked value for the field; None where it holds no text of its own."""
        key, name = kind.card.key, each.name
        if isinstance(each, Lines):
            row = {n: self._part(part, whose, key, name) for n, part in each.parts.items()}
            return [{n: v for n, v in row.items() if v is not None}]
        return self._part(each, whose, key, name)

    def _part(self, each: Field, whose: str, key: str, name: str) -> Any:
        if isinstance(each, Link):
            to = self.records.get((each.to, whose))
            return samples.value(each, self.cast) if each.to in ("user", "team", "role") else to
        if isinstance(each, AnyLink):
            about = self.records.get(("customer", whose))
            return {"type": "customers", "id": about} if about else None
        if isinstance(each, Texts):
            made = {"phone": self.phone, "email": lambda *w: f"{self.mark(*w)}@example.com"}.get(each.of, self.mark)
            return [made(whose, key, name)]
        if isinstance(each, Email):
            return f"{self.mark(whose, key, name)}@example.com"
        if isinstance(each, Url):
            return f"www.{self.mark(whose, key, name)}.example.com"
        if isinstance(each, Phone):
            return self.phone(whose, key, name)
        if isinstance(each, Text) and type(each) in (Text, LongText) and each.most >= 12:
            return self.mark(whose, key, name)
        return samples.value(each, self.cast)

    def full(self, kind: RecordType, whose: str) -> dict[str, Any]:
        """A marked value for every field that can be written."""
        found = {}
        for name, each in fields_of(kind).items():
            shares = isinstance(each, Lines) and any(
                isinstance(p, Link) and p.to == "user" for p in each.parts.values()
            )
            if shares or each.read_only or each.hidden_always or name in ("owner", "parent", "currency"):
                continue
            value = self.value(each, whose, kind)
            if value is not None and value != []:
                found[name] = value
        return found

    def make(self, kind: RecordType, whose: str, owner: int | None, **more: Any) -> int:
        """A record, every text marked; what the type's own rules refuse is left out."""
        given = {**self.full(kind, whose), **_alone(kind, owner), **more, "owner": owner}
        if kind.card.key == "file":
            return self._file(kind, whose, given)
        said: object = None
        for _ in range(8):
            try:
                return int(change.create(SYSTEM, kind, given, trusted=True).id)
            except Invalid as error:
                said = error.errors
                wrong = {name.split(".")[0] for name in error.errors}
                required = samples.required(kind, self.cast)
                for name in wrong & set(given):
                    del given[name]
                    if name in required:
                        given[name] = required[name]
        raise AssertionError(f"{kind.card.key} takes none of the sample values: {said}")

    def _file(self, kind: RecordType, whose: str, given: dict[str, Any]) -> int:
        """A file with marked words in it."""
        from smallcrm.areas.files import rules

        words = self.mark(whose, "file", "content", f"the content of {whose}'s file")
        kept = rules.keep(io.BytesIO(words.encode()), name=f"{given.pop('name')}.txt")
        place = by_key("customer")
        at = access.find(SYSTEM, place, given.pop("about", {}).get("id") or self.records["customer", whose], bin=True)
        given.pop("customer", None)
        return int(rules.attach(SYSTEM, at, kept, **given).id)


def _alone(kind: RecordType, owner: int | None) -> dict[str, Any]:
    """The values by which a record is seen by nobody beside those who see its owner's."""
    found: dict[str, Any] = {"shared": "mine"} if kept_for(kind) else {}
    return found | ({"whom": "user", "user": owner, "for_team": None} if said_of(kind) else {})


def build(cast: Cast) -> World:
    """Fill the open company."""
    switch_on()  # what only schools have is there too
    world = World(cast)
    _hide(world)
    _make_pool(world)
    stages.add(SYSTEM, name="Stages to stand in")
    cache.forget()
    _one_of_each(world)
    for whose in ("anna", "bob", "carl", "service", "shared"):
        for kind in KINDS:
            owner = cast.carl if whose == "shared" else int(getattr(cast, whose))
            world.records[kind.card.key, whose] = world.make(kind, whose, owner)
    _cross(world)
    _pooled(world)
    _wider(world)
    _past(world)
    _share(world)
    _beside(world)
    change.create(SYSTEM, by_key("report_rule"), {"name": "Nobody's", "kind": "daily", "active": False}, trusted=True)
    cache.forget()
    return world


def _hide(world: World) -> None:
    """A custom field on every type, and some fields hidden from Sam."""
    rights = []
    for kind in KINDS:
        key = custom.define(
            SYSTEM, kind, field_kind="text", labels={"en": "Own words"}, flags=("column", "filter", "search")
        )
        fields = fields_of(kind)
        hidden = {key} | {
            name for name, each in fields.items()
            if name in ("phone", "notes", "email", "tags") or (each.kind == "long_text" and not each.required)
        }  # fmt: skip
        hidden -= {kind.card.title} | {n for n, f in fields.items() if f.read_only or f.required}
        world.hidden[kind.card.key] = hidden
        rights += [{"type": kind.card.key, "field": name, "right": "hidden"} for name in sorted(hidden)]
    role = access.find(SYSTEM, Role, int(role_id("service") or 0))
    change.update(SYSTEM, role, {"field_rights": rights}, trusted=True)


def _make_pool(world: World) -> None:
    groups = ["phone", "email", "wechat", "address"]
    held = {"name": "Bob's pool", "members": [world.cast.bob], "masked_fields": groups, "position": 1}
    world.pool = int(change.create(SYSTEM, by_key("pool"), held, trusted=True).id)
    for kind in KINDS:
        world.masked[kind.card.key] = {name for name, each in fields_of(kind).items() if each.masked in groups}


def _one_of_each(world: World) -> None:
    """Of every type that everybody sees, something is there."""
    for kind in all_types():
        there = f'SELECT 1 FROM "{kind._meta.table_name}" LIMIT 1'
        if kind.card.reach == "open" and kind.card.pages and not store.value(there):
            samples.make(world.cast.actor("owner"), kind, world.cast, minimal=True, trusted=True)


def _cross(world: World) -> None:
    """Anna's own that hang on Carl's: she meets the thing, never what it hangs on."""
    for kind in KINDS:
        if kind.card.reach != "through":
            continue
        links = {n: world.records[f.to, "carl"] for n, f in fields_of(kind).items()
                 if isinstance(f, Link) and (f.to, "carl") in world.records and not f.read_only}  # fmt: skip
        about = {n: {"type": "customers", "id": world.records["customer", "carl"]}
                 for n, f in fields_of(kind).items() if isinstance(f, AnyLink) and not f.read_only}  # fmt: skip
        world.records[kind.card.key, "crossed"] = world.make(kind, "crossed", world.cast.anna, **links, **about)


def _pooled(world: World) -> None:
    """A customer in Bob's pool, with what hangs on it and belongs to nobody."""
    for kind in KINDS:
        more: dict[str, Any] = {"pool": world.pool} if kind.card.pooled else {}
        if not kind.card.pooled and kind.card.reach != "through":
            continue
        world.records[kind.card.key, "pool"] = world.make(kind, "pool", None, **more)


def _wider(world: World) -> None:
    """What is kept for a team and for everyone, said of somebody, shared with a colleague: each once, on purpose."""
    cast = world.cast
    for kind in KINDS:
        ways: list[tuple[str, int, dict[str, Any]]] = []
        if kept_for(kind):
            ways += [("team", cast.bob, {"shared": "team"}), ("all", cast.carl, {"shared": "all"})]
        if said_of(kind):
            ways.append(("said", cast.service, {"user": cast.anna}))
        if kind.card.shared:
            through = {kind.card.through: world.records["customer", "carl"]}
            ways.append(("let in", cast.carl, {**through, "shares": [{"user": cast.bob, "percent": "20"}]}))
        for whose, owner, values in ways:
            number = world.records[kind.card.key, whose] = world.make(kind, whose, owner, **values)
            held = stored(access.find(SYSTEM, kind, number))
            assert all(held[name] == value for name, value in values.items() if name != "shares"), (kind, whose, held)
            assert "shares" not in values or [line["user"] for line in held["shares"]] == [cast.bob], (kind, held)


def _past(world: World) -> None:
    """Earlier values of every record, records in the bin and merged ones."""
    for (key, whose), number in list(world.records.items()):
        kind = by_key(key)
        fresh = {
            n: v for n, v in world.full(kind, whose).items()
            if fields_of(kind)[n].kind in ("text", "long_text", "phone", "email", "url", "texts")
        }  # fmt: skip
        record = access.find(SYSTEM, kind, number, bin=True)
        with changesets.opened(
            SYSTEM, "form", note=world.mark(whose, key, "note", f"note of a change of {whose}'s {key}")
        ) as opened:
            for _ in range(8):
                try:
                    change.update(SYSTEM, record, fresh, trusted=True)
                    break
                except Invalid as error:
                    fresh = {n: v for n, v in fresh.items() if n not in error.errors}
        if opened.id:
            world.sets[whose] = opened.id
    for kind in KINDS:
        for whose in ("anna", "carl", "service"):
            number = world.make(kind, whose, int(getattr(world.cast, whose)))
            change.delete(SYSTEM, access.find(SYSTEM, kind, number))
            world.binned[kind.card.key, whose] = number
        if kind.card.merges:
            kept, gone = (world.make(kind, "carl", world.cast.carl) for _ in range(2))
            merge.merge(world.cast.actor("carl"), access.find(SYSTEM, kind, kept), access.find(SYSTEM, kind, gone))
            world.merged[kind.card.key] = (kept, gone)


def _share(world: World) -> None:
    """Carl's second ones are shared with Bob, who may read them."""
    with store.writing():
        for (key, whose), number in world.records.items():
            if whose == "shared" and by_key(key).card.reach != "through":
                store.run(
                    "INSERT INTO share (record_type, record, user, level) VALUES (?, ?, ?, 'read')"
                    " ON CONFLICT DO NOTHING",
                    [key, number, world.cast.bob],
                )
        cache.bump()


def _beside(world: World) -> None:
    """What is somebody's own and no record: views, notices, works, letters."""
    cast = world.cast
    for whose in ("anna", "carl"):
        actor = cast.actor(whose)
        for kind in KINDS:
            views.save(actor, kind, name=world.mark(whose, kind.card.key, "", f"{whose}'s view of {kind.card.key}"))
        title, body = (world.mark(whose, "notice", "", f"{whose}'s notice") for _ in range(2))
        with store.writing():
            store.run(
                "INSERT INTO notice (user, at, kind, title, body, link) VALUES (?, ?, 'test', ?, ?, '')",
                [actor.id, clock.stamp(), title, body],
            )
        world.works[whose] = works.insert("test", world.mark(whose, "work", "", f"{whose}'s work"), actor.id, "tests")
        outbox.mail(f"{whose}@example.com", subject=world.mark("mail", "mail", "", "a mail"),
                    text=world.mark("mail", "mail", "", "a mail's text"))  # fmt: skip


def secrets() -> Iterator[str]:
    """What nobody may ever meet: password hashes, tokens' hashes, sealed secrets."""
    for table, column in (("credential", "password_hash"), ("session", "token_hash"), ("api_token", "token_hash")):
        for (found,) in store.rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
            yield str(found)


__all__ = [
    "EVERYBODY",
    "KINDS",
    "SEES",
    "Mark",
    "World",
    "build",
    "kept_for",
    "notices",
    "said_of",
    "secrets",
    "stored",
]
