"""After an erasure nothing of the person is left: no page, no answer, no log, no byte of the database or of a backup brought back."""

from __future__ import annotations

from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.privacy.records import Suppressed
from smallcrm.areas.privacy.rules import erasing, person, preview, requests, restriction, suppression
from smallcrm.areas.transfer import staging
from smallcrm.areas.transfer.exports import rights_mark
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, asof, change, changesets, custom, duplicates, personal, search, undo, warnings
from smallcrm.records.record import values
from smallcrm.store import snapshot
from tests.areas.customers.making import again, amend, contact, customer
from tests.areas.privacy.making import BEFORE, CANARIES, EMAIL, NAME, PHONE, World, world
from tests.cast import Cast
from tests.client import Web


@pytest.fixture
def zenobia(cast: Cast) -> World:
    """The person, known in many places."""
    return world(cast)


def erase(cast: Cast, made: World) -> dict[str, int]:
    return erasing.erase(cast.actor("owner"), again(made.person))


def left_in(path: Path) -> list[str]:
    """The canaries that a file still holds, as UTF-8 in any case."""
    held = path.read_bytes().lower()
    return [each for each in CANARIES if each.encode() in held]


def left_in_tables() -> list[str]:
    """Where any table, packs unpacked, still speaks of the person."""
    import zlib

    found = []
    for (table,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"):
        for row in store.rows(f'SELECT * FROM "{table}"'):
            for value in row:
                text = value
                if isinstance(value, bytes):
                    try:
                        text = zlib.decompress(value).decode()
                    except (zlib.error, ValueError):
                        text = value.decode("utf-8", "replace")
                folded = str(text).casefold()
                found += [f"{table}: {each} in {folded[:200]}" for each in CANARIES if each in folded]
    return found


def test_the_canaries_are_there_before(cast: Cast, zenobia: World) -> None:
    text = "\n".join(left_in_tables())
    for each in CANARIES:
        assert f": {each} in" in text, each
    assert (
        len(left_in(store.folder() / "smallcrm.db") + left_in(store.folder() / "smallcrm.db-wal")) >= len(CANARIES) - 1
    )


def test_no_table_and_no_byte_is_left(cast: Cast, zenobia: World) -> None:
    done = erase(cast, zenobia)
    assert done["records"] == 2
    assert done["texts"] >= 3
    assert left_in_tables() == []
    folder = store.folder()
    store.close()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            assert left_in(path) == [], path
    store.open_folder(folder)


def test_what_stays_is_readable(cast: Cast, zenobia: World) -> None:
    erase(cast, zenobia)
    mark = f"Erased #{zenobia.person.id}"
    gone = again(zenobia.person)
    held = values(gone)
    assert held["name"] == mark
    assert not any(held[name] for name in ("email", "mobile", "wechat", "notes", "phones", "emails"))
    assert held["customer"] == zenobia.company.id
    call = values(again(zenobia.call))
    assert call["kind"] == "call"
    assert call["done_at"] == values(zenobia.call)["done_at"]
    assert mark in call["subject"]
    assert "by noon" in call["body"]
    assert values(again(zenobia.elsewhere))["notes"] == f"{zenobia.elsewhere.id}: mind {mark}"
    assert values(again(zenobia.other))["name"] == "Una Other"
    assert values(again(zenobia.other))["mobile"]
    entries = changesets.history("contact", int(zenobia.person.id))
    assert len(entries) >= 3  # that something was changed is still to be seen


def test_no_door_shows_it(cast: Cast, zenobia: World, web: Web) -> None:
    erase(cast, zenobia)
    number, company = zenobia.person.id, zenobia.company.id
    browser, api = web.browser("owner"), web.api("owner")
    pages = [
        f"/contacts/{number}", f"/contacts/{number}/history", f"/customers/{company}", f"/customers/{company}/history",
        "/contacts?q=Zenobia", "/search?q=Quillfeather", "/contacts", "/bin", "/changes", "/notices",
        f"/privacy/contacts/{number}", "/privacy", f"/contacts/{number}.vcf", "/contacts/export.vcf",
        f"/customers/{zenobia.elsewhere.id}/history", f"/activities/{zenobia.call.id}", f"/customers/{company}/relations",
    ]  # fmt: skip
    for url in pages:
        answer = browser.get(url, follow_redirects=True)
        text = answer.get_data(as_text=True).lower().replace("q=zenobia", "").replace('zenobia"', "")
        if "q=" not in url:
            assert answer.status_code == 200, url
            assert not [each for each in CANARIES if each in text], url
    for path in (f"/contacts/{number}", "/contacts", f"/contacts/{number}/history", "/activities", "/customers"):
        text = api.get(path).get_data(as_text=True).lower()
        assert not [each for each in CANARIES if each in text], path
    owner = cast.actor("owner")
    for typed in ("Zenobia", "Quillfeather", EMAIL, "900461", "Oldmaiden", "marzipan"):
        assert search.find(owner, typed) == [], typed
    found = duplicates.find(owner, Contact, {"name": NAME, "email": EMAIL, "mobile": PHONE}, bin=True)
    assert found == []
    before = asof.of_record(Contact, int(number), clock.iso(clock.now()))
    assert not any(each in str(before).lower() for each in CANARIES)


def test_a_backup_brought_back_is_erased_again(cast: Cast, zenobia: World, tmp_path: Path) -> None:
    made = snapshot.take(tmp_path / "kept")
    folder = store.folder()
    erase(cast, zenobia)
    later = customer(cast, "After the backup")
    done = snapshot.restore(made.path, folder)
    assert done.erased_again >= 1
    for path in (folder / "smallcrm.db", folder / "smallcrm.db-wal"):
        assert not path.exists() or left_in(path) == [], path
    store.open_folder(folder)
    assert left_in_tables() == []
    assert values(again(zenobia.person))["name"] == f"Erased #{zenobia.person.id}"
    assert access.fetch(SYSTEM, Customer, int(later.id)) is None
    assert suppression.suppressed(sorted(duplicates.keys_of(Contact, {"email": EMAIL})))


def test_a_restore_of_other_data_erases_nobody_of_the_same_number(cast: Cast, zenobia: World, tmp_path: Path) -> None:
    made = snapshot.take(tmp_path / "kept")
    folder = store.folder()
    erase(cast, zenobia)
    lines = folder / "backups" / "erased.jsonl"
    lines.write_text(lines.read_text().replace(str(values(zenobia.person)["created_at"]), "2001-01-01T00:00:00.000Z"))
    snapshot.restore(made.path, folder)
    store.open_folder(folder)
    assert values(again(zenobia.person))["name"] == NAME


def test_it_is_not_taken_back(cast: Cast, zenobia: World) -> None:
    erase(cast, zenobia)
    owner = cast.actor("owner")
    for (number,) in store.rows("SELECT id FROM change_set ORDER BY id DESC"):
        info = changesets.info(number)
        if info.why == "erase":
            assert not undo.may_undo(owner, info)
        elif undo.may_undo(owner, info):
            undo.undo(owner, number)
    assert left_in_tables() == []


def test_the_same_person_is_not_brought_in_unsaid(cast: Cast, zenobia: World) -> None:
    erase(cast, zenobia)
    assert Suppressed.select().count() >= 3
    said = warnings.of(cast.actor("anna"), Contact, {"name": "New", "email": EMAIL.upper(), "is_main": False})
    assert "email" in said
    assert not warnings.of(cast.actor("anna"), Contact, {"name": NAME, "email": "else@example.com", "is_main": False})
    back = contact(cast, zenobia.company, NAME, email=EMAIL)  # warned, not refused
    assert values(back)["email"] == EMAIL


def test_numbers_kept_at_the_company_go_too(cast: Cast) -> None:
    company = customer(cast, "Mill", phone="+44 20 7946 0000", phones=["07700 900461"], email=EMAIL)
    made = contact(cast, company, NAME, email=EMAIL, mobile=PHONE)
    erasing.erase(cast.actor("owner"), made)
    held = values(again(company))
    assert held["phone"]
    assert not held["phones"]
    assert held["email"] is None
    assert "900461" not in str(left_in_tables())


def test_others_of_the_name_keep_it(cast: Cast) -> None:
    """A name that somebody else bears is left where it has nothing to do with the person."""
    company, apart = customer(cast, "Mill"), customer(cast, "Apart", notes="Anna Papadopoulou called")
    one = contact(cast, company, "Anna Papadopoulou", email="one@one.example")
    contact(cast, apart, "Anna Papadopoulou", email="two@two.example")
    shown = preview.of(cast.actor("owner"), one)
    assert any("Anna Papadopoulou" in str(each.label) for each in shown.kept)
    erasing.erase(cast.actor("owner"), one)
    assert values(again(apart))["notes"] == "Anna Papadopoulou called"


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("王晓明", "今天王晓明来电，很满意", "今天Erased #{} 来电"),
        ("Γιώργος Παπαδόπουλος", "ΓΙΩΡΓΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ θέλει", "Erased #{} θέλει"),
        ("Müller-Lüdenscheidt, Jürgen", "muller-ludenscheidt, jurgen rang", "Erased #{} rang"),
    ],
)
def test_names_of_every_script(cast: Cast, name: str, text: str, kept: str) -> None:
    company = customer(cast, "Mill", notes=text)
    made = contact(cast, company, name)
    erasing.erase(cast.actor("owner"), made)
    assert values(again(company))["notes"].replace(" ", "").startswith(kept.format(made.id).replace(" ", ""))


