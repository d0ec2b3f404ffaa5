"""The stylesheet and the script as one file each."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from smallcrm.web import bundle

CSS = sorted((bundle.STATIC / "css").glob("*.css"))
JS = sorted((bundle.STATIC / "js").glob("*.js"))
OURS_AND_THE_KITS = {
    "active",
    "disabled",
    "highlight",
    "hstack",
    "vstack",
}  # Tom Select's words, and two stacks that mean the same


def needs_vendor() -> None:
    if not (bundle.VENDOR / "made").exists():
        pytest.skip("the vendor folder is not built here: python packaging/build.py frontend")


def bare(text: str) -> str:
    """A stylesheet without comments, strings and addresses."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r'url\([^)]*\)|"[^"]*"', "", text)


def classes(text: str) -> set[str]:
    selectors = re.findall(r"([^{};]+)\{", bare(text))
    return {name for selector in selectors for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", selector)}


def test_every_stylesheet_is_in_the_order_once() -> None:
    listed = re.findall(r'@import url\("([^"]+)"\)', (bundle.STATIC / "css/app.css").read_text("utf-8"))
    ours = [name for name in listed if "/" not in name]
    assert sorted(ours) == [path.name for path in CSS if path.name != "app.css"]
    assert listed[0] == "../vendor/tabler.min.css"


def test_the_stylesheet_puts_each_file_into_its_layer() -> None:
    needs_vendor()
    text = bundle.stylesheet().body.decode()
    assert text.startswith("@layer kit, tokens, base, layout, components, words;\n@layer kit {\n")
    layers = re.findall(r"^@layer (\w+) \{$", text, re.M)
    order = ["kit", "tokens", "base", "layout", "components", "words"]
    assert layers == sorted(layers, key=order.index)
    assert len(layers) == len(CSS)
    assert "@charset" not in text
    assert "@import" not in text
    assert "sourceMappingURL" not in text
    assert bare(text).count("{") == bare(text).count("}")


def test_what_is_served_is_small_and_named_by_its_content() -> None:
    needs_vendor()
    css, js = bundle.stylesheet(), bundle.script()
    assert gzip.decompress(css.gzipped) == css.body
    assert gzip.decompress(js.gzipped) == js.body
    assert len(css.gzipped) < 110_000
    assert len(js.gzipped) < 32_000
    assert css.digest != js.digest
    assert re.fullmatch(r"[0-9a-f]{12}", css.digest)
    urls = bundle.assets("/static")
    assert urls.css_url == f"/static/app.css?v={css.digest}"
    assert urls.js_url == f"/static/app.js?v={js.digest}"
    assert all(re.fullmatch(r"/static/[\w/.-]+\?v=[0-9a-f]{12}", url) for url in urls)


def test_a_changed_source_makes_a_new_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(bundle.STATIC / "js", tmp_path / "js")
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    made = bundle._Made(bundle._js_sources, bundle._make_js)
    first = made.get()
    assert made.get() is first
    source = tmp_path / "js" / "copy.js"
    source.write_text(source.read_text("utf-8") + "// more\n", "utf-8")
    os.utime(source, (1, 1))
    assert made.get() is first, "looked at no more than once a second"
    made.looked_at -= 2
    assert made.get().digest != first.digest


def test_a_missing_vendor_folder_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"packaging/build\.py frontend"):
        bundle._file("/static", "vendor/icons.svg")


def test_core_comes_first_and_every_behaviour_has_a_scope_of_its_own() -> None:
    text = bundle.script().body.decode()
    assert text.startswith('(() => { "use strict";\n// What the behaviours share')
    assert text.count('(() => { "use strict";\n') == len(JS)


def test_the_script_is_sound() -> None:
    if not shutil.which("node"):
        pytest.skip("node is not installed here")
    checked = subprocess.run(["node", "--check", "-"], input=bundle.script().body, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()


@pytest.mark.parametrize("path", JS, ids=lambda path: path.name)
def test_behaviours_keep_to_the_policy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("//"), "says what it does"
    code = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    for word in (
        "eval(",
        "new Function",
        "document.write",
        "insertAdjacentHTML",
        'setAttribute("style"',
        "alert(",
        "window.confirm",
    ):
        assert word not in code, word
    assert set(re.findall(r"innerHTML = (.*)", code)) <= {'\'<rect width="0%" height="100%"/>\';'}
    assert len(text.splitlines()) <= 250


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_stylesheets_keep_to_the_tokens(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("/*"), "says what it is"
    if path.name != "tokens.css":
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])", bare(text)), "colours stand in tokens.css"
    used, known = set(re.findall(r"var\((--[\w-]+)", text)), (bundle.STATIC / "css/tokens.css").read_text("utf-8")
    own = set(re.findall(r"(--[\w-]+):", known + text))
    assert used <= own


def test_no_class_is_called_like_one_of_the_kit() -> None:
    needs_vendor()
    kit = classes((bundle.VENDOR / "tabler.min.css").read_text("utf-8"))
    ours = set().union(*(classes(path.read_text("utf-8")) for path in CSS))
    assert ours & kit <= OURS_AND_THE_KITS


def test_every_word_a_behaviour_says_is_there_to_be_said() -> None:
    said = set()
    for path in JS:
        said |= set(re.findall(r'crm\.word\(\s*"([\w-]+)"', path.read_text("utf-8")))
        said |= {
            word
            for pair in re.findall(r'crm\.word\(done \? "([\w-]+)" : "([\w-]+)"\)', path.read_text("utf-8"))
            for word in pair
        }
        said |= set(re.findall(r'say\("[\w-]+", "([\w-]+)"\)', path.read_text("utf-8")))
        said |= set(re.findall(r'without\(form, "([\w-]+)"\)', path.read_text("utf-8")))
        reasons = re.search(r"const REASONS = \{(.*?)\};", path.read_text("utf-8"))
        said |= set(re.findall(r'"([\w-]+)"', reasons[1])) if reasons else set()
    core = (bundle.STATIC / "js/core.js").read_text("utf-8")
    table = re.search(r"const known = \{(.*?)\};", core)
    assert table
    said |= set(re.findall(r'"([\w-]+)"', table[1])) | {"went-wrong"}
    shared = (bundle.STATIC.parent / "templates/parts/_shared.html").read_text("utf-8")
    there = set(re.findall(r'\("([\w-]+)", _\(', shared))
    assert said == there
