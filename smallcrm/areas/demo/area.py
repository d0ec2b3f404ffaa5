"""The demo area's card: it has no pages; it offers sample data to set-up."""

from __future__ import annotations

from smallcrm.areas.demo import sample
from smallcrm.areas.people import setup
from smallcrm.web.area import Area

setup.offer_sample_data(sample.fill)

AREA = Area(
    name="demo",
    needs=(
        "people",
        "customers",
        "activities",
        "catalog",
        "pipeline",
        "pool",
        "files",
        "leads",
        "visits",
        "workreports",
        "reports",
        "targets",
    ),
)
