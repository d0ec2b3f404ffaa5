"""Where an opportunity stands: gates, endings, reopening, and what every door leaves in its history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.pipeline.records import Opportunity, Pipeline
from smallcrm.areas.pipeline.rules import moving, stages
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, Stale, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, questions, undo
from tests.areas.pipeline.scene import Company


def today(days: int = 0) -> str:
    return (clock.today() + dt.timedelta(days=days)).isoformat()


def refused(error: Any) -> str:
    return " ".join(text for said in error.value.errors.values() for text in said)


def test_a_new_one_begins_at_the_beginning(company: Company) -> None:
    """Without a stage it stands in the first one; number, chance, forecast and dates follow."""
    found = company.held(change.create(company.actor("anna"), Opportunity, {"name": "Pumps", "amount": "100"}))
    assert found["stage"] == company.stage["Found"]
    assert (found["pipeline"], found["state"], found["chance"], found["forecast"]) == (
        company.pipeline,
        "open",
        10,
        "pipeline",
    )
    assert found["opened_on"] == today()
    assert found["number"] == "O-00001"
    assert found["closed_on"] is None


def test_moving_takes_the_stages_chance(company: Company) -> None:
    """What was typed with the move is kept, what was typed before goes with the stage."""
    record = company.make(chance=55)
    assert company.held(record)["chance"] == 55
    record = moving.move(company.actor("anna"), record, stage=company.stage["Agreed"])
    assert company.held(record)["chance"] == 40
    record = moving.move(company.actor("anna"), record, stage=company.stage["Offered"], chance=65, forecast="commit")
    assert (company.held(record)["chance"], company.held(record)["forecast"]) == (65, "commit")
    assert company.history(record) == [("Found", "open", False), ("Agreed", "open", False), ("Offered", "open", True)]
    with pytest.raises(WrongState):
        moving.move(company.actor("anna"), record, stage=company.stage["Offered"])


def test_a_gate_asks_for_fields_and_ticks(company: Company) -> None:
    """Also of a stage that is skipped; losing asks for nothing of it; the refusal changes nothing."""
    company.set("Agreed", required_fields=["customer"], checklist=["Needs written down"])
    company.set("Offered", required_fields=["amount"])
    record = company.make()
    anna = company.actor("anna")
    with pytest.raises(Invalid) as error:
        moving.move(anna, record, stage=company.stage["Closing"])
    assert "Customer, Amount" in refused(error)
    assert "Needs written down" in refused(error)
    assert company.at(record) == "Found"
    with pytest.raises(Invalid):  # no other door either
        change.update(anna, record, {"stage": company.stage["Won"]})
    record = change.update(anna, company.record(record.id), {"customer": company.customer(), "amount": "5"})
    with pytest.raises(Invalid) as error:
        moving.win(anna, record)
    assert refused(error) == "First tick off: Needs written down."
    record = moving.move(anna, record, stage=company.stage["Agreed"])
    record = moving.tick(anna, record, item="Needs written down", done=True)
    record = moving.win(anna, record)
    assert company.at(record) == "Won"
    assert company.held(record)["closed_on"] == today()


def test_one_act_fills_ticks_and_moves(company: Company) -> None:
    """And leaves nothing behind when it is refused; one undo takes all of it back."""
    company.set("Found", checklist=["Called"])
    company.set("Agreed", required_fields=["amount"])
    record = company.make()
    anna = company.actor("anna")
    aim = company.stage["Agreed"]
    key = moving.tick_key(stages.steps()[company.stage["Found"]], "Called")
    with pytest.raises(Invalid):
        moving.advance(anna, record, stage=aim, given={}, ticks=[key])
    assert company.held(record)["ticked"] is None
    with changesets.opened(anna, "move") as mine:
        moving.advance(anna, company.record(record.id), stage=aim, given={"amount": "12.50"}, ticks=[key, "9:made up"])
    held = company.held(record)
    assert (company.at(record), held["amount"], held["ticked"]) == ("Agreed", 1250, [key])
    undo.undo(anna, mine.id)
    held = company.held(record)
    assert (company.at(record), held["amount"], held["ticked"]) == ("Found", None, None)
    assert company.history(record) == [("Found", "open", True)]


def test_only_some_roles(company: Company) -> None:
    """A stage kept for a role: everybody else is told so; the owner may everything."""
    manager = store.value('SELECT role FROM "user" WHERE id = ?', [company.cast.manager])
    company.set("Closing", roles=[manager])
    record = company.make()
    with pytest.raises(Invalid) as error:
        moving.move(company.actor("anna"), record, stage=company.stage["Closing"])
    assert "Manager" in refused(error)
    assert company.at(moving.move(company.actor("manager"), record, stage=company.stage["Closing"])) == "Closing"
    other = company.make("Valves")
    assert company.at(moving.move(company.actor("owner"), other, stage=company.stage["Closing"])) == "Closing"


def test_back_moves_are_a_setting(company: Company) -> None:
    """Open stages may be gone back unless the pipeline says otherwise."""
    record = company.make(stage="Offered")
    record = moving.move(company.actor("anna"), record, stage=company.stage["Found"])
    change.update(SYSTEM, access.find(SYSTEM, Pipeline, company.pipeline), {"back_moves": False}, trusted=True)
    record = moving.move(company.actor("anna"), record, stage=company.stage["Agreed"])
    with pytest.raises(Invalid):
        moving.move(company.actor("anna"), record, stage=company.stage["Found"])
    assert company.at(moving.lose(company.actor("anna"), record, close_reason="price")) == "Lost"


def test_losing_takes_a_reason(company: Company) -> None:
    """Where the pipeline asks for one; what was lost can be asked about again."""
    record = company.make()
    with pytest.raises(Invalid) as error:
        moving.lose(company.actor("anna"), record)
    assert list(error.value.errors) == ["close_reason"]
    record = moving.lose(company.actor("anna"), record, close_reason="price", ask_again_on=today(180))
    held = company.held(record)
    assert (held["state"], held["chance"], held["forecast"], held["ask_again_on"]) == ("lost", 0, "omitted", today(180))
    change.update(SYSTEM, access.find(SYSTEM, Pipeline, company.pipeline), {"reason_needed": False}, trusted=True)
    assert company.at(moving.lose(company.actor("anna"), company.make("Valves"))) == "Lost"


def test_what_is_over_stays_over(company: Company) -> None:
    """No door but reopening, which is for who leads others and takes a reason; it stands where it stood."""
    record = moving.move(company.actor("anna"), company.make(), stage=company.stage["Offered"])
    record = moving.lose(company.actor("anna"), record, close_reason="price")
    for act in (
        lambda: moving.move(company.actor("owner"), record, stage=company.stage["Agreed"]),
        lambda: change.update(company.actor("anna"), record, {"stage": company.stage["Won"]}),
    ):
        with pytest.raises(Invalid) as error:
            act()
        assert refused(error) == "It is over. Reopen it first."
    with pytest.raises(WrongState):
        moving.win(company.actor("manager"), record)
    with pytest.raises(Forbidden):
        moving.reopen(company.actor("anna"), record, reason="They called")
    with pytest.raises(Invalid):
        moving.reopen(company.actor("manager"), record, reason="  ")
    record = moving.reopen(company.actor("manager"), record, reason="They called")
    held = company.held(record)
    assert (company.at(record), held["closed_on"], held["close_reason"], held["chance"]) == ("Offered", None, None, 70)
    told = store.value("SELECT reason FROM stage_history WHERE opportunity = ? AND until IS NULL", [int(record.id)])
    assert told == "They called"
    with pytest.raises(WrongState):
        moving.reopen(company.actor("manager"), record, reason="again")


def test_dates_of_an_ending(company: Company) -> None:
    """Not before it began, not ahead of today; an open one has none."""
    record = company.make(opened_on=today(-10))
    for day, why in ((today(1), "has not come"), (today(-11), "began on a later day")):
        with pytest.raises(Invalid) as error:
            moving.win(company.actor("anna"), record, closed_on=day)
        assert why in refused(error)
    record = moving.win(company.actor("anna"), record, closed_on=today(-3))
    assert company.held(record)["closed_on"] == today(-3)


def test_putting_off_is_counted(company: Company) -> None:
    """Each time it is to close later; earlier or the same does not count."""
    record = company.make(expected_close=today(10))
    for day, n in ((today(20), 1), (today(20), 1), (today(15), 1), (today(40), 2)):
        record = change.update(company.actor("anna"), company.record(record.id), {"expected_close": day})
        assert company.held(record)["pushed"] == n


def test_brought_in_from_elsewhere(company: Company) -> None:
    """A list's closed ones come with their dates, without gates or reasons; their history says the way they went."""
    company.set("Won", required_fields=["customer"])
    rows = [
        {
            "name": "Old win",
            "stage": company.stage["Won"],
            "opened_on": "2024-01-10",
            "closed_on": "2024-03-01",
            "amount": "10",
        },
        {"name": "Old loss", "stage": company.stage["Lost"], "opened_on": "2024-01-10", "closed_on": "2024-02-01"},
        {"name": "Running", "stage": company.stage["Offered"], "opened_on": "2024-02-10", "closed_on": "2027-05-01"},
        {"name": "Backwards", "stage": company.stage["Won"], "opened_on": "2024-05-01", "closed_on": "2024-04-01"},
    ]
    with changesets.opened(company.actor("owner"), "import"):
        outcome = change.create_many(company.actor("owner"), Opportunity, rows)
    made = {draft.after["name"]: draft.id for draft in outcome.written}
    win = company.record(made["Old win"], "owner")
    assert company.history(win) == [("Found", "open", False), ("Won", "won", True)]
    stays = store.rows("SELECT at, until FROM stage_history WHERE opportunity = ? ORDER BY id", [made["Old win"]])
    assert [at[:10] for at, _ in stays] == ["2024-01-10", "2024-03-01"]
    assert stays[0][1] == stays[1][0]
    running = company.held(company.record(made["Running"], "owner"))
    assert (running["closed_on"], running["expected_close"]) == (None, "2027-05-01")
    assert company.held(company.record(made["Old loss"], "owner"))["close_reason"] is None
    assert (
        "Backwards" not in made or company.held(company.record(made["Backwards"], "owner"))["opened_on"] <= "2024-04-01"
    )


