"""L3, L4: twenty want the same at once, over HTTP: exactly one gets it, the others are told, nothing is there twice."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.cast import Cast
from tests.command import Server, copy_company
from tests.visiting import Said, Visitor, keys_of

pytestmark = pytest.mark.slow
TIMES = 20


class Office:
    """A server of eight threads and who stands before it."""

    def __init__(self, data: Path, cast: Cast) -> None:
        self.data, self.cast = data, cast
        keys = keys_of(data, cast, "owner", "anna", "bob")
        self.server = Server(data, SMALLCRM_SERVER_THREADS="8")
        self.owner, self.anna, self.bob = (Visitor(self.server.port, *keys[part]) for part in ("owner", "anna", "bob"))
        self.anna.csrf()

    def make(self, path: str, **values: Any) -> Any:
        made = self.owner.api("POST", path, values)
        assert made.status == 201, made.text
        return made.json


@pytest.fixture(scope="module")
def office(company_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    source, cast = company_template
    made = Office(copy_company(source, tmp_path_factory.mktemp("races") / "data"), cast)
    yield made
    assert made.server.stop() == 0
    assert "Traceback" not in made.server.err.read_text()


def at_once(ask: Callable[[int], Said], times: int = TIMES) -> list[Said]:
    """What each of so many hears who ask in the same moment."""
    together = threading.Barrier(times)
    said: list[Said] = []

    def one(n: int) -> None:
        together.wait()
        said.append(ask(n))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(times)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(said) == times
    return said


def statuses(said: list[Said]) -> Counter[int]:
    return Counter(each.status for each in said)


def test_the_same_form(office: Office) -> None:
    """A form that is sent again and again makes one record, and every answer leads to it; another text is another record."""
    once = re.findall(r'name="once" value="([^"]+)"', office.anna.get("/customers/new").text)[0]
    form = {"name": "Clicked twenty times", "once": once}
    said = at_once(lambda _: office.anna.post("/customers/new", form))
    assert statuses(said) == {303: TIMES}
    assert len({each.headers["Location"] for each in said}) == 1
    assert office.anna.post("/customers/new", {**form, "name": "Went back and typed another"}).status == 303
    asked = office.anna.api("GET", "/customers?q=clicked&count=1").json
    assert asked["total"] == 1
    assert office.anna.api("GET", "/customers?q=went+back&count=1").json["total"] == 1


def test_the_same_line_in_the_log(office: Office) -> None:
    """Enter, and Enter again because nothing seems to happen: one call, one next step; another text is another entry."""
    customer = office.make("/customers", name="Called once", owner=office.cast.anna)["id"]
    page = office.anna.get(f"/customers/{customer}").text
    once = re.findall(r'name="once" value="([^"]+)"', page[page.index("data-logline") :])[0]
    form = {"text": "called Bob 5 min, quote on Friday", "once": once}
    said = at_once(lambda _: office.anna.post(f"/activities/line/customers/{customer}", form))
    assert set(statuses(said)) <= {200, 303}
    assert activities(office, customer) == 2
    office.anna.post(f"/activities/line/customers/{customer}", {**form, "text": "called Bob again"})
    assert activities(office, customer) == 3


def test_the_same_plan(office: Office) -> None:
    customer = office.make("/customers", name="Planned once", owner=office.cast.anna)["id"]
    once = re.findall(r'name="once" value="([^"]+)"', office.anna.get(f"/activities/new?customer={customer}").text)[0]
    form = {"kind": "task", "subject": "Send the samples", "state": "plan", "customer": customer, "once": once}
    said = at_once(lambda _: office.anna.post("/activities/new", form))
    assert statuses(said) == {303: TIMES}
    assert activities(office, customer) == 1


def activities(office: Office, customer: int) -> int:
    where = quote(json.dumps({"field": "customer", "op": "eq", "value": customer}))
    return int(office.anna.api("GET", f"/activities?count=1&filter={where}").json["total"])


def test_one_claims_it(office: Office) -> None:
    pool = office.make("/pools", name="Shared", kind="customers", members=[office.cast.anna, office.cast.bob])
    record = office.make("/customers", name="Wanted", owner=office.cast.anna)
    released = office.anna.api(
        "POST", f"/customers/{record['id']}/release", {"reason": "No interest", "pool": pool["id"]}
    )
    assert released.status == 200, released.text
    before = office.owner.api("GET", f"/customers/{record['id']}").json
    assert before["owner"] is None
    said = at_once(
        lambda n: (office.bob if n % 2 else office.owner).api("POST", f"/customers/{record['id']}/claim", {})
    )
    assert statuses(said)[200] == 1
    assert set(statuses(said)) <= {200, 403, 404, 409, 412}
    winner = next(each.json["owner"]["id"] for each in said if each.status == 200)
    assert office.owner.api("GET", f"/customers/{record['id']}").json["owner"]["id"] == winner


def test_one_merges_the_same_pair(office: Office) -> None:
    kept, gone = (office.make("/customers", name=f"Pair {side}")["id"] for side in "ab")
    child = office.make("/contacts", name="Goes along", customer=gone)["id"]
    said = at_once(
        lambda n: office.owner.api("POST", f"/customers/{(kept, gone)[n % 2]}/merge", {"with": (gone, kept)[n % 2]})
    )
    assert statuses(said)[200] == 1, statuses(said)
    assert set(statuses(said)) <= {200, 404, 409, 412, 422}
    left = [number for number in (kept, gone) if office.owner.api("GET", f"/customers/{number}").status == 200]
    assert len(left) == 1
    assert office.owner.api("GET", f"/contacts/{child}").json["customer"]["id"] == left[0]


def test_one_user_of_an_address(office: Office) -> None:
    role = office.owner.api("GET", "/users?limit=1&fields=id,role").json["items"][0]["role"]["id"]
    addresses = ("same@example.com", "Same@Example.com", "ＳＡＭＥ@example.com")
    said = at_once(
        lambda n: office.owner.api("POST", "/users", {"name": f"Same {n}", "email": addresses[n % 3], "role": role})
    )
    assert statuses(said)[201] == 1, [each.text[:200] for each in said[:3]]
    assert set(statuses(said)) <= {201, 409, 422}


def test_numbers_without_gaps_or_doubles(office: Office) -> None:
    said = at_once(lambda n: office.owner.api("POST", "/customers", {"name": f"Numbered {n}"}))
    numbers = sorted(int(re.sub(r"\D", "", each.json["number"])) for each in said)
    assert numbers == list(range(numbers[0], numbers[0] + TIMES))


def test_an_owner_stays(office: Office) -> None:
    role = office.owner.api("GET", f"/users/{office.cast.owner}").json["role"]["id"]
    second = office.make("/users", name="Second Owner", email="second@example.com", role=role)
    both = [office.owner.api("GET", f"/users/{number}").json for number in (office.cast.owner, second["id"])]
    other = next(
        each["role"]["id"] for each in office.owner.api("GET", "/users").json["items"] if each["role"]["id"] != role
    )

    def leave(n: int) -> Said:
        who = both[n % 2]
        body = {"active": False} if n % 4 < 2 else {"role": other}
        return office.owner.api("PATCH", f"/users/{who['id']}", body, If_Match=f'"{who["version"]}"')

    said = at_once(leave)
    assert statuses(said)[200] <= 1
    assert set(statuses(said)) <= {200, 401, 403, 409, 412, 422, 429}  # 429: who was switched off asks on
    db = sqlite3.connect(office.data / "smallcrm.db")
    left = db.execute(
        'SELECT count(*) FROM "user" WHERE role = ? AND active AND deleted_at IS NULL', [role]
    ).fetchone()[0]
    db.close()
    assert left == 2 - statuses(said)[200]
