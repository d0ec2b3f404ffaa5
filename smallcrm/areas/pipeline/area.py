"""The pipeline area's card."""

from __future__ import annotations

from smallcrm.areas.people import setup
from smallcrm.areas.pipeline import records  # noqa: F401  registered by being imported
from smallcrm.areas.pipeline.rules import setting_up
from smallcrm.web.area import Area, Nav

setup.afterwards(setting_up.make_first)

AREA = Area(
    name="pipeline",
    needs=("people", "customers", "activities", "catalog"),
    nav=(Nav("opportunities", "", "target-arrow", "/opportunities", type="opportunity", order=25),),
)
