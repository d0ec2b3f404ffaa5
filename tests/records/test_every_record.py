"""Everything that a declared record type must do, tested over the registry: a new type needs no test of its own for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smallcrm import store
from smallcrm.identity.actor import Scope
from smallcrm.records import access, asof, change, changesets, custom, exporting, query, search, undo
from smallcrm.records.custom import fields_of
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.fields import Choice, Lines
from smallcrm.records.importing import guessing, returning
from smallcrm.records.importing import running as importing
from smallcrm.records.importing.planning import Plan
from smallcrm.records.query.order import can_sort
from smallcrm.records.record import RecordType, all_types, values
from tests import samples
from tests.areas.admissions.scene import switch_on
from tests.cast import Cast
from tests.client import Web

TYPES = [kind for kind in all_types() if kind.card.api]
OWNED = [kind for kind in TYPES if kind.card.reach != "open"]
PAGED = [kind for kind in TYPES if kind.card.pages]


@pytest.fixture(autouse=True)
def _with_everything(cast: Cast) -> None:
    """What only schools have is there too."""
    switch_on()


def named(kind: RecordType) -> str:
    return kind.card.name


def who_makes(kind: RecordType) -> str:
    """Who of the cast may make records of this type: a salesperson where that is a salesperson's work."""
    return "anna" if kind.card.reach != "open" else "owner"


@pytest.mark.parametrize("kind", TYPES, ids=named)
def test_api_round_trip(kind: RecordType, cast: Cast, web: Web) -> None:
    """What is posted comes back from POST, GET, the list and a filter by id; PATCH with it changes nothing."""
    api = web.api(who_makes(kind))
    body = samples.full(kind, cast)
    made = samples.post(api, kind, body)
    assert made.status_code == 201, made.get_json()
    record = {name: value for name, value in made.get_json().items() if name not in ("warnings", "duplicates")}
    assert made.headers["Location"] == f"/api/v1/{kind.card.name}/{record['id']}"
    assert made.headers["ETag"] == '"1"'
    read = api.get(f"/{kind.card.name}/{record['id']}").get_json()
    assert read == record
    for name, sent in body.items():
        field = fields_of(kind)[name]
        if field.kind in ("link", "anylink"):
            assert record[name]["id"] == (sent["id"] if isinstance(sent, dict) else sent), name
        elif isinstance(field, Lines):
            assert len(record[name]) == len(sent)
        elif not field.derived:
            assert record[name] == sent, name
    listed = api.get(f"/{kind.card.name}?limit=200").get_json()["items"]
    assert record in listed
    again = api.patch(f"/{kind.card.name}/{record['id']}", {n: record[n] for n in body}, record["version"])
    assert again.status_code == 200, again.get_json()
    assert again.get_json()["version"] == record["version"]


@pytest.mark.parametrize("kind", TYPES, ids=named)
def test_every_filter_and_sort(kind: RecordType, cast: Cast) -> None:
    """Each operator of each field is compiled and run; each sort pages through everything exactly once."""
    actor = cast.actor("owner")
    made = [samples.make(actor, kind, cast) for _ in range(3)]
    samples.make(actor, kind, cast, minimal=True)
    for name, field in fields_of(kind).items():
        if field.hidden_always:
            continue
        for op in field.operators:
            condition = {"field": name, "op": op} | _operand(field, op, made[0], cast)
            everything = {row[0] for row in query.page(query.Ask(actor, kind, limit=200)).rows}
            found = {row[0] for row in query.page(query.Ask(actor, kind, filter=condition, limit=200)).rows}
            assert found <= everything, (name, op)
            _opposite(actor, kind, condition, found, everything)
        if can_sort(field):
            for sort in (name, f"-{name}"):
                assert _walk(actor, kind, sort) == everything, sort


def _operand(field: Any, op: str, record: Any, cast: Cast) -> dict[str, Any]:
    if op in ("is_empty", "not_empty", "mine", "my_team"):
        return {}
    if op in ("within_days", "older_than_days"):
        return {"value": 30}
    one = samples.value(field, cast)
    if field.is_list:
        one = one[0]
    if op == "between":
        return {"value": sorted([one, samples.value(field, cast)], key=str)}
    if op in ("in", "not_in"):
        return {"value": [one]}
    return {"value": "7" if op == "contains" and field.kind == "phone" else one}


def _opposite(actor: Any, kind: RecordType, condition: dict[str, Any], found: set[int], everything: set[int]) -> None:
    turned = {"eq": "ne", "in": "not_in", "is_empty": "not_empty"}.get(condition["op"])
    if turned and turned in fields_of(kind)[condition["field"]].operators:
        others = {r[0] for r in query.page(query.Ask(actor, kind, filter={**condition, "op": turned}, limit=200)).rows}
        assert found | others == everything, condition
        assert not found & others, condition


