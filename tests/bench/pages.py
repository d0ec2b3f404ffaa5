"""The pages that are measured, for whom, beside the floor."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.bench.asking import Client, in_turn, together

ROLES = {"owner": "owner@demo.test", "manager": "manager@demo.test", "sales": "sales1@demo.test"}
LISTS, OTHERS, GROWTH = 4.0, 6.0, 1.5  # times the floor; times the small company
DEEP = 499


@dataclass(frozen=True)
class Page:
    """One page as one person sees it."""

    name: str
    role: str
    path: str
    limit: float


@dataclass(frozen=True)
class Measured:
    """A page's medians in ms and the floor's, one client and eight."""

    page: Page
    one: float
    floor_one: float
    eight: float
    floor_eight: float

    @property
    def ratio(self) -> float:
        """With one client."""
        return self.one / self.floor_one

    @property
    def ratio_eight(self) -> float:
        """With eight."""
        return self.eight / self.floor_eight

    @property
    def good(self) -> bool:
        """Within its limit, both times."""
        return max(self.ratio, self.ratio_eight) <= self.page.limit


def every(port: int, *, deep: bool, typed: str) -> Iterator[Page]:
    """The pages to be measured; the deep one is found by following its links once."""
    record = _record(port)
    grades = quote(json.dumps({"all": [{"field": "grade", "op": "in", "value": ["A", "B"]}]}))
    for role, email in ROLES.items():
        yield Page("list", role, "/customers", LISTS)
        yield Page("filtered, sorted", role, f"/customers?filter={grades}&sort=-annual_revenue", LISTS)
        if deep:
            path, pages = _follow(Client(port).sign_in(email), "/customers", DEEP)
            yield Page(f"after {pages} next", role, path, LISTS)
        yield Page("360°", role, record, OTHERS)
        yield Page("search", role, f"/search?q={quote(typed)}", OTHERS)
        yield Page("today", role, "/", OTHERS)


def _record(port: int) -> str:
    """A customer of the salesperson's that much was done with: everybody asked here sees it."""
    grade = quote(json.dumps({"all": [{"field": "grade", "op": "eq", "value": "A"}, {"field": "owner", "op": "mine"}]}))
    found = re.search(
        r'href="(/customers/\d+)', Client(port).sign_in(ROLES["sales"]).get(f"/customers?filter={grade}").text
    )
    assert found, "the salesperson has no customer of grade A"
    return found[1]


def _follow(client: Client, path: str, times: int) -> tuple[str, int]:
    """The address after so many times "Show more", or as far as there are more."""
    for turn in range(times):
        text = client.get(path, HX_Request="true").text
        found = re.search(r'class="pager-row".*?href="([^"]+)"', text, re.S)
        if not found:
            return path, turn
        path = html.unescape(found[1])
    return path, times


def measure(page: Page, port: int, floor: int, *, rounds: int) -> Measured:
    """In turn with the floor: one client, then eight."""
    clients = [Client(port).sign_in(ROLES[page.role]) for _ in range(8)]
    floors = [Client(floor) for _ in range(8)]
    for client in floors:
        client.cookies["session"] = "floor"
    one, floor_one = in_turn((clients[0], page.path), (floors[0], "/"), rounds)
    floor_eight = together(floors, "/", max(5, rounds // 4))
    eight = together(clients, page.path, max(5, rounds // 4))
    return Measured(page, one, floor_one, eight, floor_eight)


def answers(page: Page, port: int) -> bool:
    """Whether this build has the page."""
    return Client(port).sign_in(ROLES[page.role]).get(page.path).status == 200


def shown(found: Measured) -> str:
    """A line of the table."""
    mark = " " if found.good else "!"
    return (
        f"{mark} {found.page.name:18}{found.page.role:9}{found.one:8.1f}{found.ratio:7.1f}x"
        f"{found.eight:9.1f}{found.ratio_eight:7.1f}x   <= {found.page.limit:.0f}x"
    )
