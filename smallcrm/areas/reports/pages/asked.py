"""What an address asks of figures: the period, whose, compared with what; and the menus that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

from smallcrm.areas.reports.rules import people
from smallcrm.areas.reports.rules.people import Whose
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.figures import Spec, periods, slices
from smallcrm.records.figures.slices import Slice

LONG = 62  # days from which a series in time follows the picker
Choice = tuple[str, str, bool]  # words, address, whether it is the present one


@dataclass(frozen=True)
class Asked:
    """The pickers of a page. ``period`` and ``compare`` are None where the address says nothing."""

    actor: Actor
    path: str
    kept: tuple[tuple[str, str], ...]  # what else stands in the address
    whose: Whose
    period: str | None
    compare: str | None
    period_now: str = ""  # what holds where the address says nothing
    compare_now: str = ""
    each: bool = False  # the page's figures have periods of their own
    sliced: tuple[tuple[Slice, int], ...] = ()  # what else it is narrowed to

    def url(self, **differing: Any) -> str:
        """The address with something else in it; None takes a part away."""
        held: dict[str, Any] = dict(self.kept) | {
            "whose": self.whose.word,
            "period": self.period,
            "compare": self.compare,
            **self.narrowed,
        }
        held |= differing
        return f"{self.path}?{urlencode({k: v for k, v in held.items() if v is not None and (v != '' or k in ('period', 'compare'))})}"

    @property
    def chosen(self) -> str:
        """The period in force."""
        return self.period_now if self.period is None else self.period

    @property
    def compared(self) -> str:
        """The comparison in force."""
        return self.compare_now if self.compare is None else self.compare

    def of(self, spec: Spec) -> Spec:
        """A figure as the pickers want it."""
        if spec.when and self.period is not None:
            series = spec.by.startswith(f"{spec.when}:")
            span = periods.span(self.period)
            if not series or span is None or (span[1] - span[0]).days >= LONG:
                spec = replace(spec, period=self.period)
        if self.compare is not None and (spec.when and not spec.then):
            spec = replace(spec, compare=self.compare)
        more = [made.condition(self.actor, spec.about, value) for made, value in self.sliced]
        return spec.narrowed(self.whose.condition(spec.about), *more)

    @property
    def narrowed(self) -> dict[str, str]:
        """What else it is narrowed to, as it stands in an address."""
        return {made.key: str(value) for made, value in self.sliced}

    @property
    def carried(self) -> str:
        """Whose and what else, to be put behind another address."""
        held = {"whose": self.whose.word, **self.narrowed}
        return "".join(f"&{name}={quote(value)}" for name, value in held.items() if value)

    @property
    def said(self) -> str:
        """Whose and what else, in words."""
        return " · ".join([self.whose_words, *(dict(made.choices(self.actor)).get(v, "–") for made, v in self.sliced)])

    # -- menus

    def slices(self) -> list[tuple[Slice, str, list[Choice]]]:
        """What reports can be narrowed to besides, what is chosen, and the choices."""
        found = []
        chosen = {made.key: value for made, value in self.sliced}
        for made in slices.all():
            offered = made.choices(self.actor)
            if offered:
                now = chosen.get(made.key)
                menu = [(str(made.none), self.url(**{made.key: None}), now is None)]
                menu += [(name, self.url(**{made.key: value}), value == now) for value, name in offered]
                found.append((made, dict(offered).get(now or 0, str(made.none)), menu))
        return found

    def periods(self, *, future: bool = False, everything: bool = True) -> list[Choice]:
        """The periods to choose from."""
        words = [word for word in periods.WORDS if future or not word.startswith("next_")]
        found = [(periods.label(word), self.url(period=word), word == self.chosen) for word in words]
        if self.each:
            return [(str(L("Each figure’s own period")), self.url(period=None), self.period is None), *found]
        return [*found, *([(str(L("All time")), self.url(period=""), self.chosen == "")] if everything else [])]

    @property
    def period_words(self) -> str:
        """The chosen period."""
        if self.period is None and self.each:
            return str(L("Each figure’s own period"))
        return periods.label(self.chosen) if self.chosen else str(L("All time"))

    def comparisons(self) -> list[Choice]:
        """What to compare with."""
        found = [
            (str(words), self.url(compare=key), key == self.compared) for key, words in periods.COMPARISONS.items()
        ]
        return [*found, (str(L("nothing", "compared with")), self.url(compare=""), not self.compared)]

    @property
    def compare_words(self) -> str:
        """What is compared with, empty for nothing."""
        return str(periods.COMPARISONS[self.compared]) if self.compared in periods.COMPARISONS else ""

    def everybody(self) -> tuple[list[Choice], list[Choice]]:
        """Teams and people within reach; nothing where there is only oneself."""
        teams = [(n, self.url(whose=f"t{i}"), self.whose.word == f"t{i}") for i, n in people.teams(self.actor)]
        found = [(n, self.url(whose=f"u{i}"), self.whose.word == f"u{i}") for i, n in people.people(self.actor)]
        return (teams, found) if len(found) > 1 else ([], [])

    @property
    def whose_words(self) -> str:
        """Whose figures they are."""
        if self.whose.user is not None:
            return dict(people.people(self.actor)).get(self.whose.user, "–")
        if self.whose.teams:
            return dict(people.teams(self.actor)).get(int(self.whose.word[1:]), "–")
        return str(L("Everybody"))

    @property
    def own_range(self) -> tuple[str, str]:
        """First and last day of the chosen period, for the form of one's own."""
        span = periods.span(self.chosen)
        return (span[0].isoformat(), span[1].isoformat()) if span else ("", "")


def read(actor: Actor, *, period: str = "", compare: str = "", kept: Sequence[str] = (), each: bool = False) -> Asked:
    """What this request's address asks. Raises BadRequest for a period that makes no sense."""
    args = request.args
    chosen = args.get("period")
    first, last = args.get("from", "").strip(), args.get("to", "").strip()
    if first and last:
        chosen = f"{first}..{last}"
    if chosen:
        periods.span(chosen)
    compared = args.get("compare")
    held = tuple((name, args[name]) for name in kept if args.get(name))
    whose = people.whose(actor, args.get("whose", ""))
    return Asked(
        actor,
        request.path,
        held,
        whose,
        chosen,
        compared if compared in ("", *periods.COMPARISONS) else None,
        period,
        compare,
        each,
        _sliced(actor),
    )


def _sliced(actor: Actor) -> tuple[tuple[Slice, int], ...]:
    """What the address narrows to; what makes no sense narrows to nothing."""
    found = []
    for made in slices.all():
        value = request.args.get(made.key, type=int)
        if value and value in dict(made.choices(actor)):
            found.append((made, value))
    return tuple(found)
