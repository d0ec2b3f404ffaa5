"""The stages that each kind of business starts with, and the reasons for which deals are lost. Data only."""

from __future__ import annotations

from smallcrm.base.i18n import L, Label

Ready = tuple[tuple[Label, str, int], ...]  # name, kind, chance

STAGES: dict[str, Ready] = {
    "sales": (
        (L("New", "stage"), "open", 10), (L("Needs clear"), "open", 30), (L("Solution agreed"), "open", 50),
        (L("Quote sent"), "open", 70), (L("Negotiation"), "open", 90), (L("Won"), "won", 100), (L("Lost"), "lost", 0),
        (L("Invalid", "opportunity"), "invalid", 0),
    ),
    "services": (
        (L("First talk"), "open", 10), (L("Scope clear"), "open", 30), (L("Proposal sent"), "open", 60),
        (L("Negotiation"), "open", 85), (L("Won"), "won", 100), (L("Lost"), "lost", 0), (L("Invalid", "opportunity"), "invalid", 0),
    ),
    "education": (
        (L("Inquiry"), "open", 10), (L("Contacted"), "open", 20), (L("Tour or trial lesson"), "open", 35),
        (L("Application begun"), "open", 45), (L("Application handed in"), "open", 55), (L("Interview or placement test"), "open", 65),
        (L("Place offered"), "open", 75), (L("Deposit paid"), "open", 90), (L("Enrolled"), "won", 100),
        (L("Declined"), "lost", 0), (L("Not admitted"), "lost", 0), (L("Withdrawn"), "lost", 0), (L("Deferred to next term"), "invalid", 0),
    ),
}  # fmt: skip

LOSS_REASONS: tuple[Label, ...] = (
    L("chose a competitor"), L("project stopped"), L("too many had a say"), L("no budget"), L("needs changed"), L("price"),
)  # fmt: skip
