"""Versions, and the licences of what smallcrm carries."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata

from smallcrm import __version__
from smallcrm.areas.admin.pages import admin
from smallcrm.store import database
from smallcrm.web.bundle import VENDOR
from smallcrm.web.context import actor
from smallcrm.web.settings_shell import page

# What runs inside; names as the packages have them, with what is said where a package says nothing.
PARTS = (
    "apscheduler", "apsw", "babel", "certifi", "cryptography", "defusedxml", "flask", "icalendar", "jinja2", "nh3",
    "openpyxl", "peewee", "phonenumberslite", "pyotp", "python-calamine", "python-dateutil", "python-stdnum", "segno",
    "tzdata", "vobject", "waitress", "werkzeug",
)  # fmt: skip


@admin.get("/admin/about")
def about() -> str:
    """For everybody."""
    actor()
    licences = VENDOR / "LICENCES.txt"
    return page(
        "admin/about.html", "/admin/about", version=__version__, python=platform.python_version(),
        sqlite=database.check_library(), parts=_parts(),
        licences=licences.read_text("utf-8") if licences.is_file() else "",
    )  # fmt: skip


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
        found.append((name, _first(known, "Version"), (said or _first(known, "License")).split("\n")[0][:60]))
    return found


def _first(known: metadata.PackageMetadata, name: str) -> str:
    found = known.get_all(name) or [""]
    return str(found[0]).strip()


def _classified(classifiers: list[str]) -> str:
    heads = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    return ", ".join(head for head in heads if head != "OSI Approved")
