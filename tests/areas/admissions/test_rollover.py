"""The next term: who gets an application, who is left out, one undo, and two who press at once."""

from __future__ import annotations

import pytest

from smallcrm import store
from smallcrm.areas.admissions.rules import rollover
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.records import changesets, undo
from tests.areas.admissions.scene import School
from tests.client import Web

PAGE = "/admissions/next-term"


def enrolled(school: School, *names: str, part: str = "anna") -> list[int]:
    """Students enrolled in the autumn."""
    return [
        int(school.application(school.student(name, part), "won", part=part).__data__["customer"]) for name in names
    ]


def of_next(school: School) -> list[tuple[int, str, str, int]]:
    sql = "SELECT customer, name, state, owner FROM opportunity WHERE intake = ? AND deleted_at IS NULL ORDER BY name"
    return store.rows(sql, [school.next])


def test_everybody_enrolled_gets_one_and_only_once(school: School) -> None:
    ann, ben = enrolled(school, "Ann", "Ben")
    school.application(school.student("Not enrolled"), "offer")
    actor = school.actor()
    found = rollover.plan(actor, of=school.autumn, to=school.next)
    assert (found.enrolled, found.have, [each.student for each in found.students]) == (2, 0, [ann, ben])
    assert rollover.roll(actor, of=school.autumn, to=school.next, stage=school.stage["application"]) == 2
    assert of_next(school) == [
        (ann, "Ann · Autumn 2028", "open", school.cast.anna),
        (ben, "Ben · Autumn 2028", "open", school.cast.anna),
    ]
    assert rollover.roll(actor, of=school.autumn, to=school.next, stage=school.stage["application"]) == 0
    assert rollover.plan(actor, of=school.autumn, to=school.next).have == 2


@pytest.mark.parametrize("path", [(), ("offer",), ("lost",)])
def test_whoever_has_one_in_any_state_is_left_out(school: School, path: tuple[str, ...]) -> None:
    (ann,) = enrolled(school, "Ann")
    student = school.student("Ben")
    school.application(student, "won")
    school.application(student, *path, intake=school.next)
    rollover.roll(school.actor(), of=school.autumn, to=school.next, stage=school.stage["inquiry"])
    assert [row[0] for row in of_next(school)].count(int(student.id)) == 1
    assert ann in [row[0] for row in of_next(school)]


def test_one_undo_takes_all_back(school: School) -> None:
    enrolled(school, "Ann", "Ben", "Cleo")
    actor = school.actor()
    with changesets.opened(actor, "form") as mine:
        rollover.roll(actor, of=school.autumn, to=school.next, stage=school.stage["inquiry"])
    assert len(of_next(school)) == 3
    undo.undo(actor, mine.id)
    assert of_next(school) == []
    assert rollover.plan(actor, of=school.autumn, to=school.next).have == 0


def test_only_within_reach_and_only_for_those_who_may(school: School) -> None:
    (ann,) = enrolled(school, "Ann")
    enrolled(school, "Carla", part="carl")
    assert [
        each.student for each in rollover.plan(school.actor("anna"), of=school.autumn, to=school.next).students
    ] == [ann]
    assert rollover.plan(school.actor("owner"), of=school.autumn, to=school.next).enrolled == 2
    with pytest.raises(Forbidden):
        rollover.roll(school.actor("reader"), of=school.autumn, to=school.next, stage=school.stage["inquiry"])


def test_two_terms_and_an_open_stage_are_needed(school: School) -> None:
    for of, to, stage in (
        (school.autumn, school.autumn, "inquiry"), (school.autumn, 999, "inquiry"), (school.autumn, school.next, "won"),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            rollover.roll(school.actor(), of=of, to=to, stage=school.stage[stage])


def test_a_leavers_students_go_to_whoever_rolls_over(school: School) -> None:
    from smallcrm.areas.people.records import User
    from smallcrm.identity.actor import SYSTEM
    from smallcrm.records import access, change

    enrolled(school, "Ann", part="bob")
    change.update(SYSTEM, access.find(SYSTEM, User, school.cast.bob), {"active": False}, trusted=True)
    rollover.roll(school.actor("owner"), of=school.autumn, to=school.next, stage=school.stage["inquiry"])
    assert of_next(school)[0][3] == school.cast.owner


def test_the_page_previews_then_makes_the_chosen_once(school: School, web: Web) -> None:
    ann, ben = enrolled(school, "Ann", "Ben")
    anna = web.browser("anna")
    seen = anna.get(f"{PAGE}?of={school.autumn}&to={school.next}").get_data(as_text=True)
    assert f'name="student" value="{ann}" checked' in seen
    assert of_next(school) == []
    form = {
        "of": school.autumn, "to": school.next, "stage": school.stage["submitted"], "student": [str(ann)],
        "once": "a-form-of-its-own-0001",
    }  # fmt: skip
    first, second = anna.post(PAGE, form), anna.post(PAGE, form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert [row[0] for row in of_next(school)] == [ann]
    assert anna.post(PAGE, {**form, "student": [], "once": ""}).status_code == 422
    left = anna.get(f"{PAGE}?of={school.autumn}&to={school.next}").get_data(as_text=True)
    assert f'value="{ben}"' in left
    assert f'value="{ann}" checked' not in left
    assert web.browser("reader").get(PAGE).status_code == 403
    assert anna.get(f"{PAGE}?of=x&to=-1&stage=9999999999999999").status_code == 200
