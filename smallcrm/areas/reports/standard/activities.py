"""What people did: calls with their minutes, visits, messages, by person and by week."""

from __future__ import annotations

from smallcrm.areas.activities.records import FOLLOW_UPS
from smallcrm.base.i18n import L
from smallcrm.records.figures import Ready, Report, Spec, ready

DONE = {"all": [{"field": "done_at", "op": "not_empty"}, {"field": "kind", "op": "in", "value": list(FOLLOW_UPS)}]}
CALLS = {"all": [{"field": "done_at", "op": "not_empty"}, {"field": "kind", "op": "eq", "value": "call"}]}
_HOW = L("Calls, meetings, visits, messages and e-mails that were done in the period, by the day they were done.")


def _spec(
    measure: str, by: str = "", then: str = "", *, of: object = DONE, chart: str = "", period: str = "this_month"
) -> Spec:
    return Spec("activity", measure, by, then, of, "done_at", period, "previous", chart)


_FIGURES = (
    Ready("follow-ups", L("Follow-ups done"), _spec("count"), _HOW),
    Ready("calls", L("Calls"), _spec("count", of=CALLS)),
    Ready("call-minutes", L("Minutes on the telephone"), _spec("sum:duration_minutes", of=CALLS)),
    Ready("activities-by-owner", L("Follow-ups by person"), _spec("count", "owner", "kind", chart="table"), _HOW),
    Ready("call-minutes-by-owner", L("Minutes of calls by person"), _spec("sum:duration_minutes", "owner", of=CALLS)),
    Ready(
        "activities-by-week",
        L("Follow-ups by week"),
        _spec("count", "done_at:week", "kind", period="last_90_days"),
        _HOW,
    ),
    Ready("activities-by-outcome", L("Calls by outcome"), _spec("count", "outcome", of=CALLS)),
)

ready.report(
    Report(
        "activity", L("Activity"), "phone", tuple(ready.figure(each).key for each in _FIGURES),
        L("Calls with their minutes, visits, messages: who did how much, and when."), 40, compare="previous",
    )
)  # fmt: skip