def test_a_person_who_is_a_customer(cast: Cast) -> None:
    made = customer(
        cast, NAME, kind="person", email=EMAIL, birthday="1990-01-02", address="7 Feathermail Lane", tax_number="GB1"
    )
    amend(cast, made, grade="A")
    erasing.erase(cast.actor("owner"), again(made))
    held = values(again(made))
    assert held["name"] == f"Erased #{made.id}"
    assert held["birthday"] is None
    assert held["grade"] == "A"
    assert left_in_tables() == []
    company = customer(cast, "No person")
    with pytest.raises(NotFound):
        person.find(cast.actor("owner"), "customer", int(company.id))


def test_custom_fields_go(cast: Cast) -> None:
    key = custom.define(cast.actor("owner"), Contact, labels={"en": "Passport"}, field_kind="text")
    made = contact(cast, customer(cast, "Mill", notes="passport QX1234567"), NAME, **{key: "QX1234567"})
    erasing.erase(cast.actor("owner"), again(made))
    assert not values(again(made)).get(key)
    assert "qx1234567" not in str([row for (t,) in [("customer",), ("contact",), ("change",)] for row in store.rows(f"SELECT * FROM {t}")]).lower()  # fmt: skip


def test_the_same_person_twice(cast: Cast) -> None:
    company = customer(cast, "Mill")
    one = contact(cast, company, NAME, email=EMAIL)
    two = contact(cast, None, BEFORE, email=EMAIL)
    owner = cast.actor("owner")
    assert [match.id for match in preview.of(owner, one).same] == [two.id]
    done = erasing.erase(owner, one, also=[two])
    assert done["records"] == 2
    assert left_in_tables() == []


