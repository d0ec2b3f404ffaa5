"""The people of every phrase, and a parsed line in one readable line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from smallcrm.areas.activities.logline import Act, Person, Plan, Understood, parse

CONTACTS = [
    Person(1, "Bob Fenwick"),
    Person(2, "Anna Leckie"),
    Person(3, "王建国"),
    Person(4, "李文静"),
    Person(5, "Νίκος Παπαδόπουλος"),
    Person(6, "Μαρία Γεωργίου"),
    Person(7, "Maria Rossi"),
    Person(8, "欧阳雪"),
    Person(9, "周敏"),
]
COLLEAGUES = [Person(11, "Dimitris Vlachos", ("Δημήτρης",)), Person(12, "李明", ("小李",)), Person(13, "Ελένη Δήμου")]
SHORT = {1: "Bob", 2: "Anna", 3: "王", 4: "李", 5: "Νίκος", 6: "Μαρία", 7: "Maria", 8: "欧阳", 9: "周"}
SHORT |= {11: "Dimitris", 12: "小李", 13: "Ελένη"}

ATHENS = ZoneInfo("Europe/Athens")
NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=ATHENS)  # a Friday


def understood(text: str, language: str = "en", now: dt.datetime = NOW) -> Understood:
    """``text`` read by this cast on a Friday morning in Athens."""
    return parse(text, language=language, contacts=CONTACTS, colleagues=COLLEAGUES, now=now, zone=ATHENS)


def told(line: Understood) -> str:
    """``call in Bob 5min | + task Tue 24 Nov: send price | ~ the rest``."""
    acts = [line.done, *line.also] if line.done else []
    parts = [_act(act) for act in acts]
    parts += [_plan(plan, line.done.contacts if line.done else ()) for plan in line.planned]
    return " | ".join([*parts, f"~ {line.rest}"] if line.rest else parts)


def _act(act: Act) -> str:
    words = [act.kind]
    if act.direction == "in":
        words.append("in")
    words += [SHORT[number] for number in act.contacts]
    if act.duration_minutes:
        words.append(f"{act.duration_minutes}min")
    local = act.at.astimezone(ATHENS)
    if act.has_day or act.has_time:
        words.append(f"{local:%d %b}")
    if act.has_time:
        words.append(f"{local:%H:%M}")
    if act.outcome:
        words.append(act.outcome)
    if act.by:
        words.append(f"by {SHORT[act.by]}")
    return " ".join(words)


def _plan(plan: Plan, named: tuple[int, ...]) -> str:
    words = ["+", plan.kind]
    if plan.due:
        words.append(f"{plan.due:%a %d %b}")
    if plan.at:
        words.append(f"{plan.at.astimezone(ATHENS):%H:%M}")
    if plan.duration_minutes:
        words.append(f"{plan.duration_minutes}min")
    if plan.reminder:
        words.append("remind")
    if plan.who:
        words.append(f"by {SHORT[plan.who]}")
    if plan.contacts != named:
        words += [SHORT[number] for number in plan.contacts]
    return f"{' '.join(words)}: {plan.subject}"


def phrases(language: str) -> list[tuple[str, str]]:
    """Phrases of a language as people type them, each with what it means: the indented line below it."""
    lines = (Path(__file__).parent / "phrases" / f"{language}.txt").read_text("utf-8").splitlines()
    return [(phrase, meaning.strip()) for phrase, meaning in zip(lines[::2], lines[1::2], strict=True)]
