"""What opportunities and their stages are chosen from."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.base.i18n import L, Lazy
from smallcrm.records.fields.choice import Option


class Said(Lazy):
    """What is said of an opportunity in other words where the company is a school."""

    __slots__ = ("school",)

    def __init__(self, usual: Lazy, school: Lazy) -> None:
        super().__init__(usual.message, usual.context)
        self.school = school

    def __str__(self) -> str:
        from smallcrm.records import settings

        return str(self.school) if settings.get("company.preset") == "education" else super().__str__()


WON, LOST, INVALID = (
    Said(L("Won"), L("Enrolled")), Said(L("Lost"), L("Not enrolled")), Said(L("Invalid", "opportunity"), L("Deferred")),
)  # fmt: skip
STATES = (
    Option("open", L("Open", "opportunity")), Option("won", WON, "good"), Option("lost", LOST, "bad"), Option("invalid", INVALID),
)  # fmt: skip
ENDED = ("won", "lost", "invalid")
FORECASTS = (
    Option("pipeline", L("Pipeline", "forecast")), Option("best", L("Best case")), Option("commit", L("Commit"), "good"),
    Option("omitted", L("Left out", "forecast")),
)  # fmt: skip
PARTS = (
    ("decides", L("Decides")), ("approves", L("Approves")), ("uses", L("Uses it")), ("technical", L("Judges the technology")),
    ("buys", L("Buys")), ("pays", L("Holds the money")), ("coach", L("Coach")),
)  # fmt: skip
INFLUENCE = (("low", L("low")), ("medium", L("medium")), ("high", L("high")))
ATTITUDES = (
    Option("champion", L("fights for us"), "good"), Option("supporter", L("is for us"), "good"), Option("neutral", L("neutral")),
    Option("opponent", L("is against us"), "bad"), Option("enemy", L("fights against us"), "bad"),
)  # fmt: skip
COVERAGE = (
    Option("none", L("not spoken to"), "bad"),
    Option("some", L("some contact")),
    Option("good", L("good contact"), "good"),
)

# What a stage may ask to be filled in before an opportunity goes on to it.
GATED = (
    "customer",
    "contact",
    "amount",
    "expected_close",
    "next_step",
    "source",
    "products",
    "competitors",
    "description",
)


def gate_fields() -> Sequence[Option]:
    """The fields a stage may ask for, as they are called now, the company's own ones too."""
    from smallcrm.records import labels
    from smallcrm.records.custom import fields_of
    from smallcrm.records.record import by_key

    kind = by_key("opportunity")
    names = [name for name, field in fields_of(kind).items() if name in GATED or field.custom]
    return [Option(name, labels.field(kind, name)) for name in names]