def test_who_may(cast: Cast, zenobia: World) -> None:
    for part in ("anna", "reader", "service", "manager"):
        with pytest.raises(Forbidden):
            erasing.erase(cast.actor(part), zenobia.person)
        with pytest.raises(Forbidden):
            preview.of(cast.actor(part), zenobia.person)
    owner = cast.actor("owner")
    with pytest.raises(Invalid):
        erasing.check(owner, zenobia.person, "Zenobia")
    erasing.check(owner, zenobia.person, f" {NAME}  ")
    erase(cast, zenobia)
    with pytest.raises(WrongState):
        erasing.erase(owner, again(zenobia.person))
    # somebody wrote a name into it again
    amend(cast, zenobia.person, part="owner", name="Zora New")
    assert erasing.is_erased(again(zenobia.person)) is None
    erase(cast, zenobia)
    assert erasing.is_erased(again(zenobia.person))


def test_requests_are_answered_by_it_and_forget_what_was_noted(cast: Cast, zenobia: World) -> None:
    owner = cast.actor("owner")
    asked = requests.make(owner, zenobia.person, kind="erasure", identity=f"mail from {EMAIL}", note=f"{NAME} wrote")
    restriction.restrict(owner, zenobia.person, reason=NAME)
    erase(cast, zenobia)
    done = requests.get(owner, asked.id)
    assert done.done_at
    assert done.outcome
    assert done.note == ""
    assert restriction.since(zenobia.person) is None
    assert left_in_tables() == []


def test_one_in_the_bin(cast: Cast, zenobia: World) -> None:
    change.delete(cast.actor("owner"), zenobia.person)
    erase(cast, zenobia)
    assert left_in_tables() == []


def test_the_list_says_what_happens(cast: Cast, zenobia: World) -> None:
    shown = preview.of(cast.actor("owner"), zenobia.person)
    erased, kept = " ".join(str(e.label) for e in shown.erased), {str(e.label): e for e in shown.kept}
    for word in ("E-mail", "Mobile", "Relations"):
        assert word in erased
    assert kept["Activities"].n == 1
    assert "Relations" not in kept
    assert all(str(each.why) for each in shown.kept)
    assert str(kept["Backups"].until)
    assert left_in_tables()  # nothing was written


def test_exports_that_wait_to_be_fetched_go_whoever_made_them(cast: Cast, zenobia: World, web: Web) -> None:
    kept = {}
    for way, result in ((staging.OUT, {"n": 1}), (staging.IN, {"created": 1}), (staging.IN, None)):
        made = staging.begin(cast.actor("anna"), Contact, "Contacts.csv", way)
        made.path.write_text(f"{NAME},{EMAIL}", "utf-8")
        made.mapping = {"rights": rights_mark(cast.actor("anna"))}
        staging.keep(made).put(result=result)
        kept[way, result is not None] = made
    out = kept[staging.OUT, True]
    url = f"/exports/{out.token}/file"
    assert web.browser("anna").get(url).status_code == 200
    before = preview.of(cast.actor("owner"), again(zenobia.person))
    label = "Files of exports and of finished imports that wait to be fetched"
    assert [each.n for each in before.erased if str(each.label) == label] == [2]
    assert "Files sent in whose import has not been run" in [str(each.label) for each in before.kept]
    subject = person.of(Contact, int(zenobia.person.id))
    transfer = next(each for each in personal.providers() if each.key == "transfer")

    def broken_off() -> None:
        with store.writing():
            transfer.erase(subject)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert out.path.exists(), "not before it is certain"
    erase(cast, zenobia)
    assert web.browser("anna").get(url).status_code == 404
    assert {key: made.folder.exists() for key, made in kept.items()} == {
        (staging.OUT, True): False, (staging.IN, True): False, (staging.IN, False): True,
    }  # fmt: skip
