"""Every sentence of smallcrm exists in every language, with the same blanks to fill."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
BLANK = re.compile(r"%(?:\((\w+)\))?[sd]|\{(\w*)\}")
MARKUP = re.compile(r"</?[a-z]+[^>]*>")
LANGUAGES = ["zh", "el"]


def strings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("strings", ROOT / "packaging" / "strings.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sources() -> dict[tuple[str, str], str]:
    """(context, message) to the file that says it."""
    return {
        (context, message if isinstance(message, str) else message[0]): where
        for context, message, where in strings().said(ROOT / "smallcrm")
    }


def translations(language: str) -> dict[tuple[str, str], Message]:
    path = ROOT / "smallcrm" / "locale" / language / "LC_MESSAGES" / "smallcrm.po"
    with path.open("rb") as handle:
        catalogue = read_po(handle, locale=language, abort_invalid=True)
    return {(message.context or "", one(message.id)): message for message in catalogue if message.id}


def one(text: Any) -> str:
    return text[0] if isinstance(text, (tuple, list)) else text


def forms(text: Any) -> list[str]:
    return list(text) if isinstance(text, (tuple, list)) else [text]


def blanks(text: str) -> list[str]:
    return sorted(match.group() for match in BLANK.finditer(text.replace("%%", "")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_or_fuzzy(language: str, sources: dict[tuple[str, str], str]) -> None:
    known = translations(language)
    missing = [f"{where}: {key[1]}" for key, where in sources.items() if key not in known]
    empty = [key[1] for key, message in known.items() if not all(forms(message.string))]
    fuzzy = [key[1] for key, message in known.items() if message.fuzzy]
    assert (missing, empty, fuzzy) == ([], [], []), "run `make strings`, then translate what is empty"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_kept_that_nobody_says(language: str, sources: dict[tuple[str, str], str]) -> None:
    assert sorted(set(translations(language)) - set(sources)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_blanks_and_the_markup_are_the_same(language: str) -> None:
    wrong = []
    for message in translations(language).values():
        source, wanted = forms(message.id), forms(message.string)
        for index, text in enumerate(wanted):
            # A language with one form says it for any number; the singular may leave the number out.
            pattern = source[min(index, len(source) - 1)] if len(wanted) > 1 else source[-1]
            if blanks(text) != blanks(pattern) or MARKUP.findall(text) != MARKUP.findall(pattern):
                wrong.append(f"{pattern!r}: {text!r}")
    assert wrong == []


def test_chinese_and_greek_are_written_in_their_own_letters() -> None:
    """Names, codes and addresses stay as they are; a sentence of several English words does not."""
    wrong = []
    for language, own in (("zh", r"[\u4e00-\u9fff]"), ("el", r"[\u0370-\u03ff\u1f00-\u1fff]")):
        for message in translations(language).values():
            for source, text in zip(forms(message.id), forms(message.string), strict=False):
                words = re.findall(r"[A-Za-z]{3,}", BLANK.sub("", source))
                if len(words) > 2 and not re.search(own, text) and text == source:
                    wrong.append(f"{language}: {source}")
    assert wrong == []
