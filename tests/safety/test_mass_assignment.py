"""Mass assignment: every column name of every table, sent along to every door as a salesperson; none is taken in."""

from __future__ import annotations

import hashlib
import io

import pytest

from smallcrm import store
from smallcrm.identity import passwords
from smallcrm.identity.actor import SYSTEM, Scope
from smallcrm.records import access, change
from smallcrm.records.record import Record, RecordType, all_types, by_key
from tests import samples
from tests.areas.admissions.scene import switch_on
from tests.cast import PASSWORD, Cast
from tests.client import Web

# what no form and no program writes, whoever's the record; the contract says which verbs do
NEVER = {
    "id", "version", "created_at", "updated_at", "deleted_at", "merged_into", "custom", "team", "pool", "locked", "entered_pool_at",
    "recycle_on", "recycle_reason", "last_follow_up_at", "via_owner", "via_team", "via_pool", "about_owner", "about_team", "about_pool",
    "password_hash", "token_hash", "totp_secret", "api_key", "is_admin", "owner_id", "team_id", "created_by", "rights", "grants",
}  # fmt: skip
NOTES = {"session", "api_token", "audit", "idempotent_answer", "config_version"}  # that somebody was there; no content
OWN = [kind.card.key for kind in all_types() if kind.card.reach != "open"]
FORMS = [key for key in OWN if by_key(key).card.pages]  # whose new records are typed in at /<type>/new
# what two records made by the same form differ in: their numbers, when it was, what was made beside them
DIFFER = {
    "opportunity": {"name", "name_key", "stage_since"},  # called after its number
    "visit": {"activity"},
}
PARTS = {"activity": {"day"}}  # what the form of the type reads besides fields, and takes no nonsense for


@pytest.fixture(autouse=True)
def _with_everything(cast: Cast) -> None:
    """What only schools have is there too."""
    switch_on()


def columns() -> set[str]:
    """Every column name of every table."""
    tables = [
        n
        for (n,) in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if n[:6] not in ("sqlite", "search")
    ]
    return {row[1] for table in tables for row in store.rows(f'PRAGMA table_info("{table}")')} | NEVER


def prints() -> dict[str, str]:
    """A hash of each table."""
    found = {}
    for (name,) in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if name[:6] not in ("sqlite", "search") and name not in NOTES:
            rows = sorted(map(repr, store.rows(f'SELECT * FROM "{name}"')))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> set[str]:
    now = prints()
    return {name for name in before if before[name] != now[name]}


def evil(name: str, cast: Cast) -> str:
    """What somebody would like to stand there."""
    if name in ("owner", "user", "via_owner", "about_owner", "manager", "owner_id"):
        return str(cast.carl)
    if "team" in name:
        return str(cast.south)
    return {"role": "1", "id": "1", "active": "", "version": "99"}.get(
        name, "2001-02-03" if name.endswith(("_at", "_on")) else "1"
    )


def own(key: str, cast: Cast) -> tuple[RecordType, Record, set[str]]:
    """A record of Anna's, made by the owner where she makes none, and the names that nothing may write."""
    kind, anna = by_key(key), cast.actor("anna")
    makes = anna.scope(key, "create") is not Scope.NONE
    record = samples.make(anna if makes else cast.actor("owner"), kind, cast, owner=cast.anna)
    assert record.owner == cast.anna
    allowed = set(access.writable(anna, kind))
    assert not NEVER & allowed, f"{key}: {sorted(NEVER & allowed)} can be written"
    return kind, record, columns() - allowed


def takes(kind: RecordType, cast: Cast, act: str) -> bool:
    """Whether the API takes such from Anna."""
    return kind.card.api and cast.actor("anna").scope(kind.card.key, act) is not Scope.NONE


@pytest.mark.parametrize("key", OWN)
def test_a_record_of_ones_own(key: str, web: Web, cast: Cast) -> None:
    """PATCH and POST refuse each name by itself; forms, cells and bulk edits take none along."""
    kind, record, names = own(key, cast)
    url, api, browser = f"/{kind.card.name}", web.api("anna"), web.browser("anna")
    least = {} if key == "file" else samples.required(kind, cast)
    # 422 is of what was sent; who may not do it at all, or where there is no such door, is told so
    new, again = ({422} if takes(kind, cast, act) else {403, 404} for act in ("create", "edit"))
    before = prints()  # the sample may have needed a record to link to
    for name in sorted(names - {"version", "custom"}):
        value = evil(name, cast)
        for held in ({name: value}, {"custom": {name: value}}):
            assert api.patch(f"{url}/{record.id}", held, int(record.version)).status_code in again, name
            if key != "file":
                assert api.post(url, {**least, **held}).status_code in new, name
    assert not changed(before)
    form = {name: evil(name, cast) for name in names - {"version", "again", "next"}}
    if kind.card.pages:
        for name in sorted(names):
            answer = browser.post(
                f"{url}/{record.id}/cell/{name}", {name: evil(name, cast), "version": str(record.version)}
            )
            assert answer.status_code in (403, 404, 422), name
            bulk = browser.post(f"{url}/bulk/edit", {"id": str(record.id), "field": name, **form})
            assert bulk.status_code == 400, name
        browser.post(f"{url}/{record.id}/edit", {**form, "version": str(record.version)})
    assert not changed(before), f"{key}: {sorted(changed(before))}"


