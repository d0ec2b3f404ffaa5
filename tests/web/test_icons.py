"""Every icon that is named stands in the sprite's list, and the list carries nothing that nobody names."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from smallcrm.records.figures import ready
from smallcrm.web import area

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "smallcrm"
PARTS = json.loads((ROOT / "packaging/frontend/parts.json").read_text("utf-8"))
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
SIZES = {"i-s", "i-l", "i-turn", ""}

_env = Environment(loader=FileSystemLoader(PACKAGE / "web" / "templates"), extensions=["jinja2.ext.do"])


def constants(node: nodes.Node) -> Iterator[str]:
    """The strings an expression may come to: a literal, or both sides of a choice."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from constants(node.expr1)
        if node.expr2:
            yield from constants(node.expr2)
    elif isinstance(node, nodes.Or):
        yield from constants(node.right)
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr == "get":
        table = node.node.node
        for each in [pair.value for pair in table.items] if isinstance(table, nodes.Dict) else []:
            yield from constants(each)
        for each in node.args[1:]:
            yield from constants(each)


def tree(text: str) -> nodes.Template:
    return _env.parse(text)


def places() -> dict[str, int]:
    """At which place each macro of parts/ takes its icon: {"button": 1, …}."""
    found = {"icon": 0, "glyph": 0}
    for path in (PACKAGE / "web/templates/parts").glob("*.html"):
        for macro in tree(path.read_text("utf-8")).find_all(nodes.Macro):
            names = [argument.name for argument in macro.args]
            if "icon" in names:
                found[macro.name] = names.index("icon")
    return found


PLACES = places()
CARDS = {
    name: [each.name for each in fields(found)].index("icon")
    for name, found in vars(area).items()
    if isinstance(found, type) and is_dataclass(found) and "icon" in [each.name for each in fields(found)]
}
CARDS["Report"] = [each.name for each in fields(ready.Report)].index("icon")


def in_template(text: str) -> set[str]:
    names: set[str] = set()
    parsed = tree(text)
    for macro in parsed.find_all(nodes.Macro):
        for argument, default in zip(macro.args[-len(macro.defaults) :], macro.defaults, strict=False):
            if argument.name == "icon":
                names |= set(constants(default))
    for call in parsed.find_all(nodes.Call):
        place = PLACES.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if place is not None and len(call.args) > place:
            names |= set(constants(call.args[place]))
        names |= {name for pair in call.kwargs if pair.key == "icon" for name in constants(pair.value)}
    for pair in parsed.find_all(nodes.Pair):
        if isinstance(pair.key, nodes.Const) and pair.key.value == "icon":
            names |= set(constants(pair.value))
    names |= set(re.findall(r"icons\.svg#([a-z0-9-]+)", text))
    names |= {name for head in re.findall(r"\.get\(tone, \"([a-z-]+)\"\)", text) for name in [head]}
    names |= {
        name for table in re.findall(r"\{\{ (\{.*?\})\.get\(tone", text) for name in ast.literal_eval(table).values()
    }
    return names - SIZES


def in_script(text: str) -> set[str]:
    calls = re.findall(r"crm\.icon\(([^()]*)\)", text) + re.findall(r"icons-url\"\)\}#\$\{([^}]*)\}", text)
    return {name for call in calls for name in re.findall(r'"([a-z0-9-]+)"', call)} - SIZES


def in_python(text: str) -> set[str]:
    """By keyword, at the icon's place in an area's card (``Nav``, ``Act``, …), and in tables called ICONS."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            held = [pair.value for pair in node.keywords if pair.arg == "icon"]
            place = CARDS.get(getattr(node.func, "id", ""))
            held += node.args[place : place + 1] if place is not None else []
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            held = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "icon"]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").endswith("ICONS"):
            held = list(getattr(node.value, "values", ()))
        else:
            continue
        found |= {each.value for each in held if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return found - SIZES


def used() -> dict[str, set[Path]]:
    """Every icon the product names, with the files that do."""
    found: dict[str, set[Path]] = {}
    scripts = (PACKAGE / "web/static/js").glob("*.js")
    readers = [(TEMPLATES, in_template), (scripts, in_script), (PACKAGE.rglob("*.py"), in_python)]
    for paths, read in readers:
        for path in paths:
            for name in read(path.read_text("utf-8")):
                found.setdefault(name, set()).add(path)
    return found


def test_every_icon_named_is_in_the_sprite() -> None:
    listed = {*PARTS["icons"], *PARTS["keep"]}
    missing = {name: sorted(map(str, paths)) for name, paths in used().items() if name not in listed}
    assert not missing, f"add to packaging/frontend/parts.json: {missing}"


def test_the_list_carries_nothing_unused() -> None:
    named = set(used())
    assert set(PARTS["icons"]) <= named, f"take out of icons: {sorted(set(PARTS['icons']) - named)}"
    assert not (named & set(PARTS["keep"])), f"move from keep to icons: {sorted(named & set(PARTS['keep']))}"
    assert len(PARTS["keep"]) <= 120


def test_the_list_is_in_order_and_says_nothing_twice() -> None:
    names = [*PARTS["icons"], *PARTS["keep"]]
    assert len(names) == len(set(names))
    assert PARTS["icons"] == sorted(PARTS["icons"])
    assert PARTS["keep"] == sorted(PARTS["keep"])


def test_the_development_pages_name_only_what_is_there() -> None:
    listed = {*PARTS["icons"], *PARTS["keep"]}
    for path in sorted((Path(__file__).parent / "pages").glob("*.html")):
        assert in_template(path.read_text("utf-8")) <= listed, path.name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{{ icon("phone") }}', {"phone"}),
        ('{{ glyph("eye" if shown else "eye-off", "i-s") }}', {"eye", "eye-off"}),
        ('{{ button("Call", "phone") }}{{ button("Call", icon="mail") }}', {"phone", "mail"}),
        ('{{ tabs([{"label": "x", "icon": "users-group"}]) }}', {"users-group"}),
        ('<use href="/static/vendor/icons.svg#bell"/>', {"bell"}),
        ('{% call note("Title", "warn", "users") %}{% endcall %}', {"users"}),
    ],
)
def test_names_are_found_wherever_they_stand(text: str, names: set[str]) -> None:
    assert in_template(text) == names


def test_the_sprite_holds_the_whole_list() -> None:
    sprite = PACKAGE / "web/static/vendor/icons.svg"
    if not sprite.exists():
        pytest.skip("the vendor folder is not built here: python packaging/build.py frontend")
    text = sprite.read_text("utf-8")
    assert {*PARTS["icons"], *PARTS["keep"]} == set(re.findall(r'<symbol id="([a-z0-9-]+)"', text))
    assert "<script" not in text
    assert "style=" not in text


def test_the_lock_names_no_address() -> None:
    lock = (ROOT / "packaging/frontend/package-lock.json").read_text("utf-8")
    assert "resolved" not in lock
    assert "://" not in lock
    wanted = json.loads((ROOT / "packaging/frontend/package.json").read_text("utf-8"))
    exact = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in exact)
