"""Bring ``smallcrm/locale/*/LC_MESSAGES/smallcrm.po`` up to date with what the code and the templates say.

    python packaging/strings.py            add new strings with an empty translation, drop those no longer said
    python packaging/strings.py FOLDER     the same catalogues, but from the sources in FOLDER

Nothing is guessed: a changed English sentence is a new one, never a "fuzzy" copy of its neighbour's translation.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
PLAIN = {"_", "gettext", "translate"}
PLURAL = {"ngettext", "translate_n"}
IN_CONTEXT = {"pgettext", "translate_p"}
WORDS = PLAIN | PLURAL | IN_CONTEXT | {"L"}


Said = tuple[str, str | tuple[str, str]]  # (context or "", message or (one, many))


def said(source: Path) -> Iterator[tuple[str, str | tuple[str, str], str]]:
    """(context or "", message or (one, many), where) for every translatable string below ``source``."""
    for path in sorted(source.rglob("*")):
        if path.suffix == ".py":
            found = in_python(path.read_text())
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            found = in_template(path.read_bytes())
        else:
            continue
        where = path.relative_to(source.parent).as_posix()
        for context, message in found:
            yield context, message, where


def in_python(text: str) -> Iterator[Said]:
    """What a module says, in the order of its lines. Only literal arguments that stand by position count."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        word = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        literals = [node.value if isinstance(node, ast.Constant) else None for node in call.args]
        named = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
        if word == "L" and literals and named.get("context"):
            literals = [literals[0], named["context"]]
        yield from meant(word, literals)


def in_template(text: bytes) -> Iterator[Said]:
    """What a template says."""
    options = {"extensions": "jinja2.ext.do", "silent": "false"}  # one that cannot be read says so
    for _line, word, arguments, _comments in babel_extract(io.BytesIO(text), tuple(WORDS), [], options):
        yield from meant(word, list(arguments) if isinstance(arguments, (tuple, list)) else [arguments])


def meant(word: str, literals: list[Any]) -> Iterator[Said]:
    """The string that a call of ``word`` says, if it says one."""
    first, second = [each if isinstance(each, str) else "" for each in [*literals, "", ""][:2]]
    if word in IN_CONTEXT and second:
        yield first, second
    elif word in PLURAL and first:
        yield "", (first, second)
    elif word == "L" and first:
        yield second, first
    elif word in PLAIN and first:
        yield "", first


def gathered(source: Path = ROOT / "smallcrm") -> Catalog:
    """All strings of smallcrm, untranslated, each with the files that say it."""
    catalogue = Catalog(fuzzy=False)
    for context, message, where in said(source):
        catalogue.add(message, context=context or None, locations=[(where, 0)])
    return catalogue


def update(source: Path = ROOT / "smallcrm") -> None:
    """Write both catalogues anew: same strings as the sources, translations kept, sorted by the English text."""
    template = gathered(source)
    for path in sorted((ROOT / "smallcrm" / "locale").glob("*/LC_MESSAGES/smallcrm.po")):
        with path.open("rb") as handle:
            old = read_po(handle, locale=path.parts[-3])
        fresh = Catalog(locale=path.parts[-3], fuzzy=False, header_comment="# Translations of smallcrm.")
        for message in template:
            if not message.id:
                continue
            known = old.get(message.id, context=message.context) if message.id else None
            translated = known.string if known and not known.fuzzy and same_plural(known.id, message.id) else None
            fresh.add(message.id, translated, context=message.context)
        out = io.BytesIO()
        write_po(out, fresh, sort_output=True, width=120, omit_header=True, no_location=True)
        path.write_bytes(HEADER.format(language=path.parts[-3], plural=fresh.plural_forms).encode() + out.getvalue())


def same_plural(one: object, other: object) -> bool:
    """Whether both are counted sentences or both are not."""
    return isinstance(one, (tuple, list)) == isinstance(other, (tuple, list))


HEADER = """# Translations of smallcrm.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


if __name__ == "__main__":
    update(*(Path(folder) / "smallcrm" for folder in sys.argv[1:2]))