@pytest.mark.parametrize("key", [key for key in OWN if key not in FORMS])
def test_no_form_of_its_own(key: str, web: Web, cast: Cast) -> None:
    """What has no form for new records answers none: ``test_a_new_record`` leaves nothing out that has one."""
    kind, _record, names = own(key, cast)
    browser, url, before = web.browser("anna"), f"/{kind.card.name}/new", prints()
    assert browser.get(url).status_code == 404
    assert browser.post(url, {name: evil(name, cast) for name in names}).status_code in (404, 405)
    assert not changed(before)


@pytest.mark.parametrize("key", [key for key in FORMS if key != "file"])
def test_a_new_record(key: str, web: Web, cast: Cast) -> None:
    """The form of a new record with every name beside its own: kept as if they had not been there."""
    kind, _record, names = own(key, cast)
    table = f'"{kind._meta.table_name}"'
    given = {n: v for n, v in samples.required(kind, cast).items() if not isinstance(v, (list, dict))}
    for name, each in samples.required(kind, cast).items():
        if isinstance(each, dict):
            given |= {name: f"{each['type']}/{each['id']}", f"{name}_type": each["type"], f"{name}": each["id"]}
    browser = web.browser("anna")
    rows = []
    own_parts = {"next", "again", "kind", *PARTS.get(key, ())}
    for more in ({}, {name: evil(name, cast) for name in names - own_parts - given.keys()}):
        last = store.value(f"SELECT max(id) FROM {table}")
        answer = browser.post(f"/{kind.card.name}/new", {**more, **given})
        assert answer.status_code in (204, 303), (key, answer.status_code)
        held = [row[1] for row in store.rows(f"PRAGMA table_info({table})")]
        (made,) = store.rows(f"SELECT * FROM {table} WHERE id > ?", [last])
        rows.append({n: v for n, v in zip(held, made, strict=True) if n not in ("id", "created_at", "updated_at")})
        change.delete(SYSTEM, access.find(SYSTEM, kind, int(made[held.index("id")])))  # of some there is one a day
    same = {n for n in rows[0] if rows[0][n] == rows[1][n]}
    other = {n: (rows[0][n], rows[1][n]) for n in rows[0].keys() - same}
    assert other.keys() <= {"number", "number_key", "owned_since"} | DIFFER.get(key, set()), other
    assert not [n for n, (_, value) in other.items() if str(value) == evil(n, cast)], other


def test_ones_own_profile(web: Web, cast: Cast) -> None:
    """No form of one's own settings takes anything along that is not its own."""
    passwords.keep(cast.anna, passwords.hashed(PASSWORD))
    anna = web.browser("anna")
    row = store.row(
        'SELECT role, team, active, email, owner, deleted_at, created_at FROM "user" WHERE id = ?', [cast.anna]
    )
    tables = {"credential", "role", "team", "session_key", "one_time", "setting", "customer"}
    before = {name: each for name, each in prints().items() if name in tables or name == "api_token"}
    form = {name: evil(name, cast) for name in columns()}
    for url in ("/settings/profile", "/settings/notifications", "/settings/theme", "/settings/follow-ups/mine", "/settings/password",
                f"/users/{cast.anna}/edit", "/users/bulk/edit", f"/roles/{store.value('SELECT max(id) FROM role')}"):  # fmt: skip
        anna.post(url, form)
    assert (
        store.row(
            'SELECT role, team, active, email, owner, deleted_at, created_at FROM "user" WHERE id = ?', [cast.anna]
        )
        == row
    )
    assert not changed(before)
    assert passwords.check(cast.anna, PASSWORD)


def test_headers_of_a_file(web: Web, cast: Cast) -> None:
    """A column headed like a column of ours, mapped onto it by hand besides: left out, the row belongs to who brought it."""
    browser = web.browser("anna")
    names = sorted(columns() - set(access.writable(cast.actor("anna"), by_key("customer"))))
    content = ",".join(["name", *names]) + "\n" + ",".join(["Ridley Ltd", *(evil(name, cast) for name in names)]) + "\n"
    sent = {"file": (io.BytesIO(content.encode()), "list.csv")}
    url = browser.post("/customers/import", sent, content_type="multipart/form-data").headers["Location"]
    form = {"c0": "name", **{f"c{n}": name for n, name in enumerate(names, start=1)}}
    browser.post(
        f"{url}/columns", {**form, **{f"d-{name}": evil(name, cast) for name in names}, "k-id": "1", "keys-shown": "1"}
    )
    browser.post(f"{url}/run")  # waits for an answer, or leaves them out
    assert store.value("SELECT count(*) FROM customer") == 0
    browser.post(f"{url}/columns", {f"c{n}": "" for n in range(1, len(names) + 1)} | {"c0": "name"})
    browser.post(f"{url}/run")
    from tests.areas.transfer.test_pages import finished

    finished(url)
    found = store.rows("SELECT name, owner, team, version, deleted_at, pool, locked FROM customer")
    assert found == [("Ridley Ltd", cast.anna, cast.north, 1, None, None, None)]
