"""The log line: one typed sentence becomes what happened and what is to be done. Pure functions, no database.

``parse`` reads English, Chinese and Greek alike, also mixed, without being told which. Its passes:

1. **Tokens** (``tokens``): words, numbers, single Han characters, marks; folded, each with its place in the text.
2. **People** (``people``): whoever of the contacts and colleagues is named becomes one item.
3. **Words** (``lexicon``, ``words_*``, one file a language): the longest phrase of the tables gives its tags.
4. **Measures** (``quantities``, ``dates``, ``clock_times``): patterns over tags join items: 5 min, next Tue, 3pm.
5. **Clauses** (``clauses``): cut at marks, and where a second verb or a coming day begins something new.
6. **Tense** (``tense``, ``dated``, ``undated``): each clause is done, planned, or a fact.
7. **Making** (``kinds``, ``parties``, ``acts``, ``plans``, ``marking``): acts, plans,
   what to underline, what stays as the note.

How past and future are told apart, the first that holds:

- A clause that begins with *if* is a fact. "wechat:", "note:" open something done.
- An outcome (no answer, 没接, έλειπε) is done, unless somebody merely reports it or it lies ahead.
- A finished verb (called, 打了, τηλεφώνησα; theirs: called me, 来电, τηλεφώνησε) is done; behind "said" or "wants" it
  is reported, behind "not" it did not happen, and both are facts. A tenseless 来访 or the imperative τηλεφώνησε with a
  coming day is planned.
- "Remind me", an arrangement with a day (agreed, 约了, κλείσαμε), "ask Dimitris" and a marker of the future with
  something to do (will, to, 要, 记得, θα, να) are planned. What the other side will do is planned only with a day: it
  is a day to look again.
- A coming day plans whatever stands beside it; a past one makes a named kind done. Beside "wants", "needs", "is" and
  without a verb of ours it is only a fact. 5/3 without preposition, verb or kind is a date only at an end of the clause
  and beside a thing to do.
- Today: with an hour ahead planned; without one an imperative plans, a noun or a Chinese verb reports.
- No day at all: an imperative plans without a day (call Bob; να στείλω); a noun (call with Bob) and a bare Chinese verb
  (拜访王总) have just happened, for that is how people keep records; anything else is a fact.

Days without a year or week are the next ones for a plan and the last ones for what is done. "Next Tue" and 下周二 lie
in the next calendar week. Hours 1–6 without am or pm are afternoon hours.

Nothing typed is lost: subject and body of the first act, or of the first plan where nothing was done, hold all of it.
"""

from __future__ import annotations

from smallcrm.areas.activities.logline.chips import outcome_label
from smallcrm.areas.activities.logline.next_steps import History, Suggestion, next_steps
from smallcrm.areas.activities.logline.reading import parse
from smallcrm.areas.activities.logline.understood import Act, Person, Plan, Span, Understood

__all__ = [
    "Act",
    "History",
    "Person",
    "Plan",
    "Span",
    "Suggestion",
    "Understood",
    "next_steps",
    "outcome_label",
    "parse",
]
