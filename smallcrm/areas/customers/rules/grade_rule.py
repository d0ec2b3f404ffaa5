"""What grade a customer could have: by the sales of twelve months once there are any, else by what it could buy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as members_of
from typing import Any

from smallcrm import store
from smallcrm.base import clock, money
from smallcrm.base.i18n import L
from smallcrm.records import fields, settings

PAGE = "customers"

settings.declare(
    PAGE,
    {
        "customers.grade_by": (
            fields.Choice(
                L("Grades are proposed"),
                [("auto", L("by sales, without any by potential")), ("potential", L("by potential")), ("off", L("not at all"))],
                required=True,
            ),
            "auto",
        ),
        "customers.grade_share_a": (fields.Number(L("A: the largest, up to"), least=1, most=100, percent=True), 80),
        "customers.grade_share_b": (fields.Number(L("B: the next"), least=0, most=99, percent=True), 15),
        "customers.grade_revenue_a": (fields.Number(L("A from a turnover of"), least=0), 5_000_000),
        "customers.grade_revenue_b": (fields.Number(L("B from a turnover of"), least=0), 500_000),
        "customers.grade_employees_a": (fields.Number(L("A from employees"), least=0), 250),
        "customers.grade_employees_b": (fields.Number(L("B from employees"), least=0), 50),
    },
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """How grades are proposed. Turnover in whole units of the company's currency; 0 or None switches a test off."""

    grade_by: str = "auto"
    grade_share_a: int = 80
    grade_share_b: int = 15
    grade_revenue_a: int | None = None
    grade_revenue_b: int | None = None
    grade_employees_a: int | None = None
    grade_employees_b: int | None = None


def rule() -> Rule:
    """The rule in force."""
    return Rule(**{each.name: settings.get(f"customers.{each.name}") for each in members_of(Rule)})


@dataclass(frozen=True)
class Sales:
    """What the area that keeps orders answers. ``exist``: whether anything was sold in the twelve months at all.

    ``of_all``: customer → sales of the twelve months before today, in minor units of the company's currency.
    """

    exist: Callable[[], bool]
    of_all: Callable[[], Mapping[int, int]]


_sales = Sales(lambda: False, dict)


def set_sales(source: Sales) -> None:
    """The area that keeps orders says what each customer bought."""
    global _sales
    _sales = source


def by_sales() -> bool:
    """Whether anything was sold that customers can be compared by."""
    return _sales.exist()


# ---------------------------------------------------------------- proposing


@dataclass(frozen=True)
class Proposal:
    """A grade and what led to it: ``by`` is share, none, turnover, employees or little."""

    grade: str
    by: str
    figure: float = 0  # the share of all sales up to here in percent, the turnover or the employees
    limit: int = 0


Held = tuple[int, int | None, int | None, bool]  # customer, turnover in minor units, employees, new within the year


def propose(by: Rule, held: Iterable[Held]) -> dict[int, Proposal]:
    """Customer → proposal, for those of whom enough is known."""
    if by.grade_by == "off":
        return {}
    ranked = ranks(by, _sales.of_all()) if by.grade_by == "auto" and _sales.exist() else None
    found: dict[int, Proposal] = {}
    for number, turnover, employees, new in held:
        if ranked is not None and number in ranked:
            found[number] = ranked[number]
            continue
        possible = potential(by, turnover, employees)
        if ranked is not None and not new:
            found[number] = Proposal("C", "none")
        elif possible is not None:
            found[number] = possible
    return found


def ranks(by: Rule, sales: Mapping[int, int]) -> dict[int, Proposal]:
    """The largest customers that together make ``share_a`` percent are A, the next ``share_b`` percent B, the rest C."""
    total = sum(each for each in sales.values() if each > 0)
    found: dict[int, Proposal] = {}
    reached = 0
    for number, sold in sorted(sales.items(), key=lambda each: (-each[1], each[0])):
        if sold <= 0 or not total:
            found[number] = Proposal("C", "none")
            continue
        before = reached * 100 / total  # whoever crosses the border still belongs above it
        reached += sold
        grade = "A" if before < by.grade_share_a else "B" if before < by.grade_share_a + by.grade_share_b else "C"
        found[number] = Proposal(grade, "share", reached * 100 / total)
    return found


def potential(by: Rule, turnover: int | None, employees: int | None) -> Proposal | None:
    """By turnover and employees, whichever says more; None where neither is known."""
    whole = int(money.major(turnover, str(settings.get("company.currency")))) if turnover is not None else None
    tests: tuple[tuple[str, str, int | None, int | None], ...] = (
        ("A", "turnover", whole, by.grade_revenue_a), ("A", "employees", employees, by.grade_employees_a),
        ("B", "turnover", whole, by.grade_revenue_b), ("B", "employees", employees, by.grade_employees_b),
    )  # fmt: skip
    for grade, what, figure, limit in tests:
        if limit and figure is not None and figure >= limit:
            return Proposal(grade, what, figure, limit)
    return Proposal("C", "little") if turnover is not None or employees is not None else None


_COLUMNS = "id, annual_revenue_base, employees, created_at"
_GRADED = "deleted_at IS NULL AND instr(coalesce(roles, 'customer'), 'customer') > 0"


def held(where: str = "1", params: Sequence[Any] = ()) -> list[Held]:
    """What is known of the customers that are graded."""
    today = clock.today()
    year_ago = today.replace(year=today.year - 1, day=min(today.day, 28)).isoformat()
    found = store.rows(f"SELECT {_COLUMNS} FROM customer WHERE {_GRADED} AND {where}", params)
    return [(number, turnover, employees, created >= year_ago) for number, turnover, employees, created in found]
