"""Charts: well-formed, every mark said and linked, nothing of a text taken for markup."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.web import charts
from smallcrm.web.charts import Chart, Mark, Place

NS = "{http://www.w3.org/2000/svg}"


def drawings(kind: str, chart: Chart) -> list[ElementTree.Element]:
    """A wide chart is drawn once more for the phone."""
    return list(ElementTree.fromstring(f"<p>{charts.draw(kind, chart)}</p>").iter("svg"))


def parsed(kind: str, chart: Chart) -> ElementTree.Element:
    return drawings(kind, chart)[0]


@given(
    st.sampled_from(list(charts.DRAWERS)),
    st.lists(
        st.tuples(st.text(min_size=1, max_size=30), st.one_of(st.none(), st.floats(0, 1e15))), min_size=1, max_size=40
    ),
    st.booleans(),
)
def test_any_numbers(kind: str, held: list[tuple[str, float | None]], wide: bool) -> None:
    clean = [("".join(c for c in label if c.isprintable()) or "x", value) for label, value in held]
    places = [Place(label, (Mark(value, f"{label}: {value}", "/list?a=1&b=2"), None)) for label, value in clean]
    found = drawings(kind, Chart("A & <b>", ("now", "then"), places, lambda at: f"{at:g}", wide))
    assert len(found) == 1 + wide
    for drawn in found:
        fits(drawn)


def fits(drawn: ElementTree.Element) -> None:
    """Everything stands inside the drawing, and every mark leads somewhere and says its number."""
    assert drawn.get("aria-label") == "A & <b>"
    _, _, width, height = (float(each) for each in str(drawn.get("viewBox")).split())
    for rect in drawn.iter("rect"):
        assert float(str(rect.get("x"))) >= -0.1
        assert float(str(rect.get("x"))) + float(str(rect.get("width"))) <= width + 0.1
        assert float(str(rect.get("y"))) + float(str(rect.get("height"))) <= height + 0.1
    for link in drawn.iter("a"):
        assert link.get("href") == "/list?a=1&b=2"
        assert link.find("title") is not None


@pytest.mark.parametrize("most", [0, 0.3, 1, 7, 999, 12_345, 9.99e14])
def test_the_axis_reaches_over_the_largest(most: float) -> None:
    top, step = charts._ceiling(most)
    assert top >= most
    assert 1 <= round(top / step) <= 5


@pytest.mark.parametrize(
    ("text", "room", "wanted"),
    [("short", 10, "short"), ("rather long", 6, "rathe…"), ("张伟科技公司", 6, "张伟…"), ("张伟", 4, "张伟")],
)
def test_as_much_as_fits(text: str, room: int, wanted: str) -> None:
    assert charts.cut(text, room) == wanted


def test_nothing_to_draw() -> None:
    assert charts.draw("bars", Chart("x", (), [], str)) == ""
    assert charts.draw("table", Chart("x", (), [Place("a", ())], str)) == ""
