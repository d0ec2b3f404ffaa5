"""The pages that are measured, for whom, beside the floor."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import quote

from tests.bench.asking import Client, in_turn, together
from tests.bench.processes import taken

ROLES = {"owner": "owner@demo.test", "manager": "manager@demo.test", "sales": "sales1@demo.test"}
LISTS, OTHERS, GROWTH = 4.0, 6.0, 1.5  # times the floor; times the small company
DEEP = 499
QUIET = 0.05


class Pair(NamedTuple):
    """A page's figure and the floor's."""

    page: float
    floor: float

    @property
    def ratio(self) -> float:
        """Times the floor."""
        return self.page / self.floor


@dataclass(frozen=True)
class Page:
    """One page as one person sees it."""

    name: str
    role: str
    path: str
    limit: float


@dataclass(frozen=True)
class Measured:
    """A page beside the floor in ms: medians with one client and with eight, and of one client's the quickest tenth.

    ``taken``: the share of the processor that the host gave to others meanwhile. Above ``QUIET`` medians measure the
    neighbours; the quickest tenth, which they left alone, is then the judge.
    """

    page: Page
    one: Pair
    eight: Pair
    quick: Pair
    taken: float

    @property
    def good(self) -> bool:
        """Within its limit."""
        judges = [self.one, self.eight] if self.taken <= QUIET else [self.quick]
        return max(each.ratio for each in judges) <= self.page.limit


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
    stolen, ticks = taken()
    one = in_turn((clients[0], page.path), (floors[0], "/"), rounds)
    eight = together((clients, page.path), (floors, "/"), max(5, rounds // 4))
    stolen, ticks = taken()[0] - stolen, taken()[1] - ticks
    return Measured(page, _pair(one, median), _pair(eight, median), _pair(one, _tenth), stolen / max(ticks, 1))


def _pair(found: tuple[list[float], list[float]], figure: Callable[[list[float]], float]) -> Pair:
    return Pair(figure(found[0]), figure(found[1]))


def _tenth(times: list[float]) -> float:
    return quantiles(times, n=10)[0]


def answers(page: Page, port: int) -> bool:
    """Whether this build has the page."""
    return Client(port).sign_in(ROLES[page.role]).get(page.path).status == 200


HEADING = (
    f"  {'page':18}{'as':9}{'1: ms':>8}{'ratio':>8}{'8: ms':>9}{'ratio':>8}{'tenth: ms':>11}{'ratio':>8}{'taken':>8}"
)


def shown(found: Measured) -> str:
    """A line of the table."""
    return (
        f"{' ' if found.good else '!'} {found.page.name:18}{found.page.role:9}{found.one.page:8.1f}{found.one.ratio:7.1f}x"
        f"{found.eight.page:9.1f}{found.eight.ratio:7.1f}x{found.quick.page:11.1f}{found.quick.ratio:7.1f}x{found.taken:7.0%}"
        f"   <= {found.page.limit:.0f}x{'' if found.taken <= QUIET else ' by the tenth: others took the processor'}"
    )
