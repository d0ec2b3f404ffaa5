"""What one area tells another: targets the forecast, opportunities and leads the work reports, absences whoever gives out work."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm.areas.activities.rules import escalating
from smallcrm.areas.forecast.rules import overrides
from smallcrm.areas.forecast.rules import targets as forecast
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import moving, stages
from smallcrm.areas.pool.rules import pools
from smallcrm.base import clock
from smallcrm.records import doings, questions
from tests.client import Web
from tests.joints.scene import Company, moment


def test_the_forecast_knows_the_targets(company: Company, web: Web) -> None:
    """By person and company, month by month; who sees their own alone is measured by their own."""
    year = clock.today().year
    months = {f"m{n:02d}": "1000" for n in range(1, 13)}
    company.target(None, year, **dict.fromkeys(months, "5000"))
    company.target("anna", year, **months)
    march = dt.date(year, 3, 1), dt.date(year, 3, 31)
    anna = overrides.Subject("user", company.cast.anna)
    assert forecast.of(overrides.COMPANY, *march) == 5000_00
    assert forecast.of(anna, dt.date(year, 1, 1), dt.date(year, 12, 31)) == 12_000_00
    assert forecast.of(anna, dt.date(year + 1, 1, 1), dt.date(year + 1, 1, 31)) is None
    assert overrides.target_of(Which(company.actor("owner"))) == overrides.COMPANY
    assert overrides.target_of(Which(company.actor("anna"))) == anna
    company.deal(company.customer(), amount="6000", expected_close=clock.today().isoformat())
    this = f"/forecast/funnel?unit=year&from={year}&n=1"
    assert "open, target €12k" in web.browser("anna").get(this).get_data(as_text=True)
    assert ", target €" not in web.browser("carl").get(this).get_data(as_text=True)


def done(company: Company, who: str = "anna") -> dict[str, tuple[int, int | None]]:
    start, end = moment(-1), moment(1)
    found = {line.key: line.look(getattr(company.cast, who), start, end) for line in doings.lines()}
    return {key: (each.count, each.amount) for key, each in found.items() if each.count}


def test_a_work_report_tells_of_selling(company: Company, web: Web) -> None:
    customer = company.customer()
    first, second, third = (company.deal(customer, f"Deal {n}", amount="100") for n in range(3))
    steps = stages.every()[company.pipeline].open_steps
    anna = company.actor("anna")

    def record(number: int) -> Opportunity:
        return company.record(Opportunity, number)  # type: ignore[return-value]

    moving.advance(anna, record(first), stage=company.stage("won"), given={"closed_on": clock.today().isoformat()})
    moving.advance(anna, record(second), stage=company.stage("lost"), given={"close_reason": "Price"})
    moving.advance(anna, record(third), stage=steps[1].id, given={})
    company.lead()
    company.call(customer)
    found = done(company)
    assert found["won"] == (1, 100_00)
    assert found["lost"] == (1, 100_00)
    assert found["moved_on"] == (1, None)
    assert found["new_opportunities"] == (3, 300_00)
    assert found["new_leads"] == (1, None)
    assert found["calls"] == (1, None)
    assert not {"won", "lost", "moved_on"} & set(done(company, "bob"))
    page = web.browser("anna").get("/work-reports/new?kind=daily").get_data(as_text=True)
    assert "Opportunities moved on" in page
    assert f"/opportunities/{first}" in page


@pytest.mark.parametrize("deputy", ["carl", None])
def test_who_stands_in_hears_instead_of_an_absent_manager(company: Company, deputy: str | None) -> None:
    anna, manager = company.cast.anna, company.cast.manager
    assert pools.manager_of(anna) == manager
    company.away("manager", deputy)
    expected = getattr(company.cast, deputy) if deputy else manager
    assert questions.there(manager) == expected
    assert pools.manager_of(anna) == expected
    assert escalating.manager_of(company.cast.north, anna) == expected


def test_two_who_stand_in_for_each_other(company: Company) -> None:
    company.away("manager", "bob")
    company.away("bob", "manager")
    assert questions.there(company.cast.manager) in (company.cast.manager, company.cast.bob)
    company_of_two = pools.manager_of(company.cast.bob)
    assert company_of_two == company.cast.manager  # nobody is told of themselves
