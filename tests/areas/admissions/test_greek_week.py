"""An admissions secretary's week, played through the pages in Greek, from the set-up of the school to the next term."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from smallcrm import store
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change
from smallcrm.records.record import by_key
from tests.areas.admissions.scene import School
from tests.cast import Cast
from tests.client import Browser, Web


@contextmanager
def on(day: str) -> Iterator[None]:
    """At nine on a day."""
    with clock.at(dt.datetime.fromisoformat(f"{day}T09:00:00+00:00")):
        yield


def in_greek(cast: Cast) -> None:
    """The secretary and the owner read Greek."""
    for user in (cast.anna, cast.owner):
        change.update(SYSTEM, access.find(SYSTEM, by_key("user"), user), {"language": "el"}, trusted=True)


def page(browser: Browser, url: str, *said: str) -> str:
    """A page that says all this."""
    answer = browser.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    text = answer.get_data(as_text=True)
    for each in said:
        assert each in text, (url, each)
    return text


def sent(browser: Browser, url: str, form: dict[str, object]) -> str:
    """A form that is taken; where it leads."""
    answer = browser.post(url, form)
    assert answer.status_code in (200, 204, 303), (
        url,
        answer.status_code,
        re.findall(r"f-msg[^\n]*", answer.get_data(as_text=True)),
    )
    return answer.headers.get("Location", "") or answer.headers.get("HX-Redirect", "")


def stage(school: School, application: int) -> int:
    found: int = store.value("SELECT stage FROM opportunity WHERE id = ?", [application])
    return found


def figures(browser: Browser) -> dict[str, str]:
    """The numbers of the admissions report by their Greek names."""
    text = page(browser, "/reports/admissions")
    found = re.findall(r"<dt>(?:<a[^>]*>)?([^<]+)(?:</a>)?.*?</dt>\s*<dd>(?:<a[^>]*>)?([^<]+)", text, re.S)
    return {name.strip(): value.strip() for name, value in found}


def test_the_week(school: School, cast: Cast, web: Web) -> None:
    in_greek(cast)
    anna, owner = web.browser("anna"), web.browser("owner")

    with on("2027-03-01"):  # Monday: the owner asks for documents, the telephone rings twice
        sent(owner, "/documents/new", {"name": "Πιστοποιητικό γέννησης", "before_stage": str(school.stage["offer"])})
        sent(owner, "/documents/new", {"name": "Αποδεικτικό σπουδών"})
        page(anna, "/admissions/inquiry", "Νέο ενδιαφέρον", "Περίοδος εγγραφής", "Κινητό")
        asked = {
            "student_name": "Μαρία Παπαδοπούλου", "student_birthday": "2015-05-10", "guardian_name": "Σοφία Παπαδοπούλου",
            "guardian_mobile": "+30 697 123 4567", "pays": ["", "1"], "application_intake": school.autumn,
            "application_source": "Σύσταση",
        }  # fmt: skip
        maria = int(sent(anna, "/admissions/inquiry", asked).rpartition("/")[2])
        again = anna.post(
            "/admissions/inquiry", {**asked, "student_name": "Γιώργος Παπαδόπουλος", "student_birthday": "2017-01-02"}
        )
        assert again.status_code == 422
        assert "ίδιο τηλέφωνο κηδεμόνα" in again.get_data(as_text=True)
        giorgos = int(
            sent(
                anna, "/admissions/inquiry",
                {**asked, "student_name": "Γιώργος Παπαδόπουλος", "student_birthday": "2017-01-02", "known": "new"},
            ).rpartition("/")[2]
        )  # fmt: skip
        student = store.value("SELECT customer FROM opportunity WHERE id = ?", [maria])
        page(
            anna,
            f"/customers/{student}",
            "Οικογένεια",
            "Αδέλφια",
            "Γιώργος Παπαδόπουλος",
            "Σοφία Παπαδοπούλου",
            "πληρώνει",
        )

    with on("2027-03-02"):  # Tuesday: a tour for both, planned
        page(anna, f"/opportunities/{maria}", "Δικαιολογητικά", "λείπουν 2", "Ξεναγήσεις και δοκιμαστικά")
        for application, kind in ((maria, "tour"), (giorgos, "trial")):
            sent(
                anna,
                f"/opportunities/{application}/tours/new",
                {"tour": kind, "day": "2027-03-03", "time": "17:00", "minutes": "60"},
            )

    with on("2027-03-03"):  # Wednesday: one comes, the other is ill
        page(anna, "/", "Ξενάγηση", "Δοκιμαστικό μάθημα")
        tours = dict(store.rows("SELECT about, id FROM activity WHERE tour IS NOT NULL"))
        page(anna, f"/opportunities/{maria}/tours/{tours[maria]}/end", "Αν ήρθαν, η αίτηση περνά στο")
        sent(anna, f"/opportunities/{maria}/tours/{tours[maria]}/end", {"came": "1", "outcome": "Ενθουσιάστηκε"})
        sent(anna, f"/opportunities/{giorgos}/tours/{tours[giorgos]}/end", {"came": "0", "outcome": "Αρρώστησε"})
        assert stage(school, maria) == school.stage["tour"]
        assert stage(school, giorgos) == school.stage["inquiry"]

    with on("2027-03-04"):  # Thursday: papers come, and the offer has to wait for one of them
        move = f"/opportunities/{maria}/stage?to={school.stage['offer']}"
        refused = anna.post(move, {})
        assert refused.status_code == 422
        assert "Λείπουν δικαιολογητικά: Πιστοποιητικό γέννησης." in refused.get_data(as_text=True)
        birth, marks = (number for (number,) in store.rows("SELECT id FROM document ORDER BY id"))
        paper = {"state": "received", "upload": (io.BytesIO(b"%PDF-1.4 gennisi"), "γέννηση.pdf")}
        answer = anna.post(f"/opportunities/{maria}/documents/{birth}", paper, content_type="multipart/form-data")
        assert answer.status_code in (200, 303)
        sent(anna, f"/opportunities/{maria}/documents/{marks}", {"state": "checked"})
        sent(anna, move, {})
        page(anna, f"/opportunities/{maria}", "πλήρη", "γέννηση.pdf", "Παραλήφθηκε")

    with on("2027-03-05"):  # Friday: deposit, enrolment, one who goes elsewhere, the figures, the next term
        sent(anna, f"/opportunities/{maria}/stage?to={school.stage['deposit']}", {})
        sent(anna, f"/opportunities/{maria}/stage?kind=won", {"closed_on": "2027-03-05"})
        sent(anna, f"/opportunities/{giorgos}/stage?kind=lost", {"close_reason": "δίδακτρα", "closed_on": "2027-03-05"})
        told = figures(owner)
        assert told["Εκδηλώσεις ενδιαφέροντος"] == "2"
        assert told["Από ενδιαφέρον σε αίτηση"] == "50%"
        assert told["Ποσοστό εγγραφών"] == "100%"
        assert told["Διαρροή"] == "0%"
        enrolled = {
            "all": [
                {"field": "intake", "op": "eq", "value": school.autumn},
                {"field": "state", "op": "eq", "value": "won"},
            ]
        }
        listed = page(anna, f"/opportunities?view=all&filter={quote(json.dumps(enrolled))}", "Μαρία Παπαδοπούλου")
        assert f'href="/opportunities/{giorgos}"' not in listed
        page(
            anna, f"/admissions/next-term?of={school.autumn}&to={school.next}", "Επόμενη περίοδος", "Μαρία Παπαδοπούλου"
        )
        sent(
            anna, "/admissions/next-term",
            {"of": school.autumn, "to": school.next, "stage": school.stage["application"], "student": [str(student)]},
        )  # fmt: skip
        page(anna, f"/customers/{student}", "Autumn 2028")
        page(owner, f"/intakes/{school.next}", "Προσφορές θέσης")
        book = owner.get("/reports/admissions/excel")
        assert book.status_code == 200
        assert book.mimetype.endswith("spreadsheetml.sheet")
