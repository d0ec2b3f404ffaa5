"""The privacy area's card."""

from __future__ import annotations

from smallcrm.areas.privacy import api, jobs, records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.privacy.pages import people, privacy, requests
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Command, SettingsPage

AREA = Area(
    name="privacy",
    needs=("people", "customers"),
    blueprint=privacy,
    settings=(SettingsPage("privacy", L("Personal data"), "/privacy", right="privacy", group="data", order=60),),
    commands=(Command("privacy", L("Personal data: what was asked"), "shield", "/privacy", right="privacy"),),
    panels=people.PANELS,
    today=requests.TODAY,
    acts=people.ACTS,
    jobs=(jobs.REQUESTS,),
    api=api.verbs(),
)
