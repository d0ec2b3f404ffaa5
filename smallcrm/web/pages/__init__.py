"""The pages every record type has, made from its declaration: list, record, form, cell, bulk, views, merge, bin, changes."""

from __future__ import annotations

from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter, ValidationError

from smallcrm.records.record import RecordType, all_types, by_name, is_present

pages = Blueprint("pages", __name__)


class TypeConverter(BaseConverter):
    """``<type:kind>``: the plural name of a type that has pages."""

    def __init__(self, url_map: object) -> None:
        super().__init__(url_map)  # type: ignore[arg-type]
        self.regex = "|".join(sorted((k.card.name for k in all_types() if k.card.pages), key=len, reverse=True))

    def to_python(self, value: str) -> RecordType:
        found = by_name(value)
        if found is None or not found.card.pages or not is_present(found):
            raise ValidationError
        return found

    def to_url(self, value: RecordType) -> str:
        return value.card.name


def prepare(app: Flask) -> None:
    """Make ``<type:…>`` known, before any area's routes."""
    app.url_map.converters["type"] = TypeConverter


def install(app: Flask) -> None:
    """Hook into the app."""
    app.register_blueprint(pages)


# the modules put their routes onto ``pages`` as they are imported
from smallcrm.web.pages import (  # noqa: E402
    bin,
    bulk,
    cells,
    changes,
    chips,
    days,
    forms,
    listing,
    merge,
    options,
    palette,
    record,
    views,
    works,
)

__all__ = [
    "bin", "bulk", "cells", "changes", "chips", "days", "forms", "install", "listing", "merge", "options", "pages",
    "palette", "record", "views", "works",
]  # fmt: skip