def _walk(actor: Any, kind: RecordType, sort: str) -> set[int]:
    seen: list[int] = []
    cursor = None
    while True:
        page = query.page(query.Ask(actor, kind, sort=sort, limit=2, cursor=cursor))
        seen += [row[0] for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)), sort
    return set(seen)


@pytest.mark.parametrize("kind", OWNED, ids=named)
def test_reach(kind: RecordType, cast: Cast, web: Web) -> None:
    """An outsider's answer is that of a record that never was; a reader reads and writes nothing; a manager sees below."""
    record = samples.make(cast.actor("anna"), kind, cast)
    path = f"/{kind.card.name}/{record.id}"
    never = web.api("carl").get(f"/{kind.card.name}/999999")
    for part in ("carl", "nobody"):
        api = web.api(part)
        for answer in (
            api.get(path), api.patch(path, {}, 1), api.delete(path), api.post(f"{path}/restore"), api.post(f"{path}/assign", {"owner": cast.carl}),
        ):  # fmt: skip
            assert answer.status_code == 404
            assert answer.get_json() == never.get_json()
        assert api.get(f"/{kind.card.name}").get_json()["items"] == []
    assert web.api("manager").get(path).status_code == 200
    reader = web.api("reader")
    assert reader.get(path).status_code == 200
    before = values(access.find(cast.actor("owner"), kind, int(record.id)))
    for answer in (
        reader.patch(path, {"owner": cast.reader}, 1),
        reader.delete(path),
        reader.post(f"{path}/assign", {"owner": cast.reader}),
    ):
        assert answer.status_code == 403
    assert samples.post(reader, kind, samples.required(kind, cast)).status_code == 403
    assert values(access.find(cast.actor("owner"), kind, int(record.id))) == before


@pytest.mark.parametrize("kind", TYPES, ids=named)
def test_history_stale_and_undo(kind: RecordType, cast: Cast, web: Web) -> None:
    """Every change leaves a row, a stale one is refused with what stands there, each can be taken back and looked back on."""
    actor = cast.actor(who_makes(kind))
    api = web.api(who_makes(kind))
    record = samples.make(actor, kind, cast)
    start = values(record)
    name, other = _other_value(kind, record, cast)
    path = f"/{kind.card.name}/{record.id}"
    changed = api.patch(path, {name: other}, 1)
    assert changed.status_code == 200, changed.get_json()
    stale = api.patch(path, {name: other}, 1)
    assert stale.status_code == 412
    assert stale.get_json()["current"]["version"] == 2
    assert api.patch(path, {name: other}).status_code == 428
    history = changesets.history(kind.card.key, int(record.id))
    assert [entry.act for entry in history] == ["update", "create"]
    column = fields_of(kind)[name].columns[0]
    assert history[0].before[column] == start[column]
    result = undo.undo(actor, history[0].set)
    assert (result.undone, result.kept) == (1, [])
    now = values(access.find(actor, kind, int(record.id)))
    differing = {k for k in now if now[k] != start[k]} - {"version", "updated_at"}
    assert differing <= {f.key for f in fields_of(kind).values() if f.derived}
    then = asof.of_record(kind, int(record.id), changesets.info(history[0].set).at)  # type: ignore[union-attr]
    assert then is not None
    assert then[column] == start[column] or then[column] == values(record).get(column) or then[column] is not None
    change.delete(actor, access.find(actor, kind, int(record.id)))
    assert api.get(path).status_code == 404
    back = api.post(f"{path}/restore")
    assert back.status_code == 200, back.get_json()
    assert api.get(path).status_code == 200


def _other_value(kind: RecordType, record: Any, cast: Cast) -> tuple[str, Any]:
    for name, field in fields_of(kind).items():
        if field.kind in ("text", "long_text", "choice") and not field.read_only:
            for n in range(100, 140):
                other = samples.value(field, cast, n)
                if other != getattr(record, name):
                    return name, other
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", PAGED, ids=named)
def test_pages(kind: RecordType, cast: Cast, web: Web) -> None:
    """List, form, record, history, bin answer; a form that fails keeps what was typed; a form that fits makes the record."""
    part = who_makes(kind)
    browser = web.browser(part)
    record = samples.make(cast.actor(part), kind, cast)
    base = f"/{kind.card.name}"
    for url in (base, f"{base}/new", f"{base}/{record.id}", f"{base}/{record.id}/edit", f"{base}/{record.id}/history", f"{base}/count", f"{base}/sort", f"{base}/columns", f"{base}/chip", f"{base}/options?q=a"):  # fmt: skip
        answer = browser.get(url)
        assert answer.status_code == 200, (url, answer.get_data(as_text=True)[:1500])
    title = kind.card.title
    wrong = {title: ""} if fields_of(kind)[title].required else {"amount": "no amount"}
    bad = browser.post(f"{base}/new", {**wrong, "notes": "typed <b>text</b>"})
    assert bad.status_code == 422
    if "notes" in fields_of(kind):
        assert "typed &lt;b&gt;text&lt;/b&gt;" in bad.get_data(as_text=True)
    for name in fields_of(kind):
        cell = browser.get(f"{base}/{record.id}/cell/{name}")
        assert cell.status_code in ((404,) if fields_of(kind)[name].hidden_always else (200, 403)), name
    assert browser.post(f"{base}/{record.id}/delete").status_code == 303
    binned = browser.get(f"/bin?type={kind.card.name}")
    assert binned.status_code == 200
    assert f'value="{record.id}"' in binned.get_data(as_text=True)


