"""What a language's file of words holds. A fourth language is one more file ``words_xx.py`` with the same four names.

``WORDS`` maps a tag to phrases: either "a, b, c", or a dict from a value to such a list. Accents and case do not
matter, the longest phrase wins, and one phrase may stand under several tags. The tags:

Acts, each by kind (call meeting visit email message note; ``talk`` and ``write`` leave the channel open, ``send`` too)
    did        it happened, by us (called; τηλεφώνησα; 打了电话)
    came       it happened, by the other side (called me; τηλεφώνησε; 来电)
    did_who, came_who, verb_who   the same, but only where a person stands beside it (saw Bob; πήρα τον Νίκο; 见王总)
    did_theirs   third persons that are ours behind a colleague's name (η Ελένη πήγε)
    verb       infinitive, subjunctive or imperative of ours (call; τηλεφωνήσω; 打电话)
    theirs     third persons: a plan only with a colleague or a date (ο Δημήτρης να στείλει)
    noun       what it is called (phone call; ραντεβού; 微信)
    had, got   light verbs that make an act of a noun (had a meeting; got a mail)
    outcome    by code: no_answer voicemail busy switched_off wrong_number hung_up not_in not_there no_reply
    absent     outcomes, by code, that must end their clause (王总不在, but not 不在预算内)
    todo       work without a kind of its own: ``send``, ``arrange`` (both take the kind of their noun), ``work``,
               ``noun`` (quote, order: work only beside a date)
Turns
    future remind again arranged   it is planned
    wished     behind a Chinese 要 what tells a wish of theirs rather than work: a ``thing`` follows (新), or the ``act`` (试用)
    past le    it is done (just, already; 了 behind a verb)
    fact       reported, wanted or felt: neither done by us nor planned; ``says`` are those that open a report
    neg if off   not so; if; called off
    me mine other delegate         who: us, ours, the other side, "ask Dimitris to …"
Small words
    prep from art conj then topical (about, re) of title to please filler for about (circa) in_person (at their office)
Numbers
    count and hancount by value (Chinese ones are put together by tens), one (a, an), few, half, half_a (half an),
    and_half_hour (个半小时), quarter, minute fen hour m h day week month year workday fortnight halfmonth halfyear,
    minutes_word by minutes (δεκάλεπτο), measure and currency (what a number counts that is no time)
Days
    weekday by 0–6, weekday_of by "weeks weekday" (下周三), month_name by 1–12, dayword by days from today and perhaps a
    part of the day ("1 morning"), edge_of by "unit which offset" ("month end 0"), edge and hanedge by which (start mid
    end), period by "unit offset" ("week 1"), nian yue ri (年 月 日), next this last, in ago ago_before ago_after later,
    on until before by_after (before and behind a date), ordinal (th)
Times
    at, stis (Greek: an hour up to 12, a day from 13 on), span_to (from – to), ampm by am and pm, oclock, dian (点),
    half_past plus minus past_hour, hour_word by hour (noon), part by part of the day and perhaps the hour meant
Also: topic by what the talk was about, goods (things sent by post), block (words inside which another one hides).

``NICKNAMES`` are groups of forms of one name, ``STRIP`` what is taken off the front of a plan's subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Tables = Mapping[str, Mapping[Any, str] | str]
