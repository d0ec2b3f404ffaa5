"""Who reads a report: they reach it although it is not theirs; the rows that say so."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.identity.actor import Actor
from smallcrm.records import access, derive
from smallcrm.records.drafts import Draft

MOST = 1000  # reports of others within reach this way: the newest


@derive.on("work_report")
def keep(drafts: list[Draft]) -> None:
    """The rows by which a report is found for its readers: from the moment it is handed in."""
    for draft in drafts:
        if draft.touches("readers", "handed_in_at"):
            store.run("DELETE FROM work_report_reader WHERE report = ?", [draft.id])
            tokens = (draft.after.get("readers") or ()) if draft.after.get("handed_in_at") else ()
            store.run_many(
                "INSERT INTO work_report_reader (token, report) VALUES (?, ?)", [(t, draft.id) for t in tokens]
            )


def tokens_of(actor: Actor) -> list[str]:
    """As what an actor may stand among readers."""
    return [f"user/{actor.id}", *(f"team/{team}" for team in {*actor.teams, *([actor.team] if actor.team else [])})]


@access.also("work_report")
def given_to_read(actor: Actor, verb: str) -> Sequence[int]:
    """The reports an actor was given to read."""
    if verb != "view":
        return ()
    sql = "SELECT report FROM work_report_reader WHERE token IN (SELECT value FROM json_each(?)) ORDER BY report DESC LIMIT ?"
    return tuple(sorted({row[0] for row in store.rows(sql, [store.json_list(tokens_of(actor)), MOST])}))


def users_of(tokens: Sequence[str]) -> list[int]:
    """The people that tokens mean, teams with everybody in them."""
    found: list[int] = []
    for token in tokens:
        key, _, number = token.partition("/")
        if key == "user":
            found.append(int(number))
        else:
            sql = 'SELECT id FROM "user" WHERE team = ? AND active = 1 AND deleted_at IS NULL ORDER BY id'
            found += [row[0] for row in store.rows(sql, [int(number)])]
    return list(dict.fromkeys(found))