@pytest.mark.parametrize("kind", [k for k in TYPES if k.card.searchable], ids=named)
def test_search(kind: RecordType, cast: Cast) -> None:
    """Found by its title within reach, not outside it, not in the bin, and by its new title after a change."""
    actor = cast.actor(who_makes(kind))
    title = kind.card.title
    record = samples.make(actor, kind, cast, **{title: "Zyxwvut 深圳旺达 Παπαδόπουλος"})
    for typed in ("zyxw", "旺达", "wangda", "swd"[1:], "ΠΑΠΑΔΟΠΟΥΛΟΣ", "papadop"):
        assert record.id in [hit.id for hit in search.find(actor, typed, kinds=[kind])], typed
    if kind.card.reach != "open":
        assert search.find(cast.actor("carl"), "zyxw", kinds=[kind]) == []
    change.update(actor, access.find(actor, kind, int(record.id)), {title: "Quwerty"})
    assert search.find(actor, "zyxw", kinds=[kind]) == []
    assert search.find(actor, "quwer", kinds=[kind])
    change.delete(actor, access.find(actor, kind, int(record.id)))
    assert search.find(actor, "quwer", kinds=[kind]) == []


@pytest.mark.parametrize("kind", OWNED, ids=named)
@pytest.mark.parametrize("field_kind", list(custom.KINDS))
def test_custom_fields(kind: RecordType, field_kind: str, cast: Cast, web: Web) -> None:
    """A field made in the browser works like a built-in one: write, list, filter, sort, form, search."""
    actor = cast.actor("owner")
    options: dict[str, Any] = {
        "to": "customer",
        "places": 2,
        "options": [{"key": "x", "labels": {"en": "Ex"}}, {"key": "y", "labels": {"en": "Why"}}],
    }
    key = custom.define(
        actor,
        kind,
        field_kind=field_kind,
        labels={"en": f"Own {field_kind}", "zh": "自定义"},
        options=options,
        flags=("column", "filter", "search"),
    )
    field = fields_of(kind)[key]
    sent = samples.value(field, cast, 7) if not isinstance(field, Choice) else "x"
    api = web.api("anna")
    made = samples.post(api, kind, {**samples.required(kind, cast), "custom": {key: sent}})
    assert made.status_code == 201, made.get_json()
    got = made.get_json()["custom"][key]
    assert (got["id"] if isinstance(got, dict) else got) == sent
    number = made.get_json()["id"]
    anna = cast.actor("anna")
    for op in field.operators:
        condition = {"field": key, "op": op} | _operand(field, op, None, cast)
        query.page(query.Ask(anna, kind, [key], filter=condition))
    equal = {"field": key, "op": "eq", "value": sent[0] if isinstance(sent, list) else sent}
    if "eq" in field.operators:
        assert [row[0] for row in query.page(query.Ask(anna, kind, [key], filter=equal)).rows] == [number]
    if can_sort(field):
        assert number in _walk(anna, kind, key)
    if kind.card.pages:
        page = web.browser("anna").get(f"/{kind.card.name}?filter={json.dumps({'field': key, 'op': 'not_empty'})}")
        assert page.status_code == 200
        assert "Own" in page.get_data(as_text=True)
        assert f'name="{key}' in web.browser("anna").get(f"/{kind.card.name}/{number}/edit").get_data(as_text=True)
    version = api.get(f"/{kind.card.name}/{number}").get_json()["version"]
    cleared = api.patch(f"/{kind.card.name}/{number}", {"custom": {key: None}}, version)
    assert cleared.get_json()["custom"][key] in (None, [], False)


