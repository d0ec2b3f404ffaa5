"""The macros: what they escape, what they promise, and that nothing stands inline."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from smallcrm.web import bundle
from tests.web.parts_page import environment, frame

TEMPLATES = bundle.STATIC.parent / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
KINDS = sorted(path.stem for path in (TEMPLATES / "fields").glob("*.html"))
HOSTILE = "\"><svg/onload=window.__x=1>&'{{7*7}}"


@cache
def of_this_machine() -> Environment:
    if not (bundle.VENDOR / "made").exists():
        pytest.skip("the vendor folder is not built here: python packaging/build.py frontend")
    return environment()


@pytest.fixture(scope="module")
def env() -> Environment:
    return of_this_machine()


def made(env: Environment, text: str, **values: Any) -> str:
    return env.from_string(text).render(**values)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_nothing_is_inline_and_every_file_says_what_it_gives(path: Path) -> None:
    text = path.read_text("utf-8")
    markup = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    assert not re.search(r"\sstyle\s*=|<style|javascript:", markup)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", markup)
    assert not re.search(r"<script(?![^>]*\ssrc=)", markup)
    assert "hx-on" not in markup
    assert not set(re.findall(r"(\S+)\|safe", markup)) - {'"</a>"', '"</button>"', '"</span>"'}
    if "macro" in text and not path.name.startswith("_"):
        assert text.startswith("{#"), "begins with its macros"


def test_every_macro_is_described_at_the_head_of_its_file() -> None:
    for path in (TEMPLATES / "parts").glob("[a-z]*.html"):
        text = path.read_text("utf-8")
        head = text.split("#}")[0]
        for name in re.findall(r"macro ([a-z]\w*)\(", text):
            assert name in head, f"{path.name}: {name}"


def test_attributes_read_by_behaviours_are_described_where_macros_are() -> None:
    """A data attribute that only a script knows is one that nobody will use."""
    read = set()
    for path in (bundle.STATIC / "js").glob("*.js"):
        read |= set(re.findall(r"\[(data-[a-z-]+)[\]=^]", path.read_text("utf-8")))
    written = "".join(path.read_text("utf-8") for path in FILES) + "".join(
        re.sub(r"^(?!//).*$", "", path.read_text("utf-8"), flags=re.M) for path in (bundle.STATIC / "js").glob("*.js")
    )
    assert {name for name in read if name not in written} <= {"data-sent", "data-kept", "data-remove"}, (
        "marks of its own"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_kind_keeps_the_signature(env: Environment, kind: str) -> None:
    choices = {"choices": [("a", "A"), ("b", "B")]} if kind in ("choice", "choices") else {}
    columns = {"columns": [("what", "What", "text", {})]} if kind == "lines" else {}
    if kind == "numbers":
        columns = {"figures": [("A", "A"), ("B", "B")]}
    value: Any = {
        "numbers": {"A": 60},
        "choices": ["a"],
        "texts": ["x", "y"],
        "lines": [{"what": "x"}],
        "flag": True,
        "file": None,
    }.get(kind, "a")
    text = (
        f'{{% import "fields/{kind}.html" as kind %}}'
        "{{ kind.input('thing', value, 'The thing', help='Some help', error='Not so.', required=True, **options) }}"
    )
    html = made(env, text, value=value, options={**choices, **columns})
    assert "The thing" in html
    assert "Some help" in html
    assert "Not so." in html
    assert 'name="thing' in html
    if kind not in ("lines", "choices", "numbers", "file"):
        assert 'id="i-thing"' in html
        assert 'aria-invalid="true"' in html
        assert set(re.findall(r'aria-describedby="([^"]+)"', html)) == {"i-thing-help i-thing-error"}
        assert 'id="i-thing-error"' in html
        assert "required" in html
    readonly = made(env, text.replace("required=True", "readonly=True"), value=value, options={**choices, **columns})
    assert re.search(r"readonly|disabled", readonly) or kind in ("lines", "file")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("lines", "file", "password")])
def test_fields_escape_whatever_they_are_given(env: Environment, kind: str) -> None:
    value: Any = [HOSTILE] if kind in ("choices", "texts") else HOSTILE
    options = {
        "choices": [(HOSTILE, HOSTILE)],
        "placeholder": HOSTILE,
        "text": HOSTILE,
        "unit": HOSTILE,
        "suffix": HOSTILE,
    }
    call = 'kind.input("n", value, hostile, help=hostile, error=hostile, **options)'
    text = f'{{% import "fields/{kind}.html" as kind %}}{{{{ {call} }}}}'
    html = made(env, text, value=value, hostile=HOSTILE, options=options)
    assert "<svg/onload" not in html
    assert "49" not in html


@pytest.mark.parametrize(
    "call",
    [
        'from "parts/actions.html" import button %}{{ button(x, key=x, reason=x, attrs={"data-x": x})',
        'from "parts/actions.html" import link_button %}{{ link_button(x, x)',
        'from "parts/labels.html" import person %}{{ person(x, x, url=x)',
        'from "parts/labels.html" import label %}{{ label(x, "bad")',
        'from "parts/chips.html" import filter_chip %}{{ filter_chip(x, "id", x, x)',
        'from "parts/toast.html" import toast %}{{ toast(x, undo=x, csrf=x, url=x, act=x)',
        'from "parts/section.html" import li2 %}{{ li2(x, x, x, x, x)',
        'from "parts/section.html" import kv %}{{ kv([(x, x, x)])',
        'from "parts/board.html" import card %}{{ card(x, x, x, x, [x], x, "warn", x, x)',
        'from "parts/diff.html" import conflict %}{{ conflict(x, x, x)',
        'from "parts/grid.html" import tick %}{{ tick(x, x)',
        'from "parts/upload.html" import dropzone %}{{ dropzone(x, upload=x, with_fields={"a": x})',
        'from "parts/log.html" import logline_preview %}{{ logline_preview([("phone", x)], x)',
        'from "parts/calendar.html" import event %}{{ event(x, x, x)',
        'from "parts/meters.html" import progress %}{{ progress(x, x, 5, cancel=x, csrf=x, poll=x)',
    ],
)
def test_macros_escape_whatever_they_are_given(env: Environment, call: str) -> None:
    html = made(env, "{% " + call + " }}", x=HOSTILE)
    assert "<svg/onload" not in html
    assert "onload=window" not in re.sub(r'"[^"]*"|>[^<]*<', "", html)


@given(days=st.integers(-400, 4000), percent=st.integers(0, 100))
def test_days_left_warn_in_time_and_never_by_colour_alone(days: int, percent: int) -> None:
    env = of_this_machine()
    html = made(
        env, '{% from "parts/labels.html" import days_left %}{{ days_left(d, p, unit=True) }}', d=days, p=percent
    )
    assert ("alert-triangle" in html) == (days <= 3)
    assert ("warn" in html) == (3 < days <= 7)
    assert f'width="{percent}%"' in html


def test_a_forbidden_act_says_why_beside_it(env: Environment) -> None:
    html = made(
        env, '{% from "parts/actions.html" import button %}{{ button("Claim", reason="Free for you on 24 November") }}'
    )
    assert 'aria-disabled="true"' in html
    assert "Free for you on 24 November" in html


def test_many_values_are_posted_even_when_none_is_left(env: Environment) -> None:
    for kind in ("choices", "flag"):
        html = made(
            env, f'{{% import "fields/{kind}.html" as k %}}{{{{ k.input("n", none, "N", choices=[("a", "A")]) }}}}'
        )
        assert '<input type="hidden" name="n" value="">' in html


def test_a_bare_field_is_named_for_listeners(env: Environment) -> None:
    html = made(
        env, '{% import "fields/date.html" as d %}{{ d.input("due", "2026-11-24", "Due", bare=True, help="x") }}'
    )
    assert 'aria-label="Due"' in html
    assert "<label" not in html


def test_the_frame_is_cheap(env: Environment) -> None:
    """What every page carries besides its own: not much text, no surprises in it."""
    html = env.get_template("oops.html").render(frame=frame("/today"), values={}, cells={})
    assert len(html) < 17_000
    assert html.count("<svg") < 45
    assert html.count(' id="') == len(set(re.findall(r' id="([^"]+)"', html)))


def test_pages_of_the_frame_read_right_in_every_language(env: Environment) -> None:
    for language, tag in (("en", "en"), ("zh", "zh-CN"), ("el", "el")):
        html = env.get_template("oops.html").render(frame=frame("/today", language, "dark"), values={}, cells={})
        assert f'<html lang="{tag}" data-bs-theme="dark">' in html
