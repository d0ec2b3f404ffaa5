"""English for the log line. What each table means stands in ``words.py``."""

from __future__ import annotations

from smallcrm.areas.activities.logline.words import Tables

WORDS: Tables = {
    # ------------------------------------------------------------ what happened
    "did": {
        "call": "called, rang, phoned, telephoned, called up, called back, rang back, phoned back,"
        "spoke on the phone,"
        "talked on the phone, spoke by phone, facetimed, dialled, dialed, tried to call, tried calling,"
        "tried to reach, tried to phone, tried again",
        "meeting": "met, met with, met up with, sat with, sat down with, presented to, demoed, lunched with",
        "visit": "visited, went to, went over to, went to see, drove to, drove over to, dropped by, dropped in,"
        "stopped by, popped in, popped by, called on",
        "email": "emailed, e-mailed, mailed",
        "message": "texted, messaged, whatsapped, wechatted, pinged, dmed",
        "talk": "spoke, talked, chatted, discussed, contacted, reached out, followed up, caught up, reached,"
        "got hold of, chased, negotiated, touched base, checked in with, got through to",
        "write": "wrote, replied, responded, wrote back",
        "send": "sent, forwarded, resent, sent over",
    },
    "did_who": {"meeting": "saw", "call": "tried"},
    "came": {
        "call": "called me, called us, rang me, rang us, phoned me, phoned us, got a call, received a call,"
        "had a call from,"
        "took a call, incoming call, missed call, missed a call, called in, call came in, called me back,"
        "called us back",
        "visit": "visited us, visited our, came to us, came to our, came by, came over, came in, dropped by our,"
        "stopped by our, came to see us",
        "email": "emailed me, emailed us, mailed me, mailed us, got an email, received an email",
        "message": "texted me, texted us, messaged me, messaged us, got a message, received a message, got a text",
        "write": "wrote me, wrote us, wrote to us, wrote to me, replied to us, replied to me, got a reply,"
        "got back to us,"
        "got back to me, got an answer",
        "send": "sent me, sent us",
    },
    "had": "had, held, made, gave, did, done",
    "got": "got, received, had, took",
    "outcome": {
        "no_answer": "no answer, didn't answer, didnt answer, did not answer, doesn't answer, not answering,"
        "no pickup,"
        "didn't pick up, didnt pick up, did not pick up, no pick up, not picking up, unanswered, couldn't reach,"
        "could not reach, couldnt reach, unreachable, no luck, rang out, n/a, nobody answered, no one answered,"
        "couldn't get through, could not get through, didn't get through, not reached",
        "voicemail": "vm, lvm, lm, left vm for, voicemail, voice mail, left voicemail, left a voicemail,"
        "left message, left a message,"
        "left him a message, left her a message, left vm, got voicemail, went to voicemail, answering machine",
        "busy": "line busy, was busy, engaged, line engaged, busy signal, busy line",
        "switched_off": "phone off, phone was off, switched off",
        "wrong_number": "wrong number, number not in service, number doesn't exist, dead number",
        "hung_up": "hung up, hung up on me, he hung up, she hung up",
        "not_in": "not in, was out, wasn't in, not at his desk, not at her desk, not in the office, not available,"
        "unavailable",
        "not_there": "not there, wasn't there, nobody there, nobody in, nobody home, was closed, no one there",
        "no_reply": "no reply, no response, didn't reply, didnt reply, did not reply, hasn't replied, no reply yet,"
        "bounced, no answer yet",
    },
    # ------------------------------------------------------------ what is planned
    "verb": {
        "call": "call, ring, phone, telephone, call back, ring back, phone back, calling, call up, call again",
        "meeting": "meet, meet with, meeting, sit down with, demo, meet up, train",
        "visit": "visit, visiting, go to, drop by, drop in, stop by, swing by, pop in, drive to, go see, go and see",
        "email": "email, e-mail, mail, emailing",
        "message": "text, message, whatsapp, wechat, ping, sms",
        "talk": "talk, speak, contact, reach out, follow up, follow-up, followup, chase, touch base, check in with,"
        "catch up, nudge, try, try again, try once more, get back to, retry, chase up",
        "write": "write, reply, respond, write back",
    },
    "verb_who": {"meeting": "see"},
    "noun": {
        "call": "call, phone call, phonecall, phone, tel, tel., tel conf, tel. conf, telco, telcon, callback,"
        "telephone call, conf call, outgoing call",
        "meeting": "meeting, demo, presentation, lunch, dinner, coffee, breakfast, workshop, appointment, zoom,"
        "teams call, zoom call, video call, videocall, google meet, kickoff, kick-off, training, trial lesson,"
        "interview, negotiation",
        "visit": "visit, site visit, factory visit, plant visit, factory tour, house call",
        "email": "email, e-mail, mail, emails",
        "message": "message, text, sms, whatsapp, wechat, viber, telegram, dm, wa, text message",
        "note": "note, notes, memo, fyi, nb, remark, comment, note to self",
    },
    "todo": {
        "send": "send, sending, forward, resend, send over, sending over",
        "arrange": "arrange, schedule, book, organise, organize, set up, have, give, hold, plan, make",
        "work": "prepare, confirm, deliver, ship, finish, bring, collect, draft, clarify, submit, discuss, negotiate,"
        "install, repair, pick up, verify, buy, cancel, complete, process, handle, resolve, provide, introduce,"
        "invite,"
        "tell, inform, find out, ask, remind him, remind her, remind them, get, add, create, calculate, work out,"
        "look into, check with, make sure, write up, print, sign, let him know, let her know, let them know, pay",
        "noun": "quote, order, invoice, offer, check, review, update, change, fix, return, close, request, proposal,"
        "contract, sample, samples",
    },
    "future": "will, i'll, we'll, he'll, she'll, they'll, ill call, going to, gonna, must, should, need to, needs to,"
    "have to, has to, ought to, want to, plan to, planning to, to do, todo, remember to, don't forget to,"
    "dont forget to, supposed to, next step, next steps, let's, next time, am to, are to, is to, due",
    "remind": "remind me, reminder, set a reminder, ping me, reminder for, remind me again",
    "again": "again, once more",
    "arranged": "agreed, arranged, scheduled, booked, set up, planned, fixed, promised, moved to, postponed to,"
    "rescheduled, rescheduled to, rescheduled for, confirmed, settled on, agreed on",
    # ------------------------------------------------------------ what turns the meaning
    "fact": "available, free, open, arrived, delivered, tested, installed, started, paid, signed, shipped, ordered,"
    "bought, placed, expired,"
        "renewed, ended, changed, opened, closed, launched, finished, said, says, say, saying, told, tells, thinks,"
        "thinking, wants, wanted, needs, asked, asks, asking,"
    "likes, liked, prefers, accepted, accepts, approved, rejected, interested, is, are, was, were, isn't, aren't,"
    "wasn't, has, has been, expects, expecting, hopes, hoping, complains, complained, claims, mentioned, explained,"
    "happy, waiting, waiting for, on holiday, on leave, away, out of office, out of the office, back on, back from,"
    "knows, considering, told me, told us,"
    "because, since, he's, she's, they're, it's, that's, which, who",
    "says": "saying, says, said, asking, asked, wants, who, that's, because",
    "neg": "not, don't, dont, didn't, didnt, did not, do not, never, won't, wont, will not, cannot, can't, cant,"
    "couldn't,"
    "no need to, no longer, without, no, haven't, have not, hasn't, wasn't able to, forgot to, failed to",
    "off": "cancelled, canceled, called off, postponed",
    "if": "if, unless, whether, in case",
    "past": "just, already, earlier, before that",
    "me": "i, we, me, us, myself, i've, we've, i have, we have",
    "mine": "my, our, his, her, their, your",
    "filler": "went, over",
    "other": "he, she, they, him, her, them, customer, client, buyer, boss, secretary, someone, the customer,"
    "the client",
    "delegate": "ask, tell, have, get",
    "please": "please, pls, also",
    # ------------------------------------------------------------ small words
    "to": "to",
    "prep": "with, to, w/, w",
    "from": "from",
    "art": "the, a, an, this, that",
    "conj": "and, &, +, plus",
    "then": "then, and then, after that, afterwards, but, so, ->, →, =>",
    "for": "for",
    "about": "about, around, approx, approximately, ca, circa, roughly, ~, some, nearly, almost",
    "topical": "about, re, regarding, on, for, concerning",
    "of": "of, of the",
    "in_person": "in person, face to face, at their office, at our office, on site, onsite, on-site, at the fair,"
    "at their place, in their office, in our office",
    "title": "mr, mrs, ms, miss, dr, prof, sir, madam, mister",
    # ------------------------------------------------------------ numbers and units
    "count": {
        1: "one", 2: "two, couple, couple of, a couple, a couple of", 3: "three", 4: "four", 5: "five",
        6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen",
        14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty",
        30: "thirty", 40: "forty", 45: "forty-five", 50: "fifty", 60: "sixty", 90: "ninety",
    },
    "one": "a, an, one, another",
    "few": "few, a few",
    "half": "half, ½",
    "half_a": "half a, half an",
    "quarter": "quarter, quarter of, quarters, quarters of",
    "minute": "min, mins, minute, minutes",
    "hour": "hour, hours, hr, hrs",
    "m": "m",
    "h": "h",
    "day": "day, days",
    "week": "week, weeks, wk, wks",
    "month": "month, months",
    "year": "year, years",
    "workday": "working day, working days, business day, business days, workday, workdays, work day, work days",
    "fortnight": "fortnight",
    "measure": "pcs, pc, pieces, piece, units, unit, kg, kgs, kilo, kilos, ton, tons, tonnes, g, cm, mm, km, metres,"
    "meters, litres, l, boxes, box, pallets, pallet, sets, set, pairs, cartons, rolls, sheets, users, licences,"
    "licenses,"
    "people, persons, %, percent, k, x, stores, shops, items, lines, containers, °, degrees, pages, points, seats,"
    "trucks",
    "currency": "€, $, £, ¥, eur, euro, euros, usd, dollars, gbp, pounds, rmb, cny, yuan",
    # ------------------------------------------------------------ dates and times
    "weekday": {
        0: "mon, monday, mondays", 1: "tue, tues, tuesday", 2: "wed, weds, wednesday",
        3: "thu, thur, thurs, thursday",
        4: "fri, friday", 5: "sat, saturday", 6: "sun, sunday",
    },
    "month_name": {
        1: "jan, january", 2: "feb, february", 3: "mar, march", 4: "apr, april", 5: "may", 6: "jun, june",
        7: "jul, july",
        8: "aug, august", 9: "sep, sept, september", 10: "oct, october", 11: "nov, november", 12: "dec, december",
    },
    "dayword": {
        "0": "today, today's", "1": "tomorrow, tmr, tmrw, tomorow, tommorow, tommorrow, tomorrow's",
        "2": "day after tomorrow, the day after tomorrow, overmorrow", "-1": "yesterday, yday, last night",
        "-2": "day before yesterday, the day before yesterday", "0 morning": "this morning",
        "0 afternoon": "this afternoon", "0 evening": "this evening, tonight",
        "0 end": "by end of day, eod, end of day,"
        "by eod, end of today, close of business, cob", "0 later": "later today, later",
        "0 soon": "asap, as soon as possible, right away, immediately, urgently, soonest",
    },
    "edge_of": {
        "week end 0": "end of week, end of the week, eow, end of this week, by eow",
        "week end 1": "end of next week",
        "weekend 0": "weekend, the weekend, this weekend, over the weekend",
        "month end 0": "end of month, end of the month, month end, eom, month-end, end of this month, by eom",
        "month end 1": "end of next month",
        "month mid 0": "mid month, middle of the month, mid-month", "month mid 1": "mid next month",
        "month start 1": "start of next month, beginning of next month, early next month, first of next month",
        "week start 1": "start of next week, beginning of next week, early next week",
        "week mid 1": "mid next week, middle of next week",
        "year end 0": "end of year, end of the year, year end, eoy, year-end",
        "year start 1": "start of next year, beginning of next year, early next year, new year",
    },
    "edge": {"end": "end of, end, late", "start": "start of, beginning of, early", "mid": "middle of, mid"},
    "next": "next, coming, following",
    "this": "this",
    "last": "last, past, previous",
    "in": "in, within, after, in about, in around",
    "ago": "ago, back, earlier",
    "later": "later, from now, from today, from then",
    "on": "on, by, for, due, this coming, no later than, @",
    "until": "until, till, til, through",
    "before": "before",
    "at": "at, around, @, at about, at around, from",
    "span_to": "to, until, till, -, –",
    "ordinal": "st, nd, rd, th",
    "ampm": {"am": "am, a.m., a.m", "pm": "pm, p.m., p.m"},
    "oclock": "o'clock, oclock, hrs",
    "part": {
        "morning": "morning, in the morning, first thing, mornings", "noon": "lunchtime, lunch time, at lunch",
        "afternoon": "afternoon, in the afternoon", "evening": "evening, in the evening", "night": "night, at night",
    },
    "hour_word": {"12": "noon, midday, at noon, at midday", "0": "midnight, at midnight"},
    "past_hour": "past",
    # ------------------------------------------------------------ what the talk was about
    "topic": {
        "price": "price, prices, pricing, quote, quotation, offer, proposal, discount, price list, pricelist",
        "sample": "sample, samples, specimen, specimens",
        "contract": "contract, agreement, terms",
        "payment": "payment, invoice, overdue, unpaid, receivable, balance due, invoices",
        "delivery": "delivery, lead time, shipment, shipping, late delivery",
        "complaint": "complaint, complains, complained, broken, defect, defects, damaged, faulty, claim",
        "order": "order, reorder, purchase order, po",
        "demo": "demo, trial, test run",
    },
    "goods": "sample, samples, parcel, package, catalogue, catalog, brochure, brochures, goods, gift",
    "block": "no answer to, no answer on, no answer about, mail order, call center, call centre, met the,"
    "made of, got it, sat in, said no, at least, at all, at first, once, in stock, in full, in general, in total,"
    "in time, on time, in the end, to be",
}  # fmt: skip