def test_a_later_version_wins(company: Company) -> None:
    """Two move it at once: the second is told, nothing is lost."""
    record = company.make()
    moving.move(company.actor("anna"), record, stage=company.stage["Agreed"], version=int(record.version))
    with pytest.raises(Stale):
        moving.move(company.actor("manager"), record, stage=company.stage["Offered"], version=int(record.version))
    assert company.at(record) == "Agreed"


def test_the_bin(company: Company) -> None:
    """What is deleted leaves the history's present; brought back, it stands where it stood."""
    record = company.make()
    binned = change.delete(company.actor("anna"), record)
    assert company.history(binned) == [("Found", "open", False)]
    back = change.restore(company.actor("anna"), binned)
    assert company.at(back) == "Found"
    assert [now for *_, now in company.history(back)][-1] is True or store.value(
        "SELECT count(*) FROM stage_history WHERE opportunity = ? AND until IS NULL", [int(back.id)]
    ) == 1


def test_what_a_customer_is_asked(company: Company) -> None:
    """Open business, the latest opportunity and the first deal, for the pool and for figures."""
    customer = company.customer()
    assert questions.ask(questions.OPEN_BUSINESS, "customer", [customer]) == [{}]
    record = company.make(customer=customer)
    assert customer in questions.ask(questions.OPEN_BUSINESS, "customer", [customer])[0]
    assert questions.ask(questions.OPPORTUNITY, "customer", [customer])[0][customer][1] is True
    moving.win(company.actor("anna"), record)
    assert questions.ask(questions.OPEN_BUSINESS, "customer", [customer]) == [{}]
    deal = questions.ask(questions.DEAL, "customer", [customer])[0][customer]
    assert clock.day_of(clock.moment(deal)) == clock.today()
