"""Whatever is done in whatever order: the derived dates equal what one would find by reading everything anew."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.activities.records import FOLLOW_UPS, KINDS, Activity
from smallcrm.areas.activities.rules import acts
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, bin, bulk, change, changesets, merge, undo
from smallcrm.records.record import values
from tests.areas.activities.conftest import FRIDAY, Scene


def expected(customer: int) -> tuple[str | None, str | None]:
    """(last, next) of a customer, from every row there is, without any of the product's own questions."""
    from smallcrm.records import rows

    ids = [row[0] for row in store.rows("SELECT id FROM activity")]
    mine = [v for v in rows.load(Activity, ids).values() if v["customer"] == customer and not v["deleted_at"]]
    moments = [min(v["done_at"], v["updated_at"]) for v in mine if v["done_at"] and v["kind"] in FOLLOW_UPS]
    dues = [v["due_at"] for v in mine if not v["done_at"] and v["due_at"]]
    bare = store.row("SELECT on_day, set_at FROM follow_up_date WHERE customer = ?", [customer])
    if dues:
        following = clock.day_of(clock.moment(min(dues))).isoformat()
    elif bare and not any(
        v["done_at"]
        and v["kind"] != "note"
        and clock.day_of(clock.moment(v["done_at"])).isoformat() >= bare[0]
        and max(v["done_at"], v["created_at"]) >= bare[1]
        for v in mine
    ):
        following = bare[0]
    else:
        following = None
    return max(moments, default=None), following


day = st.integers(-20, 20)
step = st.one_of(
    st.tuples(st.just("log"), st.sampled_from([o.key for o in KINDS]), st.integers(-20, 0), st.integers(0, 3)),
    st.tuples(st.just("plan"), st.sampled_from([o.key for o in KINDS]), st.none() | day, st.integers(0, 3)),
    st.tuples(st.just("repeat"), st.sampled_from(["daily", "weekly", "monthly"]), day, st.integers(0, 3)),
    st.tuples(
        st.sampled_from(["done", "reopen", "delete", "restore", "skip", "purge"]), st.none(), day, st.integers(0, 30)
    ),
    st.tuples(st.sampled_from(["move", "rehome", "kind", "import"]), st.none(), day, st.integers(0, 30)),
    st.tuples(st.sampled_from(["write", "forget"]), st.none(), day, st.integers(0, 3)),
    st.tuples(st.sampled_from(["bin", "back", "merge", "undo", "bulk"]), st.none(), day, st.integers(0, 30)),
)


class Play:
    """Four customers and whatever a test does to them."""

    def __init__(self, scene: Scene) -> None:
        self.actor = scene.cast.actor("owner")
        with changesets.opened(self.actor, "form"):
            self.customers = [int(change.create(self.actor, Customer, {"name": f"C{i}"}).id) for i in range(4)]
        self.first = int(store.value("SELECT max(id) FROM change_set"))

    def customer(self, n: int) -> Any:
        found = access.fetch(SYSTEM, Customer, self.customers[n % 4])
        if found is None:
            raise SmallcrmError
        return found

    def activity(self, n: int, *, binned: bool = False) -> Any:
        mark = "NOT NULL" if binned else "NULL"
        ids = [row[0] for row in store.rows(f"SELECT id FROM activity WHERE deleted_at IS {mark} ORDER BY id")]
        if not ids:
            raise SmallcrmError
        return access.find(SYSTEM, Activity, ids[n % len(ids)], bin=True)

    def do(self, what: str, detail: Any, days: int | None, n: int) -> None:
        actor = self.actor
        then = clock.now() + dt.timedelta(days=days or 0)
        day = clock.day_of(then)
        match what:
            case "log":
                acts.log(actor, kind=detail, subject="x", at=then, customer=self.customer(n).id)
            case "plan":
                due = None if days is None else (then if n % 2 else day)
                acts.plan(actor, kind=detail, subject="x", due=due, customer=self.customer(n).id)
            case "repeat":
                acts.plan(actor, kind="call", subject="x", due=then, customer=self.customer(n).id, repeat=detail)
            case "done":
                acts.done(actor, self.activity(n), at=min(then, clock.now()))
            case "reopen":
                acts.reopen(actor, self.activity(n))
            case "skip":
                acts.skip(actor, self.activity(n))
            case "delete":
                change.delete(actor, self.activity(n))
            case "restore":
                change.restore(actor, self.activity(n, binned=True))
            case "move":
                acts.move(actor, self.activity(n), to=day, later=n % 3 == 0)
            case "rehome":
                change.update(actor, self.activity(n), {"customer": self.customer(n // 7).id})
            case "kind":
                change.update(actor, self.activity(n), {"kind": KINDS[n % len(KINDS)].key})
            case "import":
                rows = [
                    {
                        "kind": "call",
                        "subject": "i",
                        "done_at": clock.iso(min(then, clock.now())),
                        "customer": self.customer(n).id,
                    },
                    {"kind": "task", "subject": "i", "due_at": clock.iso(then), "customer": self.customer(n + 1).id},
                ]
                with changesets.opened(actor, "import", lasting=True):
                    change.create_many(actor, Activity, rows)
            case "write":
                change.update(actor, self.customer(n), {"next_follow_up_on": day.isoformat()})
            case "forget":
                change.update(actor, self.customer(n), {"next_follow_up_on": None})
            case "bulk":
                chosen = bulk.Selection(Customer, tuple(self.customers))
                bulk.run(actor, chosen, bulk.edit(Customer, {"next_follow_up_on": day.isoformat()}))
            case "bin":
                change.delete(actor, self.customer(n))
            case "back":
                found = access.find(SYSTEM, Customer, self.customers[n % 4], bin=True)
                change.restore(actor, found)
            case "merge":
                merge.merge(actor, self.customer(n), self.customer(n + 1))
            case "undo":
                sets = [
                    row[0]
                    for row in store.rows("SELECT id FROM change_set WHERE undone_by IS NULL AND id > ?", [self.first])
                ]
                if sets:
                    undo.undo(actor, sets[-1 - n % len(sets)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, min_size=1, max_size=22))
def test_derived_dates_equal_a_recomputation(scene: Scene, steps: list[tuple[str, Any, int | None, int]]) -> None:
    play = Play(scene)
    for n, (what, detail, days, number) in enumerate(steps):
        with clock.at(FRIDAY + dt.timedelta(hours=7 * n)):
            try:
                play.do(what, detail, days, number)
            except SmallcrmError:
                continue  # nothing to do it to, or refused: then nothing has changed
    for number in play.customers:
        held = values(access.find(SYSTEM, Customer, number, bin=True))
        if not held["deleted_at"]:
            assert (held["last_follow_up_at"], held["next_follow_up_on"]) == expected(number)
    open_ones = store.rows(
        "SELECT coalesce(repeats_from, id), count(*) FROM activity WHERE repeat IS NOT NULL AND done_at IS NULL"
        " AND deleted_at IS NULL GROUP BY 1 HAVING count(*) > 2"
    )
    assert not open_ones
    with store.writing():  # nothing of this example is left for the next
        store.run("DELETE FROM follow_up_date")
    for kind in (Activity, Customer):
        ids = [row[0] for row in store.rows(f'SELECT id FROM "{kind._meta.table_name}" WHERE deleted_at IS NULL')]
        if kind is Customer:
            ids = [i for i in ids if i in play.customers]
        with changesets.opened(SYSTEM, "job"), store.writing():
            change.bin_with_children(SYSTEM, kind, ids)


_ = bin
