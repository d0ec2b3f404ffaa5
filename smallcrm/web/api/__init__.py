"""The JSON API, ``/api/v1``: made from the record declarations, with the rights of whoever the token belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def install(app: Flask) -> None:
    """Hook into the app."""
    from smallcrm.web.api.records import api, openapi

    app.register_blueprint(api)
    app.add_url_rule("/openapi.json", "openapi", openapi)