NICKNAMES = (
    "robert bob rob bobby robbie", "william bill will billy liam", "richard rick dick richie",
    "james jim jimmy jamie",
    "john johnny jack", "michael mike mick mickey", "thomas tom tommy", "joseph joe joey", "charles charlie chuck",
    "edward ed eddie ted", "david dave davey", "daniel dan danny", "matthew matt", "anthony tony", "andrew andy drew",
    "christopher chris", "nicholas nick nicky", "alexander alex sandy", "benjamin ben", "samuel sam", "steven steve",
    "stephen steve", "peter pete", "philip phil", "patrick pat paddy", "gregory greg", "timothy tim", "kenneth ken",
    "ronald ron", "donald don", "gerald gerry jerry", "lawrence larry", "frederick fred freddie", "francis frank",
    "elizabeth liz beth betty lizzie eliza", "margaret maggie meg peggy", "katherine kate kathy katie",
    "catherine kate cathy katie", "susan sue susie", "jennifer jen jenny", "deborah deb debbie", "patricia pat trish",
    "rebecca becky", "victoria vicky", "christine chris tina", "jessica jess", "barbara barb", "dorothy dot",
    "theodore ted theo", "leonard len lenny", "raymond ray", "jonathan jon", "joshua josh", "abigail abby",
    "alexandra alex sandra", "samantha sam", "pamela pam", "judith judy", "amanda mandy", "maxwell max",
    "vincent vince",
)  # fmt: skip

STRIP = (
    "agreed to", "agreed", "promised to", "booked a", "booked an", "booked", "scheduled a", "scheduled", "arranged a",
    "arranged", "set up a", "set up",
    "i will", "i'll", "we will", "we'll", "i need to", "we need to", "need to", "i have to", "i must", "i should",
    "must", "should", "will", "have to", "going to", "remember to", "don't forget to", "dont forget to",
    "remind me to",
    "remind me about", "remind me", "reminder to", "reminder", "please", "pls", "todo", "to do", "next step", "also",
    "then", "and", "but", "so", "to", "me to", "i", "we", "i want to", "want to", "let's",
)  # fmt: skip
