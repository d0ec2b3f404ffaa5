"""What a file's columns are taken for, by what is known here; and that two plans do not meet."""

from __future__ import annotations

from pathlib import Path

from smallcrm.areas.customers.records import Customer
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.importing import guessing, running
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.planning import Plan
from tests.cast import Cast

STRANGERS = ["Νίκος Μακρής", "Ελένη Βλάχου", "Μαρία Λαμπρού", "Γιώργος Ρήγας", "Άννα Φωτίου"]


def read(cast: Cast, folder: Path, text: str, said: str = "") -> Reading:
    file = folder / "list.csv"
    file.write_text(text, "utf-8")
    columns = {"columns": {"Υπεύθυνος": said}} if said else {}
    with open_workbook(file, scratch=folder / "rows") as book:
        return guessing.read(cast.actor("owner"), Customer, book, given=parse(columns))


def with_names(names: list[str]) -> str:
    return "Επωνυμία;Υπεύθυνος\n" + "".join(f"Εταιρεία {i};{name}\n" for i, name in enumerate(names))


def test_strangers_in_a_column_headed_like_the_owner_are_contacts(cast: Cast, tmp_path: Path) -> None:
    """Names that are nobody here, each another, are the customers' people; a few colleagues' names are owners."""
    assert (read(cast, tmp_path, with_names(STRANGERS)).mapping.columns or {})["Υπεύθυνος"] == "contact.name"
    few = with_names(STRANGERS[:1] * 9)
    assert (read(cast, tmp_path, few).mapping.columns or {})["Υπεύθυνος"] == "owner"
    known = with_names(["anna@example.com", *STRANGERS])
    assert (read(cast, tmp_path, known).mapping.columns or {})["Υπεύθυνος"] == "owner"
    assert (read(cast, tmp_path, with_names(STRANGERS), "owner").mapping.columns or {})["Υπεύθυνος"] == "owner"


def test_a_contact_can_be_chosen_where_none_was_guessed(cast: Cast, tmp_path: Path) -> None:
    """The targets of an extra stay on offer."""
    reading = read(cast, tmp_path, with_names(STRANGERS[:1] * 9))
    assert "contact.name" not in reading.targets
    assert "contact.name" in reading.offered


def test_two_plans_at_once_do_not_meet(cast: Cast, tmp_path: Path) -> None:
    """Two quick changes on the page make two plans in one folder."""
    file = tmp_path / "list.csv"
    file.write_text("Name,City\n" + "".join(f"Company {i},Leeds {i}\n" for i in range(50)), "utf-8")
    with open_workbook(file, scratch=tmp_path / "rows") as book:
        whole = guessing.read(cast.actor("owner"), Customer, book)
        names = guessing.read(
            cast.actor("owner"), Customer, book, given=parse({"columns": {"Name": "name", "City": None}})
        )
        other: list[Plan] = []

        def between(done: int, total: int) -> None:
            if done >= total // 2 and not other:
                other.append(Plan(cast.actor("owner"), Customer, names, tmp_path))
                assert other[0].make().by_outcome == {"create": 50}

        plan = Plan(cast.actor("owner"), Customer, whole, tmp_path)
        assert plan.make(between).by_outcome == {"create": 50}
        assert other
        assert [row.given["city"] for row in plan.lines.read([0, 49])] == ["Leeds 0", "Leeds 49"]
        assert "city" not in other[0].lines.read([0])[0].given


def test_rows_that_say_nothing_new_are_not_counted_as_coming_in(cast: Cast, tmp_path: Path) -> None:
    """Imported again, a file whose rows are joined has nothing to import."""
    file = tmp_path / "list.csv"
    file.write_text("Name,City\nRidley,Leeds\nSelby,York\nRIDLEY,Leeds\n", "utf-8")
    with open_workbook(file, scratch=tmp_path / "rows") as book:
        reading = guessing.read(cast.actor("owner"), Customer, book)
        plan = Plan(cast.actor("owner"), Customer, reading, tmp_path)
        assert plan.make().by_outcome == {"create": 2, "joined": 1}
        running.run(plan, note="list.csv")
        again = Plan(cast.actor("owner"), Customer, reading, tmp_path).make()
    assert again.by_outcome == {"same": 3}
    assert again.writes == 0