@pytest.mark.parametrize("kind", OWNED, ids=named)
def test_hidden_field_leaves_no_trace(kind: RecordType, cast: Cast, web: Web) -> None:
    """A field hidden by the role is in no answer, no filter, no sort, no search, no history."""
    from smallcrm.areas.people.records import Role
    from smallcrm.areas.people.roles import role_id

    name = next(
        n
        for n, f in fields_of(kind).items()
        if f.kind in ("long_text", "text") and not f.required and not f.read_only and n != kind.card.title
    )
    record = samples.make(cast.actor("anna"), kind, cast, **{name: "CNRYhidden"})
    role = access.find(cast.actor("owner"), Role, int(role_id("sales") or 0))
    rights = [{"type": kind.card.key, "field": name, "right": "hidden"}]
    change.update(cast.actor("owner"), role, {"field_rights": rights}, trusted=True)
    anna = cast.actor("anna")
    assert anna.field_right(kind.card.key, name) == "hidden"
    assert "CNRY" not in json.dumps(web.api("anna").get(f"/{kind.card.name}/{record.id}").get_json())
    assert web.api("anna").get(f'/{kind.card.name}?filter={{"field":"{name}","op":"not_empty"}}').status_code == 400
    assert web.api("anna").get(f"/{kind.card.name}?sort={name}").status_code == 400
    assert web.api("anna").patch(f"/{kind.card.name}/{record.id}", {name: "x"}, 1).status_code == 422
    if kind.card.searchable:
        assert search.find(anna, "CNRYhidden") == []
        assert search.ids_matching(anna, kind, "CNRYhidden") == []
    if kind.card.pages:
        for url in ("", "/edit", "/history"):
            assert "CNRY" not in web.browser("anna").get(f"/{kind.card.name}/{record.id}{url}").get_data(as_text=True)


def test_scope_of_every_ready_role(cast: Cast) -> None:
    """Ready-made roles reach what the contract says."""
    for kind in OWNED:
        assert cast.actor("owner").scope(kind.card.key, "delete") is Scope.ALL
        assert cast.actor("manager").scope(kind.card.key, "edit") is Scope.BELOW
        assert cast.actor("anna").scope(kind.card.key, "edit") is Scope.OWN
        assert cast.actor("reader").scope(kind.card.key, "view") is Scope.ALL
        assert cast.actor("reader").scope(kind.card.key, "edit") is Scope.NONE


def test_unique_numbers() -> None:
    """Search rows of two types never meet."""
    numbers = [kind.card.number for kind in all_types()]
    assert len(numbers) == len(set(numbers))
    assert store is not None


# ---------------------------------------------------------------- files

FILED = [kind for kind in PAGED if kind.card.importable]


@pytest.mark.parametrize("kind", FILED, ids=named)
def test_export_comes_back_the_same(kind: RecordType, cast: Cast, tmp_path: Path) -> None:
    """An exported workbook shows no difference; with a cell changed it shows that one; a csv comes in without a change."""
    actor = cast.actor("owner")
    made = [samples.make(actor, kind, cast), samples.make(actor, kind, cast, minimal=True)]
    ids = [int(record.id) for record in made]
    ask = exporting.of_ids(query.Ask(actor, kind), ids)
    path = tmp_path / "out.xlsx"
    assert exporting.write(path, ask).rows == 2
    with open_workbook(path) as book:
        reading = guessing.read(actor, kind, book)
        assert reading.guess.coming_back is not None
        assert reading.guess.coming_back.type == kind.card.key
        compared = returning.Comparer(actor, kind, reading).compare()
    assert [(row.sort, row.wrong, row.cells) for row in compared.rows] == []
    assert compared.same == 2


@pytest.mark.parametrize("kind", FILED, ids=named)
def test_csv_comes_in_without_a_change(kind: RecordType, cast: Cast, tmp_path: Path) -> None:
    """What a csv says of a record changes nothing when it is imported; a template has a column for each field."""
    actor = cast.actor("owner")
    record = samples.make(actor, kind, cast)
    path = tmp_path / "out.csv"
    exporting.write(path, exporting.of_ids(query.Ask(actor, kind), [int(record.id)]))
    with open_workbook(path) as book:
        known = guessing.targets(actor, kind)
        titles = exporting.columns(actor, kind, exporting.chosen(actor, kind, None))
        columns = {each.title: each.field if each.field in known else None for each in titles}
        given = parse({"columns": columns, "date_order": "ymd", "decimal": "."})
        reading = guessing.read(actor, kind, book, given=given)
        plan = Plan(actor, kind, reading, tmp_path)
        summary = plan.make()
        result = importing.run(plan)
    assert summary.rows == 1
    assert result.counts.failed == 0, list(plan.heads())
    assert result.counts.skipped == 1, list(plan.heads())
    exporting.write_template(tmp_path / "template.xlsx", actor, kind)
    assert (tmp_path / "template.xlsx").stat().st_size > 3000
