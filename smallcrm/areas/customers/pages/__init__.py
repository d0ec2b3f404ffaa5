"""What the generic pages cannot give: the 360° page's panels, relations, grades, consents, contact cards."""

from __future__ import annotations

from flask import Blueprint

customers = Blueprint("customers", __name__)

# the modules put their routes onto ``customers`` as they are imported
from smallcrm.areas.customers.pages import (  # noqa: E402
    acts,
    consents,
    family,
    grades,
    invoices,
    members,
    panels,
    relations,
    settings,
    vcards,
)

__all__ = [
    "acts", "consents", "customers", "family", "grades", "invoices", "members", "panels", "relations", "settings", "vcards",
]  # fmt: skip
