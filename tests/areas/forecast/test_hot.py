"""The hot list's order and words, and the API's answers."""

from __future__ import annotations

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.forecast.rules.hot import hot, score
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change
from tests.areas.forecast.scene import Company, on
from tests.client import Web


@pytest.mark.parametrize(
    ("chance", "days", "quiet", "heat"),
    [
        (90, 0, 0, 90),
        (90, -5, 7, 90),
        (90, 90, 0, 23),
        (80, 45, 8, 40),
        (50, 0, 31, 20),
        (50, 0, None, 20),
        (0, 0, 0, 0),
    ],
)
def test_heat_by_hand(chance: int, days: int, quiet: int | None, heat: int) -> None:
    assert score(chance, days, quiet) == heat


def spoken(company: Company, number: int) -> None:
    given = {
        "kind": "call", "subject": "Called", "about": {"type": "opportunities", "id": number}, "done_at": clock.stamp(),
        "owner": company.cast.anna, "customer": company.customer("anna"),
    }  # fmt: skip
    change.create(SYSTEM, Activity, given, trusted=True)


def test_the_list_says_why(company: Company) -> None:
    with on("2026-11-10"):
        far, near, cold, over, gone = (
            company.deal("10", close=close, stage="Quote sent")
            for close in ("2027-02-18", "2026-11-25", "2026-11-25", "2026-11-15", "2026-10-01")
        )
        for number in (far, near, over):
            spoken(company, number)
    company.win(company.deal("10"))
    found = hot(Which(SYSTEM), limit=10)
    assert [each.id for each in found] == [over, near, cold, far]
    assert gone not in {each.id for each in found}
    assert [each.score for each in found] == [score(each.chance, each.days, each.quiet) for each in found]
    assert found[0].reasons() == ["70 % likely", "was to close 5 days ago", "spoken about 10 days ago"]
    assert found[2].reasons() == ["70 % likely", "closes in 5 days", "never spoken about yet"]
    assert [each.id for each in hot(Which(SYSTEM), limit=2, skip=1)] == [near, cold]
    assert hot(Which(company.actor("carl")), limit=10) == []


def test_the_api(company: Company, web: Web) -> None:
    number = company.deal("100", stage="Quote sent")
    company.win(company.deal("50"))
    api = web.api("anna")
    body = api.get("/forecast?unit=month&n=1").json
    assert body["total"]["expected"] == "120.00"
    assert body["total"]["weighted"] == "70.00"
    assert body["rows"][0]["period"] == "2026-11"
    assert body["total"]["count"] == {"won": 1, "open": 1, "omitted": 0}
    assert {item["id"] for item in api.get("/forecast/behind?column=open").json["items"]} == {number}
    funnel = api.get("/forecast/funnel").json
    assert (funnel["win_rate"], funnel["won"], funnel["coverage"]) == ("1.0000", 1, None)
    moved = api.get("/forecast/moved").json
    assert (moved["start"], moved["end"]) == ("0.00", "100.00")
    assert api.get("/forecast/hot?limit=5").json["items"][0]["id"] == number
    for bad in ("?unit=week", "?nope=1", "?as_of=soon", "?person=99999", "?n=0"):
        assert api.get(f"/forecast{bad}").status_code == 400, bad
    assert web.api("nobody").get("/forecast").status_code == 403
    assert "/forecast/funnel" in api.get("/openapi.json").json["paths"]
