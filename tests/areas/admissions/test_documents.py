"""The document checklist: asked, received, checked, refused; what is missing, what a stage waits for, who said so."""

from __future__ import annotations

import io

import pytest

from smallcrm.areas.admissions.records import Document, Paper
from smallcrm.areas.admissions.rules import documents
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, figures, undo
from smallcrm.records.figures import Spec
from smallcrm.records.record import Record, values
from tests.areas.admissions.scene import School
from tests.client import Web


def missing(school: School, record: Record) -> int | None:
    found: int | None = school.held(record)["papers_missing"]
    return found


def test_nothing_is_missing_where_nothing_is_asked(school: School) -> None:
    assert missing(school, school.application()) is None


def test_what_is_missing_is_counted_as_it_comes(school: School) -> None:
    made, actor = school.application(), school.actor()
    birth, marks = school.document("Birth certificate"), school.document("Marks")
    assert missing(school, made) == 2, "documents asked for later are asked of open applications too"
    for state, left in (("received", 1), ("checked", 1), ("refused", 2), ("asked", 2), ("checked", 1)):
        documents.put(actor, made, document=birth, state=state)
        assert missing(school, made) == left, state
    documents.put(actor, made, document=marks, state="received", note="a copy")
    assert missing(school, made) == 0
    assert missing(school, school.application()) == 2


def test_who_and_when_are_written_down_and_undo_takes_it_back(school: School) -> None:
    made, birth = school.application(), school.document("Birth certificate")
    actor = school.actor()
    with changesets.opened(actor, "form") as mine:
        documents.put(actor, made, document=birth, state="received")
    held = documents.lines(int(made.id), school.pipeline)[0].paper
    assert held is not None
    assert held["set_by"] == school.cast.anna
    assert held["set_at"].startswith("2027-03-01T09:00")
    undo.undo(actor, mine.id)
    assert missing(school, made) == 1


def test_each_pipeline_asks_for_its_own(school: School) -> None:
    other = stages.add(school.actor("owner"), name="Evening courses", ready="education")
    school.document("Everywhere")
    mine = school.document("Here only", pipeline=school.pipeline)
    first = next(iter(stages.every()[other].open_steps))
    made = school.application(stage=first.id)
    assert [each.asked.name for each in documents.lines(int(made.id), other)] == ["Everywhere"]
    assert missing(school, made) == 1
    with pytest.raises(Invalid):
        documents.put(school.actor(), made, document=mine, state="received")
    with pytest.raises(Invalid) as wrong:
        school.document("Crossed", pipeline=school.pipeline, before_stage=first.id)
    assert "before_stage" in wrong.value.errors


def test_a_stage_waits_for_it_also_when_it_is_jumped_over(school: School) -> None:
    birth = school.document("Birth certificate", before_stage=school.stage["offer"])
    made = school.application(None, "submitted")
    for step in ("offer", "deposit", "won"):
        with pytest.raises(Invalid, match="Birth certificate") as wrong:
            school.move(made, step)
        assert "stage" in wrong.value.errors
    documents.put(school.actor(), made, document=birth, state="refused")
    with pytest.raises(Invalid):
        school.move(made, "offer")
    documents.put(school.actor(), made, document=birth, state="received")
    school.move(made, "offer")
    assert values(school.again(made))["stage"] == school.stage["offer"]


def test_losing_waits_for_nothing(school: School) -> None:
    school.document("Birth certificate", before_stage=school.stage["contacted"])
    assert school.held(school.application(None, "lost"))["state"] == "lost"


def test_one_that_is_switched_off_is_owed_by_nobody(school: School) -> None:
    made, birth = school.application(), school.document("Birth certificate", before_stage=school.stage["offer"])
    change.update(school.actor("owner"), access.find(SYSTEM, Document, birth), {"enabled": False})
    assert missing(school, made) is None
    school.move(made, "offer")


def test_how_many_are_complete(school: School) -> None:
    birth = school.document("Birth certificate")
    for n in range(4):
        made = school.application(school.student(f"Student {n}"))
        if n == 0:
            documents.put(school.actor(), made, document=birth, state="checked")
    found = figures.ask(school.actor("owner"), Spec("opportunity", "complete")).total.value
    assert found == 25


def test_one_line_for_a_document_and_only_whoever_may_change_the_application(school: School) -> None:
    made, birth = school.application(), school.document("Birth certificate")
    documents.put(school.actor(), made, document=birth, state="asked")
    with pytest.raises(Invalid):
        change.create(school.actor(), Paper, {"opportunity": int(made.id), "document": birth, "state": "asked"})
    with pytest.raises(Forbidden):
        documents.put(school.actor("reader"), made, document=birth, state="checked")
    with pytest.raises(Invalid):
        documents.put(school.actor(), made, document=birth, state="eaten by the dog")


def test_the_dialog_takes_a_file_along(school: School, web: Web) -> None:
    made, birth = school.application(), school.document("Birth certificate")
    anna = web.browser("anna")
    url = f"/opportunities/{made.id}/documents/{birth}"
    assert anna.get(url).status_code == 200
    sent = anna.post(
        url, {"state": "received", "note": "certified", "upload": (io.BytesIO(b"%PDF-1.4\nhello"), "birth.pdf")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert sent.status_code in (200, 303)
    page = anna.get(f"/opportunities/{made.id}").get_data(as_text=True)
    assert "birth.pdf" in page
    assert "certified" in page
    bad = anna.post(url, {"state": "nonsense", "file": "999", "note": "kept words"})
    assert bad.status_code == 422
    assert "kept words" in bad.get_data(as_text=True)
    assert (
        anna.post(
            url, {"state": "received", "upload": (io.BytesIO(b""), "empty.pdf")}, content_type="multipart/form-data"
        ).status_code
        == 422
    )
    for part, status in (("bob", 404), ("reader", 403)):
        assert web.browser(part).post(url, {"state": "checked"}).status_code == status
    assert anna.get(f"/opportunities/{made.id}/documents/999").status_code == 404
