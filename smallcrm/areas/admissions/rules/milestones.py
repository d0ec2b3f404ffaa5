"""What stages stand for, and how far each application ever came: read from where it stood when, never from where it stands.

A stage that was skipped counts as passed. A move that was undone leaves no trace, because it leaves none in the stage history.
"""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.records.joined import FURTHEST, MILESTONES
from smallcrm.areas.people import setup
from smallcrm.areas.pipeline.records import Opportunity, Stage
from smallcrm.areas.pipeline.rules import history, setting_up  # noqa: F401  both come first
from smallcrm.areas.pipeline.rules.ready import STAGES
from smallcrm.base.i18n import LANGUAGES, speaking
from smallcrm.base.text import fold
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import cache, change, changesets, derive, indexes
from smallcrm.records.drafts import CREATE, Draft

ORDER = tuple(each.key for each in FURTHEST)
CHUNK = 5_000


def at_least(milestone: str) -> list[str]:
    """A milestone and every later one."""
    return list(ORDER[ORDER.index(milestone) :])


# ---------------------------------------------------------------- what a stage stands for


@cache.kept
def _words() -> dict[str, str]:
    """What a school's ready-made stages are called in any language, folded → milestone."""
    found: dict[str, str] = {}
    opens = [label for label, kind, _ in STAGES["education"] if kind == "open"]
    for code in LANGUAGES:
        with speaking(code):
            for milestone, label in zip(MILESTONES, opens, strict=True):
                found[fold(str(label))] = found[fold(str(milestone.label))] = milestone.key
    return found


@change.before("stage")
def guess(drafts: list[Draft]) -> None:
    """A new stage that is called as a school's are stands for the same."""
    if settings.on():
        for draft in drafts:
            after = draft.after
            if draft.act == CREATE and not after.get("milestone") and after.get("kind") == "open":
                after["milestone"] = _words().get(fold(after.get("name") or ""))


@derive.on("stage")
def stages_changed(drafts: list[Draft]) -> None:
    """Applications that ever stood in them are looked at again."""
    touched = [
        draft.id for draft in drafts if draft.before is not None and draft.touches("milestone", "position", "kind")
    ]
    if touched and settings.on():
        sql = "SELECT DISTINCT opportunity FROM stage_history WHERE stage IN (SELECT value FROM json_each(?))"
        _keep([number for (number,) in store.rows(sql, [store.json_list(touched)])])


def stage_of(pipeline: int | None, milestone: str) -> int | None:
    """The stage of a pipeline that stands for a milestone."""
    sql = (
        "SELECT id FROM stage WHERE pipeline = ? AND milestone = ? AND deleted_at IS NULL ORDER BY position, id LIMIT 1"
    )
    return store.value(sql, [pipeline, milestone])


# ---------------------------------------------------------------- how far each came


@derive.on("opportunity")
def moved(drafts: list[Draft]) -> None:
    """How far these came."""
    if settings.on():
        touched = [draft for draft in drafts if draft.before is None or draft.touches("stage", "state", "deleted_at")]
        now = _keep([draft.id for draft in touched])
        for draft in touched:
            draft.after["furthest"] = now.get(draft.id)


def _keep(ids: Sequence[int]) -> dict[int, str | None]:
    """Write it where it differs; what holds now."""
    kept: dict[int, str | None] = {}
    places = ", ".join("(?, ?)" for _ in ORDER)
    params = [part for place, key in enumerate(ORDER) for part in (key, place)]
    sql = (
        f"WITH place (key, n) AS (VALUES {places}) SELECT o.id, (SELECT place.key FROM stage_history h LEFT JOIN stage s ON s.id = h.stage"
        " CROSS JOIN place ON place.key = CASE WHEN h.state = 'won' THEN 'enrolled' ELSE s.milestone END"
        " WHERE h.opportunity = o.id AND h.entered = 1 ORDER BY place.n DESC LIMIT 1) AS now, o.furthest"
        " FROM opportunity o WHERE o.id IN (SELECT value FROM json_each(?))"
    )
    for start in range(0, len(ids), CHUNK):
        found = store.rows(sql, [*params, store.json_list(ids[start : start + CHUNK])])
        derive.put(Opportunity, {number: {"furthest": now} for number, now, before in found if now != before})
        kept |= {number: now for number, now, _ in found}
    return kept


# ---------------------------------------------------------------- switching on


def begin() -> None:
    """Admissions come into use: stages are told, what follows is worked out for everything there is. Inside ``writing``."""
    from smallcrm.areas.admissions.rules import documents

    if not settings.on():
        return
    indexes.ensure()
    with changesets.opened(SYSTEM, "rule"):
        known = _words()
        bare = store.rows("SELECT id, name FROM stage WHERE milestone IS NULL AND kind = 'open' AND deleted_at IS NULL")
        told = [(number, {"milestone": known[fold(name)]}) for number, name in bare if fold(name) in known]
        if told:
            change.update_many(SYSTEM, Stage, told, trusted=True)
    ids = [number for (number,) in store.rows("SELECT id FROM opportunity")]
    _keep(ids)
    documents.count_again(ids)


setup.afterwards(begin)
