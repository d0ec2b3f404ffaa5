"""What is drawn once and used on every page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jinja2 import DictLoader, Environment

from smallcrm.base import i18n
from smallcrm.web import bundle, drawn


@pytest.fixture(autouse=True)
def built() -> None:
    if not (bundle.VENDOR / "made").exists():
        pytest.skip("the vendor folder is not built here: python packaging/build.py frontend")


def test_an_icon_is_decoration_unless_it_has_a_name() -> None:
    quiet, speaking = drawn.icon("phone"), drawn.icon("phone", "i-s", 'Call "Bob" <b>')
    assert quiet.startswith('<svg class="i" aria-hidden="true"><use href="/static/vendor/icons.svg?v=')
    assert quiet.endswith('#phone"/></svg>')
    assert 'class="i i-s" role="img"' in speaking
    assert "<b>" not in speaking
    assert "aria-hidden" not in speaking


def test_a_still_part_is_drawn_once_a_language() -> None:
    env = Environment(loader=DictLoader({"part.html": "{{ said() }}"}), autoescape=True, auto_reload=False)
    asked: list[str] = []
    env.globals["said"] = lambda: asked.append(i18n.language()) or f"<{i18n.language()}>"
    drawn.install(env)
    page = env.from_string("{{ still('part.html') }}")
    for code in ("en", "zh", "en", "zh", "zh"):
        with i18n.speaking(code):
            assert page.render() == f"&lt;{code}&gt;", "escaped once, by the part itself"
    assert asked == ["en", "zh"]


def test_while_developing_it_is_drawn_anew() -> None:
    env = Environment(loader=DictLoader({"part.html": "{{ n() }}"}), autoescape=True, auto_reload=True)
    counted = iter(range(9))
    env.globals["n"] = lambda: next(counted)
    drawn.install(env)
    page = env.from_string("{{ still('part.html') }}")
    assert [page.render(), page.render()] == ["0", "1"]


def test_what_differs_by_a_number_is_drawn_once_a_language() -> None:
    drawn.install(Environment(autoescape=True, auto_reload=False))
    asked: list[str] = []

    def draw(mark: str) -> str:
        asked.append(i18n.language())
        return f'<a href="/x/{mark}">{mark}</a>'

    for code, number in (("en", 7), ("zh", 7), ("en", 12)):
        with i18n.speaking(code):
            assert drawn.numbered("test", number, draw, True) == f'<a href="/x/{number}">{number}</a>'
    assert asked == ["en", "zh"]
    with i18n.speaking("en"):
        drawn.numbered("test", 7, draw, False)
    assert len(asked) == 3, "something else was given"


def test_the_parts_of_a_frame_are_kept_with_its_entries() -> None:
    env = Environment(loader=DictLoader({"rail.html": "{{ frame.look }}{{ n() }}"}), autoescape=True, auto_reload=False)
    counted = iter(range(9))
    env.globals["n"] = lambda: next(counted)
    drawn.install(env)
    page = env.from_string("{{ around('rail.html', frame) }}")
    shelf: dict[object, object] = {}
    one = SimpleNamespace(drawn=shelf, running=[], look="a")
    other = SimpleNamespace(drawn=shelf, running=[], look="b")
    busy = SimpleNamespace(drawn=shelf, running=[("Import", 3, "/")], look="a")
    assert [page.render(frame=each) for each in (one, other, one, busy, one)] == ["a0", "b1", "a0", "a2", "a0"]
