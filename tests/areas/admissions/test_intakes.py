"""Intakes: carried by students and applications, in lists and on every report; absent where the company is no school."""

from __future__ import annotations

import pytest

from smallcrm.areas.admissions.records import Intake
from smallcrm.areas.admissions.settings import ON
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, cache, change, changesets, settings, undo
from smallcrm.records.custom import fields_of
from tests.areas.admissions.scene import School
from tests.cast import Cast
from tests.client import Web


def test_an_application_takes_its_students_intake(school: School) -> None:
    student = school.student(intake=school.next)
    assert school.held(school.application(student, intake=None))["intake"] == school.next


def test_a_student_without_one_takes_the_applications(school: School) -> None:
    student = school.student()
    school.application(student, intake=school.next)
    assert school.held(student)["intake"] == school.next
    school.application(student, intake=school.autumn)
    assert school.held(student)["intake"] == school.next, "an application alone changes nothing that is known"


def test_an_enrolment_sets_the_students_and_undo_takes_it_back(school: School) -> None:
    student = school.student(intake=school.autumn)
    made = school.application(student, intake=school.next)
    actor = school.actor()
    with changesets.opened(actor, "move") as mine:
        school.move(made, "won")
    assert school.held(student)["intake"] == school.next
    undo.undo(actor, mine.id)
    assert school.held(student)["intake"] == school.autumn


def test_the_only_one_that_takes_applications_is_meant(school: School) -> None:
    change.update(school.actor("owner"), access.find(SYSTEM, Intake, school.next), {"active": False})
    assert school.held(school.application(intake=None))["intake"] == school.autumn


def test_days_in_order_and_none_deleted_that_is_used(school: School) -> None:
    with pytest.raises(Invalid) as wrong:
        school.intake("Backwards", "2027-09-01", last_day="2027-08-31")
    assert "last_day" in wrong.value.errors
    school.application()
    owner = school.actor("owner")
    with pytest.raises(Invalid):
        change.delete(owner, access.find(owner, Intake, school.autumn))
    change.delete(owner, access.find(owner, Intake, school.next))


def test_it_is_a_column_a_filter_and_a_choice_on_every_report(school: School, web: Web) -> None:
    school.application(school.student("Ann Early"), "won", intake=school.autumn, amount="100")
    school.application(school.student("Ben Later"), "won", intake=school.next, amount="200")
    owner = web.browser("owner")
    listed = owner.get(
        f'/opportunities?view=all&filter={{"all":[{{"field":"intake","op":"eq","value":{school.next}}}]}}'
    )
    text = listed.get_data(as_text=True)
    assert "Ben Later" in text
    assert "Ann Early" not in text
    assert "Autumn 2028" in text
    for key in ("sales", "pipeline", "won-lost", "admissions"):
        assert 'id="pick-intake"' in (page := owner.get(f"/reports/{key}").get_data(as_text=True)), key
        assert "Autumn 2027" in page
    assert "300" in owner.get("/reports/sales?period=").get_data(as_text=True)
    narrowed = owner.get(f"/reports/sales?period=&intake={school.next}").get_data(as_text=True)
    assert "200" in narrowed
    assert "300" not in narrowed
    assert owner.get(f"/reports/admissions/excel?intake={school.next}").status_code == 200
    assert owner.get("/reports/sales?intake=hello").status_code == 200


def test_nothing_of_it_where_the_company_is_no_school(cast: Cast, web: Web) -> None:
    assert "intake" not in fields_of(Customer)
    assert {"intake", "furthest", "papers_missing"}.isdisjoint(fields_of(Opportunity))
    with pytest.raises(Forbidden):
        change.create(cast.actor("owner"), Intake, {"name": "Autumn", "first_day": "2027-09-01"})
    owner = web.browser("owner")
    page = owner.get("/customers").get_data(as_text=True)
    assert "/intakes" not in page
    assert "/admissions" not in page
    for url in ("/admissions/next-term", "/admissions/inquiry", "/reports/admissions"):
        assert owner.get(url).status_code == 404, url
    assert owner.get("/intakes").status_code == 404
    assert web.api("owner").get("/intakes").status_code == 404
    assert 'id="pick-intake"' not in owner.get("/reports/sales").get_data(as_text=True)


def test_switched_off_and_on_again_nothing_is_lost(school: School, web: Web) -> None:
    made = school.application(None, "offer")
    owner = web.browser("owner")
    off = owner.post("/settings/admissions", {"admissions_on": "", "admissions_tour_moves": ["", "1"]})
    assert off.status_code == 303
    cache.current()
    assert not settings.get(ON)
    assert owner.get("/admissions/inquiry").status_code == 404
    school.move(made, "deposit")
    assert (
        owner.post("/settings/admissions", {"admissions_on": ["", "1"], "admissions_tour_moves": ["", "1"]}).status_code
        == 303
    )
    cache.current()
    assert owner.get("/admissions/inquiry").status_code == 200
    assert school.held(made)["furthest"] == "deposit", "what happened meanwhile counts"
    assert web.browser("anna").post("/settings/admissions", {"admissions_on": ""}).status_code == 403
