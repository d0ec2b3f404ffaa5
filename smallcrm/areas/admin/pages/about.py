"""Versions, and the licences of what smallcrm carries."""

from __future__ import annotations

import platform
import re
from functools import lru_cache
from importlib import metadata

from smallcrm import __version__
from smallcrm.areas.admin.pages import admin
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.store import ours
from smallcrm.web.bundle import VENDOR
from smallcrm.web.context import actor
from smallcrm.web.settings_shell import page

# What runs inside; names as the packages have them, with what is said where a package says nothing.
PARTS = (
    "apscheduler", "apsw", "babel", "certifi", "cryptography", "defusedxml", "flask", "icalendar", "jinja2", "nh3",
    "openpyxl", "peewee", "phonenumberslite", "pyotp", "python-calamine", "python-dateutil", "python-stdnum", "segno",
    "tzdata", "vobject", "waitress", "werkzeug",
)  # fmt: skip


SAYS_NOTHING = {"peewee": "MIT"}


@admin.get("/admin/about")
def about() -> str:
    """For everybody."""
    actor()
    licences = VENDOR / "LICENCES.txt"
    return page(
        "admin/about.html", "/admin/about", version=__version__, python=platform.python_version(),
        sqlite=ours.check_library(), parts=_parts(),
        licences=licences.read_text("utf-8") if licences.is_file() else "",
    )  # fmt: skip


@admin.get("/admin/about/<part>")
def licence(part: str) -> str:
    """The licence's text of one package."""
    actor()
    if part not in PARTS:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return page("admin/licence.html", "/admin/about", part=part, text=_text(part))


@lru_cache(maxsize=1)
def _parts() -> list[tuple[str, str, str]]:
    """(name, version, licence) of the Python packages that are there."""
    found = []
    for name in PARTS:
        try:
            known = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        said = _first(known, "License-Expression") or _classified(known.get_all("Classifier") or [])
        said = said or _first(known, "License").split("\n")[0]
        found.append((name, _first(known, "Version"), (said or SAYS_NOTHING.get(name, ""))[:60]))
    return found


def _text(name: str) -> str:
    """What the package's own licence files say."""
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return ""
    chosen = [each for each in files if re.search(r"(?i)(^|/)(licen[cs]e|copying|notice)[^/]*$", str(each))]
    texts = [each.locate().read_text("utf-8", errors="replace") for each in chosen if each.locate().is_file()]  # type: ignore[attr-defined]
    return "\n\n".join(dict.fromkeys(texts))


def _first(known: metadata.PackageMetadata, name: str) -> str:
    found = known.get_all(name) or [""]
    return str(found[0]).strip()


def _classified(classifiers: list[str]) -> str:
    heads = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    return ", ".join(head for head in heads if head != "OSI Approved")
