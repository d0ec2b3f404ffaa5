"""What smallcrm does by itself about requests: it reminds whoever handles one, and those who answer for it once it is late."""

from __future__ import annotations

from functools import partial

from smallcrm import store
from smallcrm.areas.privacy.rules import requests
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import directory, notices
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily

KIND = "privacy"


def remind() -> dict[str, int]:
    """Tell of every request that is due within days, once; of one that is late, again, and everybody in charge."""
    told = 0
    for each in requests.open_ones(SYSTEM):
        left = each.days_left
        if left > requests.SOON:
            continue
        receivers = {each.handler} if left >= 0 else {each.handler, *(person.id for person in directory.admins())}
        heading = L("A request about personal data is due") if left >= 0 else L("A request about personal data is late")
        with store.writing():
            for user in sorted(receivers):
                told += bool(
                    notices.notify(
                        user, KIND, title=heading, body=partial(_words, left), link=each.url,
                        key=f"privacy:{each.id}:{each.due_on}:{'late' if left < 0 else 'soon'}",
                    )
                )  # fmt: skip
    return {"told": told}


def _words(left: int) -> str:
    if left < 0:
        return ngettext("Since %(n)s day.", "Since %(n)s days.", -left)
    return ngettext("In %(n)s day.", "In %(n)s days.", left) if left else str(L("Today."))


REQUESTS = Job("privacy-requests", Daily("07:20"), remind, title=L("Remind of requests about personal data"))
