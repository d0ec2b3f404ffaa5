"""A first inquiry on one page: student, guardian and application at once; whoever is here already is shown first."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.admissions.rules import family
from tests.areas.admissions.scene import School
from tests.client import Web

PAGE = "/admissions/inquiry"
FORM: dict[str, Any] = {
    "student_name": "Maria Petrou", "student_birthday": "2012-03-04", "guardian_name": "Sofia Petrou", "guardian_mobile": "+306971234567",
    "application_source": "Open day", "pays": ["", "1"],
}  # fmt: skip


def counts() -> tuple[int, int, int]:
    found = [
        int(store.value(f'SELECT count(*) FROM "{table}" WHERE deleted_at IS NULL'))
        for table in ("customer", "contact", "opportunity")
    ]
    return found[0], found[1], found[2]


def test_all_three_at_once_and_once_only(school: School, web: Web) -> None:
    anna = web.browser("anna")
    assert anna.get(PAGE).status_code == 200
    form = {**FORM, "application_intake": school.next, "once": "one-inquiry-only-0001"}
    first, second = anna.post(PAGE, form), anna.post(PAGE, form)
    assert first.status_code == 303
    assert counts() == (1, 1, 1)
    assert second.headers["Location"] == first.headers["Location"]
    row = store.row(
        "SELECT o.intake, o.source, c.intake, c.kind, c.id FROM opportunity o JOIN customer c ON c.id = o.customer"
    )
    assert row is not None
    assert row[:4] == (school.next, "Open day", school.next, "person")
    from smallcrm.areas.customers.records import Customer
    from smallcrm.records import access

    found = family.guardians(school.actor(), access.find(school.actor(), Customer, row[4]))
    assert [(each.name, each.pays, each.may_contact) for each in found] == [("Sofia Petrou", True, True)]


def test_who_is_here_already_is_shown_before_anything_is_made(school: School, web: Web) -> None:
    anna = web.browser("anna")
    anna.post(PAGE, FORM)
    again = {**FORM, "student_name": "Petrou Maria", "guardian_name": ""}
    asked = anna.post(PAGE, again)
    assert asked.status_code == 422
    page = asked.get_data(as_text=True)
    assert "same name and date of birth" in page
    assert "same telephone of a guardian" in page
    assert counts() == (1, 1, 1)
    assert anna.post(PAGE, {**again, "known": "1"}).status_code == 303
    assert counts() == (1, 1, 2), "an application of the student who is here"


def test_a_sibling_is_a_new_student_of_the_same_guardian(school: School, web: Web) -> None:
    anna = web.browser("anna")
    anna.post(PAGE, FORM)
    other = {**FORM, "student_name": "Nikos Petrou", "student_birthday": "2014-05-06", "known": "new"}
    assert anna.post(PAGE, other).status_code == 303
    assert counts() == (2, 1, 2), "one guardian of both"
    from smallcrm.areas.customers.records import Customer
    from smallcrm.records import access

    actor = school.actor()
    assert [each.name for each in family.siblings(actor, access.find(actor, Customer, 1))] == ["Nikos Petrou"]


def test_what_cannot_be_read_is_said_at_its_place_and_nothing_is_made(school: School, web: Web) -> None:
    anna = web.browser("anna")
    for wrong, said in (
        ({"student_name": ""}, "i-student_name"), ({"student_birthday": "31/31/31"}, "i-student_birthday"),
        ({"guardian_name": "", "guardian_email": "sofia@example.gr", "guardian_mobile": ""}, "i-guardian_name"),
        ({"application_intake": "999"}, "i-application_intake"), ({"known": "999"}, ""),
    ):  # fmt: skip
        bad = anna.post(PAGE, {**FORM, **wrong})
        assert bad.status_code in (404, 422), wrong
        assert said in bad.get_data(as_text=True)
        assert counts() == (0, 0, 0), wrong
    assert web.browser("reader").get(PAGE).status_code == 403
    assert web.browser("reader").post(PAGE, FORM).status_code == 403
