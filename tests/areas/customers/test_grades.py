"""Grades: a rule proposes, people decide; what was set by hand stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.customers.jobs import GRADES
from smallcrm.areas.customers.rules import grade_rule, grades
from smallcrm.areas.customers.rules.grade_rule import Rule, Sales, ranks
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import settings, undo
from smallcrm.records.record import values
from tests.areas.customers.making import again, amend, customer
from tests.cast import Cast
from tests.client import Web

RULE = {"grade_revenue_a": 1000, "grade_revenue_b": 100, "grade_employees_a": 50, "grade_employees_b": 10}


@pytest.fixture
def rule(cast: Cast) -> Cast:
    """Small borders."""
    grades.save(SYSTEM, RULE)
    return cast


@pytest.fixture
def sold() -> Iterator[dict[int, int]]:
    """Customer → sales of twelve months, as an orders area would answer."""
    found: dict[int, int] = {}
    grade_rule.set_sales(Sales(lambda: bool(found), lambda: found))
    yield found
    grade_rule.set_sales(Sales(lambda: False, dict))


def proposed(cast: Cast, **figures: object) -> str | None:
    return values(again(customer(cast, **figures)))["grade_proposed"]  # type: ignore[arg-type]


def test_by_potential_at_once(rule: Cast) -> None:
    assert proposed(rule) is None
    assert proposed(rule, annual_revenue="999.99") == "B"
    assert proposed(rule, annual_revenue="1000") == "A"
    assert proposed(rule, annual_revenue="99") == "C"
    assert proposed(rule, employees=9) == "C"
    assert proposed(rule, employees=50, annual_revenue="1") == "A"
    assert proposed(rule, employees=50, roles=["supplier"]) is None
    mine = customer(rule, employees=10)
    amend(rule, mine, employees=60)
    assert values(again(mine))["grade_proposed"] == "A"
    assert again(mine).version == 2  # a derived column bumps nothing


def test_a_border_can_be_switched_off(rule: Cast) -> None:
    grades.save(SYSTEM, {"grade_employees_a": 0, "grade_employees_b": 0})
    assert proposed(rule, employees=5000) == "C"


@given(st.dictionaries(st.integers(1, 400), st.integers(0, 10**9), max_size=60))
def test_ranks_follow_the_share(sales: dict[int, int]) -> None:
    """Who sells more is never graded worse; A holds the smallest number of customers that reach the share."""
    found = ranks(Rule(), sales)
    assert set(found) == set(sales)
    ordered = sorted(sales, key=lambda each: (-sales[each], each))
    letters = [found[each].grade for each in ordered]
    assert letters == sorted(letters)
    total = sum(sales.values())
    best = [each for each in ordered if found[each].grade == "A"]
    if total:
        assert sum(sales[each] for each in best) * 100 >= 80 * total
        assert sum(sales[each] for each in best[:-1]) * 100 < 80 * total
    assert all(found[each].grade == "C" for each in sales if sales[each] == 0)


def test_by_sales_once_there_are_any(rule: Cast, sold: dict[int, int]) -> None:
    big, small, idle, fresh = (customer(rule, name, employees=60) for name in ("Big", "Small", "Idle", "Fresh"))
    with store.writing():
        store.run("UPDATE customer SET created_at = '2001-01-01T00:00:00.000Z' WHERE id = ?", [idle.id])
    sold.update({int(big.id): 8000, int(small.id): 2000})
    done = grades.propose_all()
    assert done["looked_at"] == 4
    assert [values(again(each))["grade_proposed"] for each in (big, small, idle, fresh)] == ["A", "B", "C", "A"]
    assert grades.why(rule.actor("anna"), again(idle))[0] == ("C: nothing was bought for twelve months.", True)
    assert "80 %" in grades.why(rule.actor("anna"), again(big))[0][0]
    grades.save(SYSTEM, {"grade_by": "potential"})
    assert values(again(small))["grade_proposed"] == "A"
    grades.save(SYSTEM, {"grade_by": "off"})
    assert values(again(small))["grade_proposed"] is None


def test_the_monthly_job(rule: Cast) -> None:
    mine = customer(rule, employees=60)
    grades.save(SYSTEM, {"grade_by": "off"})
    settings.put(SYSTEM, {"customers.grade_by": "auto"})
    assert values(again(mine))["grade_proposed"] is None
    assert GRADES.run() == {"looked_at": 1, "changed": 1, "differ": 1}
    assert GRADES.run() == {"looked_at": 1, "changed": 0, "differ": 1}
    assert GRADES.timing().began(clock.now())


def test_taking_over_keeping_and_undo(rule: Cast) -> None:
    anna = rule.actor("anna")
    one, two, three = (customer(rule, name, employees=60, grade="C") for name in ("One", "Two", "Three"))
    assert grades.differs(again(one))
    assert values(grades.accept(anna, again(one)))["grade"] == "A"
    grades.keep(anna, again(two))
    assert not grades.differs(again(two))
    assert values(again(two))["grade"] == "C"
    result = grades.accept_all(anna)
    assert (result.changed, [values(again(each))["grade"] for each in (one, two, three)]) == (1, ["A", "C", "A"])
    undo.undo(anna, result.set)
    assert values(again(three))["grade"] == "C"
    amend(rule, two, employees=20)  # another proposal is made again
    assert values(again(two))["grade_proposed"] == "B"
    assert grades.differs(again(two))
    amend(rule, two, grade="A")
    GRADES.run()
    assert values(again(two))["grade"] == "A"


def test_only_what_one_may_change(rule: Cast) -> None:
    mine, theirs = customer(rule, "Mine", employees=60), customer(rule, "Theirs", "carl", employees=60)
    assert [each[0] for each in grades.differing(rule.actor("anna"))] == [mine.id]
    assert grades.count_differing(rule.actor("manager")) == 2
    assert grades.count_differing(rule.actor("reader")) == 0
    result = grades.accept_all(rule.actor("anna"), [int(mine.id), int(theirs.id)])
    assert result.changed == 1
    assert values(again(theirs))["grade"] is None
    with pytest.raises(Forbidden):
        grades.keep(rule.actor("reader"), again(mine))


def test_reasons_leave_out_what_is_hidden(rule: Cast) -> None:
    from dataclasses import replace

    mine = customer(rule, annual_revenue="5000")
    anna = rule.actor("anna")
    assert grades.why(anna, again(mine))[0][0] == "A: a turnover of €5,000, from €1,000 on."
    blind = replace(anna, role=replace(anna.role, fields={("customer", "annual_revenue"): "hidden"}))
    assert "5,000" not in str(grades.why(blind, again(mine)))


def test_preview_writes_nothing(rule: Cast) -> None:
    for employees in (5, 20, 60):
        customer(rule, f"With {employees}", employees=employees, grade="C")
    found = grades.preview(grades.rule_from({"grade_employees_a": 20}))
    assert found.counts == {"A": 2, "C": 1}
    assert found.moves == {("C", "A"): 2}
    assert found.other_than_today == 1
    assert settings.get("customers.grade_employees_a") == 50
    with pytest.raises(Invalid):
        grades.rule_from({"grade_employees_a": -1})


def test_pages(rule: Cast, web: Web) -> None:
    mine = customer(rule, employees=60, grade="C")
    browser = web.browser("anna")
    assert "proposed: A" in browser.get(f"/customers/{mine.id}").get_data(as_text=True)
    why = browser.get(f"/customers/{mine.id}/grade").get_data(as_text=True)
    assert "60 employees" in why
    assert "Take it over" in why
    assert "Take it over" not in web.browser("reader").get(f"/customers/{mine.id}/grade").get_data(as_text=True)
    assert web.browser("carl").get(f"/customers/{mine.id}/grade").status_code == 404
    listed = browser.get("/customers/grades").get_data(as_text=True)
    assert f"/customers/{mine.id}" in listed
    assert browser.post(f"/customers/{mine.id}/grade/keep").status_code == 303
    assert "Nothing to decide" in browser.get("/customers/grades").get_data(as_text=True)
    amend(rule, mine, employees=20)
    assert browser.post(f"/customers/{mine.id}/grade/accept").status_code == 303
    assert values(again(mine))["grade"] == "B"
    customer(rule, "More", employees=60)
    assert browser.post("/customers/grades/accept", {"all": "1"}).status_code == 303
    assert grades.count_differing(rule.actor("anna")) == 0
    assert web.browser("reader").get("/customers/grades").status_code == 403
    for url in ("/customers/grades/accept", "/customers/grades/propose"):
        assert web.browser("reader").post(url).status_code == 403
    assert browser.post("/customers/grades/propose").status_code == 403
    assert web.browser("owner").post("/customers/grades/propose").status_code == 303


def test_settings_page(rule: Cast, web: Web) -> None:
    customer(rule, employees=60, grade="C")
    owner = web.browser("owner")
    page = owner.get("/settings/customers").get_data(as_text=True)
    assert "C → A: 1" in page
    preview = owner.post("/settings/customers/preview", {"grade_employees_a": "70", "grade_by": "auto"})
    assert "1 would be proposed another grade" in preview.get_data(as_text=True)
    wrong = owner.post("/settings/customers/preview", {"grade_share_a": "hundred"})
    assert "no number" in wrong.get_data(as_text=True)
    bad = owner.post("/settings/customers", {"number": "none", "grade_share_a": "x", "ask_consent": "people"})
    assert bad.status_code == 422
    assert 'value="none"' in bad.get_data(as_text=True)
    good = {"number": "K-{0:4}", "grade_by": "potential", "grade_employees_a": "70", "grade_revenue_a": "", "ask_consent": "all",
            "consent_age": "16"}  # fmt: skip
    assert owner.post("/settings/customers", good).status_code == 303
    assert customer(rule, "Next").number == "K-0001"  # type: ignore[attr-defined]
    assert settings.get("customers.grade_revenue_a") == 0
    assert proposed(rule, employees=60) == "B"
    for part in ("anna", "manager", "reader"):
        assert web.browser(part).get("/settings/customers").status_code == 403
        assert web.browser(part).post("/settings/customers", good).status_code == 403
        assert web.browser(part).post("/settings/customers/preview", good).status_code == 403
