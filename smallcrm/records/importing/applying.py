"""Writing a plan: a few records at a time, so that nobody waits long; all in one change-set that can be undone whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.records import access, bin, change, changesets, rows
from smallcrm.records.changesets import OpenSet
from smallcrm.records.drafts import UPDATE as AMEND
from smallcrm.records.drafts import Draft
from smallcrm.records.importing.extras import Written
from smallcrm.records.importing.judging import Entry, Gathered
from smallcrm.records.importing.matching import plain
from smallcrm.records.importing.plan import CREATE, FAILED, RESTORE, WRITES
from smallcrm.records.importing.planning import Plan
from smallcrm.records.importing.problem import Finding
from smallcrm.records.record import by_key

AT_ONCE = 0.08  # seconds of writing that others wait for at most, or nearly
FEWEST, MOST = 10, 500

Begun = Callable[[OpenSet], None]


@dataclass
class _Work:
    """One entry on its way into the database."""

    entry: Entry
    rows: Gathered
    given: dict[str, Any]
    draft: Draft | None = None
    record: int = 0
    wrong: list[Finding] = field(default_factory=list)


class Writer:
    """Writes the entries of one plan. ``begun`` is told of the change-set inside its first transaction."""

    def __init__(self, plan: Plan, begun: Begun) -> None:
        self.plan, self._begun = plan, begun
        self.actor, self.kind = plan.actor, plan.kind
        self._told = False
        self.dealt: set[int] = set()  # places of entries that were written or refused
        self._size = 100
        self._ids: dict[int, int] = {}  # place of an entry → its record
        self._made: dict[tuple[str, str], int] = {}

    def run(self) -> Iterator[int]:
        """Write everything, yielding after each transaction how many rows it dealt with. Inside ``opened``."""
        self._begin_extras()
        for level in range(max((entry.late for entry in self.plan.entries), default=0) + 1):
            waiting: list[int] = []
            for place, entry in enumerate(self.plan.entries):
                if entry.late != level or entry.outcome not in WRITES:
                    continue
                waiting.append(place)
                if len(waiting) >= self._size:
                    yield self._write(waiting)
                    waiting = []
            if waiting:
                yield self._write(waiting)
        self._end_extras()

    def _begin_extras(self) -> None:
        wanted: dict[str, list[dict[str, Any]]] = {extra.prefix: [] for extra in self.plan.extras}
        if not any(extra.takes for extra in self.plan.extras):
            return
        for entry in self.plan.entries:
            if entry.outcome in WRITES:
                for prefix, parts in self.plan.gather(entry).parts.items():
                    wanted[prefix] += parts
        with store.writing():
            for extra in self.plan.extras:
                if wanted[extra.prefix]:
                    extra.begun = True
                    extra.begin(wanted[extra.prefix])
            self._tell()

    def _end_extras(self) -> None:
        active = [extra for extra in self.plan.extras if extra.begun]
        if active:
            with store.writing():
                for extra in active:
                    extra.finish()
                self._tell()

    def _tell(self) -> None:
        mine = changesets.current()
        if not self._told and mine is not None and mine.id:
            self._begun(mine)
            self._told = True

    # ------------------------------------------------------------ one transaction

    def _write(self, places: list[int]) -> int:
        works = [self._prepared(place) for place in places]
        good = [work for work in works if not work.wrong]
        started = time.monotonic()
        with store.writing():
            self._restore(good)
            self._reread(good)
            self._make(good)
            self._save([work for work in good if not work.wrong])
            self._follow([work for work in good if not work.wrong and work.record])
            self._tell()
        self._pace(time.monotonic() - started)
        rows_done = 0
        self.dealt.update(places)
        for place, work in zip(places, works, strict=True):
            rows_done += len(work.rows.places)
            if work.wrong:
                work.entry.outcome = FAILED
                for finding in work.wrong:
                    work.entry.say(finding)
            else:
                self._ids[place] = work.record
        return rows_done

    def _pace(self, seconds: float) -> None:
        """Fewer or more at once, as quick as this machine is."""
        wanted = self._size * AT_ONCE / max(seconds, 0.001)
        self._size = int(min(MOST, max(FEWEST, min(wanted, self._size * 2))))

    def _prepared(self, place: int) -> _Work:
        """What can be done before anybody has to wait."""
        plan, entry = self.plan, self.plan.entries[place]
        rows_ = plan.gather(entry)
        work = _Work(entry, rows_, {})
        for extra in plan.extras:
            part: dict[str, Any] = {}
            for one in rows_.parts.get(extra.prefix, ()):
                part |= one
            if part:
                rows_.values |= extra.fill(part)
        for name, other in rows_.waits.items():
            record = self._ids.get(other) or plan.entries[other].found.id
            if record:
                rows_.values[name] = record
            else:
                number = plan.lines.read(plan.entries[other].group.rows[:1])[0].number
                work.wrong.append(Finding("row_failed", name, plan.columns.get(name), {"row": number}))
        if entry.outcome == CREATE and not work.wrong:
            work.given = plan.judge.compare.given(rows_.values, rows_.more, None)
            work.draft, errors = plan.judge.compare.create(work.given, rows_.promised)
            work.wrong += plan.judge.refusals(errors, work.given)
            self._into_pool(work.draft)
        return work

    def _into_pool(self, draft: Draft) -> None:
        if self.plan.defaults.pool:
            draft.after.update(owner=None, pool=self.plan.defaults.pool, entered_pool_at=clock.stamp())

    def _restore(self, works: list[_Work]) -> None:
        binned = [work.entry.found.binned for work in works if work.entry.outcome == RESTORE]
        if binned:
            allowed = access.within(self.actor, self.kind, binned, "delete", bin=True)
            bin.restore_records(self.actor, self.kind, sorted(allowed))
            for work in works:
                if work.entry.outcome == RESTORE and work.entry.found.binned not in allowed:
                    work.wrong.append(Finding("not_yours"))

    def _reread(self, works: list[_Work]) -> None:
        """Drafts of changes, over what stands there now."""
        changing = [work for work in works if work.entry.outcome != CREATE and not work.wrong]
        ids = [work.entry.found.id or work.entry.found.binned for work in changing]
        if not ids:
            return
        where, params = access.reach(self.actor, self.kind, "edit").where()
        now = rows.load(self.kind, ids, f"t.deleted_at IS NULL AND {where}", params)
        assignable = self.plan.defaults.assignable(ids)
        judge = self.plan.judge
        for work, record in zip(changing, ids, strict=True):
            held = now.get(record)
            if held is None:
                work.wrong.append(Finding("stale"))
                continue
            values = work.rows.values
            if judge.keeps_owner(values, held, record in assignable):
                values.pop("owner")
            work.given = judge.compare.given(values, work.rows.more, held)
            columns, errors = judge.compare.amend(work.given, held)
            work.wrong += judge.refusals(errors, work.given)
            work.draft = Draft(self.kind, AMEND, self.actor, held, {**held, **columns})
            work.record = record

    def _make(self, works: list[_Work]) -> None:
        """Records that names ask for, for rows that come in."""
        for work in works:
            for name, text in work.rows.make.items():
                if work.wrong or work.draft is None:
                    continue
                try:
                    work.draft.after[name] = self._made_one(name, text)
                except Invalid as error:
                    work.wrong.append(Finding("refused", name, self.plan.columns.get(name), {"text": str(error)}))

    def _made_one(self, name: str, text: str) -> int:
        link = self.plan.linker.links[name]
        kind = by_key(str(getattr(link, "to", "")))
        key = (kind.card.key, plain(text))
        if key not in self._made:
            found = self.plan.linker.finder(kind.card.key)(text)
            made = found.id or int(change.create(self.actor, kind, {kind.card.title: text}).id)
            self._made[key] = made
        return self._made[key]

    def _save(self, works: list[_Work]) -> None:
        drafts = {i: w.draft for i, w in enumerate(works) if w.draft is not None and _says_something(w.draft)}
        outcome = write_many(drafts)
        for place, errors in outcome.errors.items():
            works[place].wrong += self.plan.judge.refusals(errors, works[place].given)
        for work in works:
            if work.draft is not None and not work.wrong:
                work.record = work.draft.id

    def _follow(self, works: list[_Work]) -> None:
        for extra in self.plan.extras:
            written = [
                Written(w.record, w.draft.after if w.draft else {}, w.rows.parts[extra.prefix])
                for w in works
                if extra.prefix in w.rows.parts
            ]
            said = extra.follow(written) if written else {}
            for work in works:
                for finding in said.get(work.record, ()):
                    name = f"{extra.prefix}.{finding.field}"
                    column = self.plan.columns.get(name)
                    work.entry.say(Finding("extra", name, column, {"text": str(finding)}))


def _says_something(draft: Draft) -> bool:
    return draft.before is None or bool(draft.changed - changesets.SYSTEM_KEYS)


def write_many(drafts: Mapping[int, Draft]) -> change.Outcome:
    """Commit the drafts that pass. A rule that refuses a whole batch without saying which is asked one by one."""
    try:
        return change.write_many(dict(drafts), change.Outcome())
    except Invalid:
        whole = change.Outcome()
        for place, draft in drafts.items():
            try:
                one = change.write_many({place: draft}, change.Outcome())
            except Invalid as error:
                one = change.Outcome(errors={place: dict(error.errors)})
            whole.written += one.written
            whole.errors |= one.errors
        return whole
