"""Long works: in the background, one heavy at a time, cancelled, killed, told of."""

from __future__ import annotations

import contextvars
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import clock, i18n
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.jobs import notices, stop, work
from smallcrm.jobs.work import Progress, Work
from smallcrm.store import guard
from tests.jobs import child
from tests.jobs.conftest import People

Result = dict[str, object]


def wait_for(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def _ended(folder: Path) -> Iterator[None]:
    yield
    assert work.halt(5)


def test_from_start_to_notice(people: People) -> None:
    def importing(progress: Progress, *, rows: int) -> Result:
        assert i18n.language() == "zh"
        for n in range(rows):
            progress.step(n + 1, rows, f"row {n}")
            progress.count(created=1)
        progress.belongs_to(12)
        return {"created": rows, "message": "3 created"}

    key = work.start("import", "customers.xlsx", 2, importing, rows=3)
    found = work.join(key, 5)
    assert (found.state, found.done, found.total, found.message) == ("done", 3, 3, "3 created")
    assert (found.detail, found.result, found.changeset) == ({"created": 3}, {"created": 3}, 12)
    assert found.title == "customers.xlsx"
    assert found.started_at
    assert found.finished_at
    told = notices.latest(2)[0]
    assert (told.kind, told.body, told.link, told.undo) == ("work", "3 created", f"/works/{key}", 12)
    assert "customers.xlsx" in told.title


def test_it_takes_the_moment_along_and_nothing_else(people: People) -> None:
    of_the_request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")
    of_the_request.set("a request that is over by then")
    moment = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    with clock.at(moment):
        key = work.start("x", "x", 1, lambda progress: {"now": clock.now(), "request": of_the_request.get()})
    found = work.join(key, 5)
    assert found.result == {"now": str(moment), "request": "none"}
    assert found.finished_at == clock.iso(moment)


def test_it_begins_when_the_transaction_is_committed(people: People) -> None:
    ran: list[int] = []

    def run(progress: Progress) -> None:
        ran.append(progress.id)

    with store.writing():
        key = work.start("x", "x", 1, run)
        time.sleep(0.03)
        assert ran == []
    assert work.join(key, 5).state == "done"

    def change_that_fails() -> None:
        with store.writing():
            work.start("x", "x", 1, run)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    time.sleep(0.03)
    assert ran == [key]
    assert len(work.latest()) == 1


def test_one_heavy_work_at_a_time_and_quick_ones_beside(people: People) -> None:
    gate, order = threading.Event(), []

    def slow(progress: Progress, *, name: str) -> None:
        order.append(name)
        gate.wait(5)

    first = work.start("import", "a", 1, slow, name="a")
    second = work.start("import", "b", 1, slow, name="b")
    wait_for(lambda: order == ["a"])
    quick = work.start("export", "q", 2, lambda progress: {"rows": 1}, quick=True)
    assert work.join(quick, 5).result == {"rows": 1}
    assert (work.get(first).state, work.get(second).state) == ("running", "queued")
    assert [each.id for each in work.under_way()] == [first, second]
    assert [each.id for each in work.under_way(2)] == []
    gate.set()
    assert work.join(second, 5).state == "done"
    assert order == ["a", "b"]
    assert [each.id for each in work.latest()] == [quick, second, first]
    assert [each.id for each in work.latest(1)] == [second, first]
    wait_for(lambda: not [t for t in threading.enumerate() if t.name.startswith("work-")])


def test_errors(people: People) -> None:
    def ours(progress: Progress) -> None:
        raise Invalid({"file": ["The sheet is empty."]})

    def theirs(progress: Progress) -> None:
        raise KeyError("secret detail")

    found = work.join(work.start("import", "a", 1, ours), 5)
    assert (found.state, found.message, found.result) == ("failed", "The sheet is empty.", None)
    found = work.join(work.start("import", "a", 1, theirs), 5)
    assert found.state == "failed"
    assert "secret" not in found.message
    assert f"work {found.id}" in found.message
    assert [told.body for told in notices.latest(1)] == [found.message, "The sheet is empty."]
    with pytest.raises(NotFound):
        work.get(999)


def test_cancelling_what_runs(people: People) -> None:
    begun = threading.Event()

    def patient(progress: Progress) -> None:
        progress.count(created=120)
        begun.set()
        while True:
            progress.check()
            time.sleep(0.005)

    def polite(progress: Progress) -> Result:
        begun.set()
        while not progress.cancelled():
            time.sleep(0.005)
        return {"cancelled": True, "kept": 7}

    for function, result in ((patient, None), (polite, {"kept": 7})):
        begun.clear()
        key = work.start("import", "a", 1, function)
        assert begun.wait(60)
        work.cancel(key)
        found = work.join(key, 5)
        assert (found.state, found.result, found.cancel) == ("cancelled", result, True)
        assert found.message == "Stopped. What was done until then is kept."
    assert notices.latest(1)[0].title == "Cancelled: a"
    assert work.cancel(key).state == "cancelled", "once more harms nothing"


def test_cancelling_what_has_not_begun_ends_it_at_once(people: People) -> None:
    gate, ran = threading.Event(), []

    def blocking(progress: Progress) -> None:
        gate.wait(5)

    def never(progress: Progress) -> None:
        ran.append(1)

    first = work.start("import", "a", 1, blocking)
    second = work.start("import", "b", 1, never)
    wait_for(lambda: work.get(first).state == "running")
    assert work.cancel(second).state == "cancelled"
    assert work.join(second, 0).state == "cancelled"
    gate.set()
    assert work.join(first, 5).state == "done"
    assert ran == []


def test_cancelling_from_another_process(folder: Path) -> None:
    process = child.start("cancellable", folder)
    assert process.stdout
    key = int(process.stdout.readline())
    wait_for(lambda: work.get(key).state == "running")
    assert work.recover() == [], "its process lives"
    work.cancel(key)
    said, _err = process.communicate(timeout=60)
    assert said == "cancelled\n"
    assert work.get(key).state == "cancelled"


def test_a_killed_process_leaves_an_interrupted_work(people: People) -> None:
    process = child.start("importing", store.folder())
    key = work.latest()[0].id
    assert work.recover() == []
    child.kill(process)
    asked: list[Work] = []

    def hook(found: Work) -> str:
        asked.append(found)
        return f"{found.detail['created']} rows are kept; Undo takes them back."

    work.on_interrupted("import", hook)
    assert [each.state for each in work.recover()] == ["interrupted"]
    found = work.get(key)
    assert (found.done, found.total, found.changeset) == (120, 1000, 77)
    assert found.message == "120 rows are kept; Undo takes them back."
    assert asked[0].id == key
    told = notices.latest(1)[0]
    assert (told.title, told.body, told.undo) == ("Interrupted: customers.xlsx", found.message, 77)
    assert work.recover() == []
    assert len(notices.latest(1)) == 1


def test_a_hook_that_breaks_does_not_stop_the_start(people: People) -> None:
    process = child.start("importing", store.folder())
    child.kill(process)

    def hook(found: Work) -> str:
        raise RuntimeError("no such change-set")

    work.on_interrupted("import", hook)
    assert "smallcrm was stopped" in work.recover()[0].message


def test_at_a_stop_works_end_at_their_next_good_moment(people: People) -> None:
    work.on_interrupted("import", lambda found: f"{found.done} rows are kept.")
    begun = threading.Event()

    def patient(progress: Progress) -> None:
        progress.step(40, 100)
        begun.set()
        while True:
            progress.check()
            time.sleep(0.005)

    running, waiting = (work.start("import", name, 1, patient) for name in ("a", "b"))
    assert begun.wait(60)
    assert work.halt(5)
    assert (work.get(running).state, work.get(running).message) == ("interrupted", "40 rows are kept.")
    assert work.get(waiting).state == "interrupted"


def test_progress_is_exact_here_and_written_now_and_then(people: People) -> None:
    writes: list[int] = []
    gate, begun = threading.Event(), threading.Event()

    def counting(progress: Progress) -> None:
        for n in range(2000):
            progress.step(n, 2000)
            writes.append(int(store.value("SELECT done FROM work")))
        with store.writing():
            progress.step(1999, 2000)
        begun.set()
        gate.wait(5)

    key = work.start("import", "a", 1, counting)
    assert begun.wait(60)
    assert work.get(key).done == 1999
    assert len(set(writes)) <= 4
    gate.set()
    work.join(key, 5)
    assert store.value("SELECT done FROM work") == 1999


def test_an_end_that_cannot_be_written_is_written_later(people: People) -> None:
    here = store.folder()

    def run(progress: Progress) -> Result:
        guard._checked[here] = (float("inf"), True)  # the disk is full from now on
        return {"rows": 1}

    key = work.start("export", "a", 1, run)
    assert work.join(key, 0.1).state == "running"
    del guard._checked[here]
    found = work.join(key, 10)
    assert (found.state, found.result) == ("done", {"rows": 1})


def test_time_left(people: People) -> None:
    start = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
    base = Work(1, "x", "x", 1, "running", 25, 100, "", {}, None, "", clock.iso(start), None, False, None)
    with clock.at(start + dt.timedelta(seconds=10)):
        assert base.seconds_left() == 30
    with clock.at(start + dt.timedelta(seconds=1)):
        assert base.seconds_left() is None


def test_old_works_are_forgotten(people: People) -> None:
    work.join(work.start("x", "x", 1, lambda progress: None), 5)
    later = clock.now() + dt.timedelta(days=91)
    assert not work.prunable(clock.now())
    assert work.prunable(later)
    assert work.prune(later) == 1
    assert not stop.asked()
