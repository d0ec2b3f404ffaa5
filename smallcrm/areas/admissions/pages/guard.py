"""The pages are there only where admissions are in use."""

from __future__ import annotations

from smallcrm.areas.admissions import settings
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.web.context import actor


def here() -> Actor:
    """Who asks. Raises NotFound where admissions are not in use."""
    if not settings.on():
        raise NotFound(L("There is nothing here, or you may not see it."))
    return actor()
