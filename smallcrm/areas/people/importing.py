"""What a file of users may hold besides: their team, and who manages it. Both are made where they are not there yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm.areas.people.records import Team, User
from smallcrm.areas.people.roles import role_id
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.records import access, change
from smallcrm.records.exchange.column_words import COLUMNS
from smallcrm.records.exchange.columns import Field as Column
from smallcrm.records.importing import extras
from smallcrm.records.importing.extras import Extra
from smallcrm.records.importing.names import Finder

extras.concepts("user", {"name": ("person", "owner"), "team": ("team", "region")})
extras.keys("user", ("email",), ("name",))
extras.defaults("user", {"role": "sales"})


@extras.add("user")
class TeamOfUser(Extra):
    """``team`` and ``team.manager``. A team that comes with several managers gets a team under it for each of them."""

    prefix = "team"
    takes = ("team",)

    def __init__(self, actor: Any, kind: Any) -> None:
        super().__init__(actor, kind)
        self._teams: dict[tuple[str, str], int] = {}
        self._managers: dict[int, tuple[str, int]] = {}  # team → the manager's name, and the team they belong to
        self._shared: set[str] = set()

    def columns(self) -> list[Column]:
        """The manager of the row's team."""
        return [Column("manager", "person", {"0": str(L("Manager"))}, COLUMNS["manager"])]

    def label(self, name: str) -> str:
        """``Team: manager``."""
        return str(L("Manager of the team"))

    def begin(self, parts: Sequence[Mapping[str, Any]]) -> None:
        """Make the teams that are not there yet."""
        managers: dict[str, dict[str, str]] = {}
        names: dict[str, str] = {}
        for part in parts:
            if text := str(part.get("team") or "").strip():
                names.setdefault(fold(text), text)
                if boss := str(part.get("manager") or "").strip():
                    managers.setdefault(fold(text), {}).setdefault(fold(boss), boss)
        for key, text in names.items():
            bosses = managers.get(key, {})
            team = self._team(text, None)
            self._teams[key, ""] = team
            if len(bosses) < 2:
                for boss, name in bosses.items():
                    self._teams[key, boss] = team
                    self._managers[team] = (name, team)
                continue
            self._shared.add(key)
            for boss, name in bosses.items():
                below = self._team(str(L("%(team)s, %(manager)s", team=text, manager=name)), team)
                self._teams[key, boss] = below
                self._managers[below] = (name, below)

    def _team(self, name: str, parent: int | None) -> int:
        found = Finder(self.actor, Team)(name)
        if found.id:
            return found.id
        values = {"name": name, **({"parent": parent} if parent else {})}
        return int(change.create(self.actor, Team, values).id)

    def fill(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """The user's team."""
        team = self._teams.get(self._key(part))
        return {"team": team} if team else {}

    @staticmethod
    def _key(part: Mapping[str, Any]) -> tuple[str, str]:
        return fold(str(part.get("team") or "").strip()), fold(str(part.get("manager") or "").strip())

    def changes(self, matched: Mapping[int, Sequence[Mapping[str, Any]]]) -> set[int]:
        """Users whose team is another one, or does not exist yet."""
        finder = Finder(self.actor, Team)
        found = set()
        for user, parts in matched.items():
            held = access.fetch(self.actor, User, user)
            for part in parts:
                text, boss = str(part.get("team") or "").strip(), str(part.get("manager") or "").strip()
                names = [text, str(L("%(team)s, %(manager)s", team=text, manager=boss))]
                teams = {finder(name).id for name in names if name}
                if text and held is not None and getattr(held, "team", None) not in teams - {None}:
                    found.add(user)
        return found

    def finish(self) -> None:
        """Managers are looked up when every row has come in; whoever is still missing is made."""
        finder = Finder(self.actor, User)
        for team, (name, home) in self._managers.items():
            known = finder(name)
            person = known.id
            if person is None and not known.several and known.active:
                values = {"name": name, "role": role_id("manager"), "team": home}
                person = int(change.create(self.actor, User, values).id)
                finder.forget()
            if person is not None:
                change.update(self.actor, access.find(self.actor, Team, team), {"manager": person})
