"""Guardians of several students, who pays and may be contacted, siblings through them; and what makes two students likely one."""

from __future__ import annotations

import pytest

from smallcrm.areas.admissions.rules import family, same
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.rules import consent
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.records import changesets, duplicates, undo
from tests.areas.admissions.scene import School
from tests.client import Web

MOBILE = "+306971234567"


def test_several_guardians_who_pays_first(school: School) -> None:
    student, actor = school.student(), school.actor()
    school.guardian("Nikos Petrou", student)
    family.add_guardian(actor, student, given={"name": "Sofia Petrou"}, pays=True, may_contact=False, note="mother")
    found = family.guardians(actor, student)
    assert [(each.name, each.pays, each.may_contact) for each in found] == [
        ("Sofia Petrou", True, False), ("Nikos Petrou", False, True),
    ]  # fmt: skip


def test_whoever_withdrew_consent_is_not_contacted(school: School) -> None:
    student, actor = school.student(), school.actor()
    number = family.add_guardian(actor, student, given={"name": "Sofia", "mobile": MOBILE}, may_contact=True)
    assert family.guardians(actor, student)[0].may_contact
    from smallcrm.areas.customers.records import Contact
    from smallcrm.records import access

    consent.note(
        actor, access.find(actor, Contact, number), purpose="service", channels=["phone"], state="withdrawn", on=None
    )
    found = family.guardians(actor, student)[0]
    assert not found.may_contact
    assert "withdrawn" in found.why_not


def test_siblings_through_a_shared_guardian_both_ways(school: School) -> None:
    actor = school.actor()
    maria, nikos, other = school.student("Maria"), school.student("Nikos"), school.student("Other")
    sofia = family.add_guardian(actor, maria, given={"name": "Sofia"})
    family.add_guardian(actor, nikos, contact=sofia)
    school.guardian("Somebody else", other)
    assert [(each.name, each.through) for each in family.siblings(actor, maria)] == [("Nikos", ("Sofia",))]
    assert [each.name for each in family.siblings(actor, nikos)] == ["Maria"]
    assert family.siblings(actor, other) == []


def test_a_sibling_out_of_reach_stays_unknown(school: School) -> None:
    actor = school.actor("anna")
    maria = school.student("Maria")
    sofia = family.add_guardian(actor, maria, given={"name": "Sofia"})
    nikos = school.student("Nikos", "carl")
    family.add_guardian(school.actor("owner"), nikos, contact=sofia)
    assert family.siblings(actor, maria) == []
    assert [each.name for each in family.siblings(school.actor("owner"), maria)] == ["Nikos"]


def test_a_sibling_in_one_step_with_the_same_guardians(school: School) -> None:
    actor = school.actor()
    maria = school.student("Maria", city="Athens", address="Ermou 1")
    family.add_guardian(actor, maria, given={"name": "Sofia"}, pays=True, may_contact=False)
    school.guardian("Nikos senior", maria)
    with changesets.opened(actor, "form") as mine:
        made = family.add_sibling(actor, maria, given={"name": "Eleni", "birthday": "2015-04-01"})
    held = school.held(made)
    assert (held["city"], held["address"], held["kind"]) == ("Athens", "Ermou 1", "person")
    assert [(each.name, each.pays, each.may_contact) for each in family.guardians(actor, made)] == [
        ("Sofia", True, False), ("Nikos senior", False, True),
    ]  # fmt: skip
    assert [each.name for each in family.siblings(actor, maria)] == ["Eleni"]
    undo.undo(actor, mine.id)
    assert family.siblings(actor, maria) == []


def test_only_whoever_may_change_the_student(school: School) -> None:
    student = school.student()
    with pytest.raises(Forbidden):
        family.add_guardian(school.actor("reader"), student, given={"name": "Sofia"})
    with pytest.raises(Invalid):
        family.add_guardian(school.actor(), student, given={"name": " "})
    with pytest.raises(Invalid):
        family.add_guardian(school.actor(), student, contact=999)


def test_the_pages(school: School, web: Web) -> None:
    student, anna = school.student(), web.browser("anna")
    base = f"/customers/{student.id}"
    for part in ("guardians", "siblings"):
        assert anna.get(f"{base}/{part}/new").status_code == 200
        assert web.browser("bob").get(f"{base}/{part}/new").status_code == 404
    form = {
        "name": "Sofia Petrou",
        "mobile": MOBILE,
        "pays": ["", "1"],
        "may_contact": ["", "1"],
        "once": "only-one-guardian-0001",
    }
    assert anna.post(f"{base}/guardians/new", form).status_code in (200, 303)
    assert anna.post(f"{base}/guardians/new", form).status_code in (200, 303)
    found = family.guardians(school.actor(), student)
    assert [(each.name, each.pays, each.may_contact) for each in found] == [("Sofia Petrou", True, True)]
    bad = anna.post(f"{base}/guardians/new", {"name": "", "mobile": "abc", "note": "kept words"})
    assert bad.status_code == 422
    assert "kept words" in bad.get_data(as_text=True)
    assert anna.post(f"{base}/siblings/new", {"name": "Eleni Petrou", "birthday": "2015-04-01"}).status_code in (
        200,
        303,
    )
    page = anna.get(base).get_data(as_text=True)
    assert "Eleni Petrou" in page
    assert "Sofia Petrou" in page
    assert anna.post(f"{base}/siblings/new", {"name": ""}).status_code == 422


def test_name_and_date_of_birth_make_two_students_likely_one(school: School) -> None:
    school.student("Μαρία Πέτρου", birthday="2012-03-04")
    actor = school.actor()
    found = duplicates.find(actor, Customer, {"name": "ΠΕΤΡΟΥ ΜΑΡΙΑ", "birthday": "2012-03-04", "kind": "person"})
    assert [match.by[0] for match in found] == ["born"]
    assert not any(
        "born" in match.by
        for match in duplicates.find(actor, Customer, {"name": "Μαρία Πέτρου", "birthday": "2013-03-04"})
    )


def test_a_changed_birthday_changes_the_key(school: School) -> None:
    from smallcrm.records import change

    student, actor = school.student("Maria Petrou", birthday="2012-03-04"), school.actor()
    change.update(actor, student, {"birthday": "2012-03-05"})
    asked = {"name": "Maria Petrou", "kind": "person"}
    assert "born" not in duplicates.find(actor, Customer, {**asked, "birthday": "2012-03-04"})[0].by
    assert "born" in duplicates.find(actor, Customer, {**asked, "birthday": "2012-03-05"})[0].by


def test_a_guardians_telephone_finds_the_student(school: School) -> None:
    student = school.student("Maria Petrou")
    school.guardian("Sofia", student, mobile=MOBILE)
    found = same.students(school.actor(), name="Somebody Quite Different", birthday=None, mobile="0030 697 123 4567")
    assert [(number, by) for number, _, by in found] == [(int(student.id), ("guardian",))]
    assert same.students(school.actor("carl"), name="Somebody", birthday=None, mobile=MOBILE) == []
