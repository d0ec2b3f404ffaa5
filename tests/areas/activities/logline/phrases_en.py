"""English phrases, each followed by what it means (the notation is that of ``cast.told``)."""

PHRASES = r"""
called Bob 5m, send price Tue
    call Bob 5min | + task Tue 24 Nov: send price
Called Bob for 5 minutes. Send price on Tuesday.
    call Bob 5min | + task Tue 24 Nov: Send price
spoke with Anna 20 min about the trays
    call Anna 20min | ~ about the trays
talked to Bob for half an hour
    call Bob 30min
rang Anna, no answer
    call Anna no_answer
no answer, try again in 3 days
    call no_answer | + call Mon 23 Nov: try again
left voicemail
    call voicemail
left a message with his secretary, call again tomorrow morning
    call voicemail | + call Sat 21 Nov 09:00: call again | ~ with his secretary
Bob called, wants 200 boxes by Friday
    call in Bob | ~ wants 200 boxes by Friday
Bob called back, price ok
    call in Bob | ~ price ok
received a call from Maria about invoice 1107
    call in Maria | ~ about invoice 1107
missed call from Anna
    call in Anna
met Anna and Bob for 2h at their office yesterday, quote by end of month
    meeting Anna Bob 120min 19 Nov | + task Mon 30 Nov: quote | ~ at their office
met Anna, Bob and Maria last Tue
    meeting Anna Bob Maria 17 Nov
meeting with Bob 1h30, agreed on samples
    meeting Bob 90min | ~ agreed on samples
had a great meeting with Anna this morning
    meeting Anna 20 Nov 09:00
had lunch with Bob
    meeting Bob
visited the plant yesterday at 3, 2 hours
    visit 120min 19 Nov 15:00 | ~ the plant
went to their office, spoke to Anna
    visit Anna | ~ their office
visit 15:00 tomorrow
    + visit Sat 21 Nov 15:00: visit
visit Bob next week
    + visit Mon 23 Nov Bob: visit Bob
visit tomorrow 3pm, wants sample
    + visit Sat 21 Nov 15:00: visit | ~ wants sample
wechat: he wants 500 pcs. Call back next Monday 9:30
    message | + call Mon 23 Nov 09:30: Call back | ~ he wants 500 pcs
whatsapp from Anna: price too high
    message in Anna | ~ price too high
note: budget approved
    note | ~ budget approved
budget approved
    note | ~ budget approved
mailed price list
    email | ~ price list
emailed Bob the price list
    email Bob | ~ the price list
sent quote to Anna, follow up in a week
    email Anna | + call Fri 27 Nov: follow up | ~ quote
sent samples
    note | ~ samples
got an email from Bob, reply by tomorrow
    email in Bob | + email Sat 21 Nov: reply
Anna replied, order comes next week
    email in Anna | + task Mon 23 Nov: order comes
remind me in two weeks
    + task Fri 04 Dec remind: Follow up
remind me to call Bob on 3 March
    + call Wed 03 Mar remind Bob: call Bob
Dimitris to send contract Friday
    + task Fri 27 Nov by Dimitris: send contract
ask Dimitris to send the contract by Friday
    + task Fri 27 Nov by Dimitris: send the contract
@Dimitris send drawings tomorrow
    + task Sat 21 Nov by Dimitris: send drawings
Dimitris visited Anna yesterday
    visit Anna 19 Nov by Dimitris
call Bob tomorrow at 10
    + call Sat 21 Nov 10:00 Bob: call Bob
call Bob
    + call Bob: call Bob
Call with Bob 5m
    call Bob 5min
call 5m
    call 5min
phone call, 12 min, Anna not interested
    call Anna 12min | ~ Anna not interested
need to send samples by 5/12
    + task Sat 05 Dec: send samples
must call Anna Thursday 9am
    + call Thu 26 Nov 09:00 Anna: call Anna
I'll send the offer on Monday
    + task Mon 23 Nov: send the offer
will visit on 24 Nov at 14:30
    + visit Tue 24 Nov 14:30: visit
we will meet Anna on Nov 24th
    + meeting Tue 24 Nov Anna: meet Anna
quote by end of next month
    + task Thu 31 Dec: quote
follow up end of November
    + call Mon 30 Nov: follow up
in 3 working days check delivery
    + task Wed 25 Nov: check delivery
within 10 days send contract
    + task Mon 30 Nov: send contract
call again the day after tomorrow
    + call Sun 22 Nov: call again
emailed Bob about invoice 1107, 500 pcs at 12.50
    email Bob | ~ about invoice 1107, 500 pcs at 12.50
called Bob about 5m cable
    call Bob | ~ about 5m cable
€5m budget approved
    note | ~ €5m budget approved
spoke 10' with Anna
    call Anna 10min
spoke to Anna 1h
    call Anna 60min
demo Thursday 2-3pm
    + meeting Thu 26 Nov 14:00 60min: demo
call at noon
    + call Fri 20 Nov 12:00: call
meet Bob half past 3 tomorrow
    + meeting Sat 21 Nov 15:30 Bob: meet Bob
called at 15:00
    call 19 Nov 15:00
called Bob twice, no answer; emailed Anna
    call Bob no_answer | email Anna | ~ twice
didn't call Bob yet
    note Bob | ~ didn't call Bob yet
don't call before Monday
    note | ~ don't call before Monday
he is on holiday until Monday
    note | ~ he is on holiday until Monday
out of the office, back on Monday
    note | ~ out of the office, back on Monday
wrong number, find out the new one
    call wrong_number | + task: find out the new one
line busy, retry in an hour
    call busy | + call Fri 20 Nov 11:00: retry
texted Anna, she will decide next week
    message Anna | + task Mon 23 Nov: she will decide
customer will decide by Friday
    + task Fri 27 Nov: customer will decide
agreed to meet Thursday 10:00
    + meeting Thu 26 Nov 10:00: meet
booked a demo for 3 Dec 11:00
    + meeting Thu 03 Dec 11:00: demo
he asked me to call back on Wed
    + call Wed 25 Nov: he asked me to call back
told Bob we'd deliver in 2 weeks
    + task Fri 04 Dec Bob: told Bob we'd deliver
called Bob and will send price Tuesday
    call Bob | + task Tue 24 Nov: send price
called Bob and sent price list
    call Bob | email | ~ price list
called Bob send price Tue
    call Bob | + task Tue 24 Nov: send price
Called Mr Fenwick, he said yes
    call Bob | ~ he said yes
called bob fenwick
    call Bob
called Annna 5m
    call Anna 5min
called Nikos
    call Νίκος
called Mr Wang 10 min
    call 王 10min
nobody there, visit again next Friday
    visit not_there | + visit Fri 27 Nov: visit again
called +44 20 7946 0958, no answer
    call no_answer | ~ +44 20 7946 0958
their phone is 0755 8642 3317
    note | ~ their phone is 0755 8642 3317
order 2/3 delivered
    note | ~ order 2/3 delivered
24/7 support wanted
    note | ~ 24/7 support wanted
price 12.50, 3-5 pcs
    note | ~ price 12.50, 3-5 pcs
met at 3
    meeting 19 Nov 15:00
met Anna at the fair on 5/11
    meeting Anna 05 Nov | ~ at the fair
send price list asap
    + task Fri 20 Nov: send price list
send invoice today
    + task Fri 20 Nov: send invoice
email Bob today
    + email Fri 20 Nov Bob: email Bob
today: send invoice
    + task Fri 20 Nov: send invoice
Tuesday: call Anna
    + call Tue 24 Nov Anna: call Anna
send price Tue 24
    + task Tue 24 Nov: send price
submit tender before Friday
    + task Thu 26 Nov: submit tender
call back in 2-3 days
    + call Mon 23 Nov: call back
order in 2 months
    + task Wed 20 Jan: order
call Anna Sat 11am
    + call Sat 21 Nov 11:00 Anna: call Anna
next step: contract by 15 Dec
    + task Tue 15 Dec: contract
Quick call with Anna re: late delivery, 8 mins. Will check with warehouse and get back to her tomorrow.
    call Anna 8min | + task Sat 21 Nov: check with warehouse and get back to her | ~ Quick, re: late delivery
Had Bob on the phone for 15 min, he's happy with the trial
    call Bob 15min | ~ he's happy with the trial
anna emailed asking for a discount, answer by Wed noon
    email in Anna | + task Wed 25 Nov 12:00: answer | ~ asking for a discount
Sent Bob the revised quote. Chase on Friday if no reply
    email Bob | + call Fri 27 Nov: Chase if no reply | ~ the revised quote
Chased invoice 1107, Bob says payment next week
    call Bob | ~ invoice 1107, Bob says payment next week
Visited with Dimitris, 1.5 hours. Quote for 3 pallets due Thursday
    visit 90min | + task Thu 26 Nov: Quote for 3 pallets
lunch w/ Bob & Anna, 90 mins
    meeting Bob Anna 90min
conf call yesterday 4pm-5pm with Maria
    call Maria 60min 19 Nov 16:00
Spoke to reception, Anna back from leave on 30 Nov
    call Anna | ~ to reception, Anna back from leave on 30 Nov
no pickup x3
    call no_answer | ~ x3
called 3 times, no answer
    call no_answer | ~ 3 times
tried to call Anna, voicemail full
    call Anna voicemail | ~ full
tried Bob, no luck, try again Mon
    call Bob no_answer | + call Mon 23 Nov: try again
couldn't reach Bob; email him tomorrow
    call Bob no_answer | + email Sat 21 Nov: email him
5m call with Bob
    call Bob 5min
20 min w Anna
    call Anna 20min
15' Bob
    call Bob 15min
met yesterday
    meeting 19 Nov
yesterday met Anna
    meeting Anna 19 Nov
last week visited Bob
    visit Bob 13 Nov
two days ago called Anna 10 min
    call Anna 10min 18 Nov
an hour with Bob on Tuesday
    call Bob 60min 17 Nov
1h 30m meeting
    meeting 90min
meeting 1h30m
    meeting 90min
2.5h workshop with Anna
    meeting Anna 150min
three quarters of an hour with Bob
    call Bob 45min
quarter of an hour call
    call 15min
call for five minutes
    call 5min
talked an hour and a half
    call 90min
Reminder: renew contract on 1/3/2027
    + task Mon 01 Mar remind: renew contract
2026-12-01 send offer
    + task Tue 01 Dec: send offer
send offer 1.12.2026
    + task Tue 01 Dec: send offer
deliver samples by the 5th
    + task Sat 05 Dec: deliver samples
see Bob on the 24th at 11
    + meeting Tue 24 Nov 11:00 Bob: see Bob
call Bob in half an hour
    + call Fri 20 Nov 10:30 Bob: call Bob
call Bob in 20 minutes
    + call Fri 20 Nov 10:20 Bob: call Bob
call again in a fortnight
    + call Fri 04 Dec: call again
call in a couple of weeks
    + call Fri 04 Dec: call
follow up in a few days
    + call Mon 23 Nov: follow up
call next month
    + call Tue 01 Dec: call
call early next week
    + call Mon 23 Nov: call
send contract this week
    + task Fri 20 Nov: send contract
send contract this Friday
    + task Fri 20 Nov: send contract
call on Monday morning
    + call Mon 23 Nov 09:00: call
call Monday afternoon
    + call Mon 23 Nov 14:00: call
visit tonight
    + visit Fri 20 Nov 18:00: visit
ring her at 4:30pm
    + call Fri 20 Nov 16:30: ring her
meeting 9.30 tomorrow
    + meeting Sat 21 Nov 09:30: meeting
dinner with Anna Thu 8pm
    + meeting Thu 26 Nov 20:00 Anna: dinner with Anna
call Bob at 7
    + call Sat 21 Nov 07:00 Bob: call Bob
meet Sunday 10am
    + meeting Sun 22 Nov 10:00: meet
quote needed by Tuesday
    + task Tue 24 Nov: quote needed
Bob needs the quote by Tuesday
    + task Tue 24 Nov Bob: Bob needs the quote
price too high
    note | ~ price too high
they bought from a competitor
    note | ~ they bought from a competitor
invoice paid
    note | ~ invoice paid
order confirmed
    note | ~ order confirmed
visit went well
    visit | ~ well
call Bob's assistant tomorrow
    + call Sat 21 Nov Bob: call Bob's assistant
Anna's birthday on 3 Dec
    + task Thu 03 Dec Anna: Anna's birthday
Bob to send PO by Friday
    + task Fri 27 Nov Bob: Bob to send PO
Bob will call me Monday
    + call Mon 23 Nov Bob: Bob will call me
waiting for Bob's answer
    note Bob | ~ waiting for Bob's answer
email bounced
    email no_reply
he hung up
    call hung_up
please call Anna tomorrow, pls
    + call Sat 21 Nov Anna: call Anna | ~ pls
also send catalogue
    + task: send catalogue
call Anna, Bob
    + call Anna Bob: call Anna, Bob
Tues 10am demo, 1h
    + meeting Tue 24 Nov 10:00 60min: demo
demo tomorrow 10:00, 45 min
    + meeting Sat 21 Nov 10:00 45min: demo
catch up with Bob next Thursday at 2
    + call Thu 26 Nov 14:00 Bob: catch up with Bob
booked visit to plant Tue 8:30
    + visit Tue 24 Nov 08:30: visit to plant
moved to next Wednesday 10:00
    + meeting Wed 25 Nov 10:00: Meeting
meeting cancelled
    note | ~ meeting cancelled
agreed 12.50 per piece, 500 pcs by 15/12
    note | ~ agreed 12.50 per piece, 500 pcs by 15/12
budget 5m
    note | ~ budget 5m
interested in 3 machines at 15k
    note | ~ interested in 3 machines at 15k
fax 020 7946 0958
    note | ~ fax 020 7946 0958
Maria Rossi called
    call in Maria
spoke with Maria G.
    call Maria | ~ G
Georgiou called
    call in Μαρία
gave Bob a call, 10 min
    call Bob 10min
give Anna a ring on Friday
    + call Fri 27 Nov Anna: give Anna a ring
dropped off samples
    note | ~ dropped off samples
shipped samples yesterday
    note | ~ shipped samples yesterday
quote sent
    email | ~ quote
contract signed
    note | ~ contract signed
proposal to Anna by Mon
    + task Mon 23 Nov Anna: proposal to Anna
note to self: check stock tomorrow
    note | + task Sat 21 Nov: check stock
NOTE call before visiting
    note | ~ call before visiting
FYI warehouse closed until 2 Jan
    note | ~ warehouse closed until 2 Jan
call ASAP
    + call Fri 20 Nov: call
urgent: call Bob today
    + call Fri 20 Nov Bob: urgent: call Bob
call after 5pm
    + call Fri 20 Nov 17:00: call
call Bob, then email Anna tomorrow
    + call Bob: call Bob | + email Sat 21 Nov Anna: email Anna
called Bob; then visited Anna
    call Bob | visit Anna
called bob. he'll pay friday
    call Bob | + task Fri 27 Nov: he'll pay
left vm for anna
    call Anna voicemail
cold call, not interested
    call | ~ cold, not interested
vm
    call voicemail
spoke w/ purchasing
    call | ~ w/ purchasing
Call w/ Bob & Anna re Q1 forecast 45m
    call Bob Anna 45min | ~ re Q1 forecast
Bob - called, 5 min, wants samples
    call Bob 5min | ~ wants samples
Bob: wants samples by Friday
    + task Fri 27 Nov Bob: Bob: wants samples
Anna Leckie: call back Monday
    + call Mon 23 Nov Anna: Anna Leckie: call back
5 min call w/ Anna - follow up 30/11
    call Anna 5min | + call Mon 30 Nov: follow up
Met with Bob @ trade fair - interested in 2 machines -> send brochure tomorrow
    meeting Bob | + task Sat 21 Nov: send brochure | ~ @ trade fair - interested in 2 machines
tel. conf with Bob 40 min
    call Bob 40min
phoned but no reply
    call no_reply
emailed, awaiting reply
    email | ~ awaiting reply
emailed twice no reply
    email no_reply | ~ twice
no reply to my email, call tomorrow
    email no_reply | + call Sat 21 Nov: call | ~ to my
they'll order 500 in Jan
    + task Fri 01 Jan: they'll order 500
contract ends 31 Dec 2026
    + task Thu 31 Dec: contract ends
contract expires 31/12/2026
    + task Thu 31 Dec: contract expires
birthday 12 May
    + task Wed 12 May: birthday
call her on her birthday
    + call: call her on her birthday
call on 12 May
    + call Wed 12 May: call
met 12 May
    meeting 12 May
called 2 hours ago
    call 20 Nov 08:00
called 10 minutes ago, no answer
    call 20 Nov 09:50 no_answer
called an hour ago
    call 20 Nov 09:00
rang this morning
    call 20 Nov 09:00
visited last Friday
    visit 13 Nov
last Friday visited Bob 2 hrs
    visit Bob 120min 13 Nov
saw Anna last week
    meeting Anna 13 Nov
saw the new catalogue
    note | ~ saw the new catalogue
had a call from Bob
    call in Bob
had an email from Anna
    email in Anna
got quote from supplier
    note | ~ got quote from supplier
received PO 4500012345
    note | ~ received PO 4500012345
received order by email
    email in
Bob emailed the drawings
    email in Bob | ~ the drawings
Bob sent drawings
    email in Bob | ~ drawings
he called
    call in
she rang back
    call in
they visited us yesterday
    visit in 19 Nov
customer called, angry about late delivery
    call in | ~ angry about late delivery
in person meeting with Bob
    meeting Bob | ~ in person
video call with Anna 1h
    meeting Anna 60min
teams meeting tomorrow 11:00-12:00
    + meeting Sat 21 Nov 11:00 60min: teams meeting
follow-up call Tue
    + call Tue 24 Nov: follow-up call
Follow up!
    + call: Follow up
follow up w/ Bob
    + call Bob: follow up w/ Bob
try Bob tomorrow
    + call Sat 21 Nov Bob: try Bob
ring back 4pm
    + call Fri 20 Nov 16:00: ring back
phone Bob at 16h
    + call Fri 20 Nov 16:00 Bob: phone Bob
phone Bob at 16h30
    + call Fri 20 Nov 16:30 Bob: phone Bob
phone Bob 16.30
    + call Fri 20 Nov 16:30 Bob: phone Bob
meet Bob at 10.30 on Tuesday
    + meeting Tue 24 Nov 10:30 Bob: meet Bob
meet 5 Mar 3pm
    + meeting Fri 05 Mar 15:00: meet
meet 3/5
    + meeting Mon 03 May: meet
3/5 meet Bob
    + meeting Mon 03 May Bob: meet Bob
meet on 3/5
    + meeting Mon 03 May: meet
see you Tuesday
    + task Tue 24 Nov: see you
talk next Tuesday
    + call Tue 24 Nov: talk
not interested, call again in 6 months
    note | + call Thu 20 May: call again | ~ not interested
call in 6 months
    + call Thu 20 May: call
quarterly review 15 Jan
    + task Fri 15 Jan: quarterly review
send 3 samples by 2 Dec
    + task Wed 02 Dec: send 3 samples
send 12 boxes on the 12th
    + task Sat 12 Dec: send 12 boxes
deliver 500 pcs 3 Dec
    + task Thu 03 Dec: deliver 500 pcs
offer valid until 31 Dec
    note | ~ offer valid until 31 Dec
prices valid till Friday
    note | ~ prices valid till Friday
closed until 7 Jan, call 8 Jan
    note | + call Fri 08 Jan: call | ~ closed until 7 Jan
out until Wed, will call Thu
    note | + call Thu 26 Nov: call | ~ out until Wed
I'm on holiday next week
    note | ~ I'm on holiday next week
Dimitris is on holiday next week
    note | ~ Dimitris is on holiday next week
Dimitris will call Anna tomorrow
    + call Sat 21 Nov by Dimitris Anna: call Anna
Dimitris called Anna, 10 min
    call Anna 10min by Dimitris
called Dimitris
    call
met Bob with Dimitris
    meeting Bob
visit Bob with Dimitris on Monday
    + visit Mon 23 Nov Bob: visit Bob with Dimitris
Dimitris, please send the offer by Wed
    + task Wed 25 Nov by Dimitris: send the offer
for Dimitris: send offer Wed
    + task Wed 25 Nov by Dimitris: send offer
assign to Dimitris
    note | ~ assign to Dimitris
have Dimitris call Bob Thursday
    + call Thu 26 Nov by Dimitris Bob: call Bob
let Dimitris know
    note | ~ let Dimitris know
tell Bob we ship Monday
    + task Mon 23 Nov Bob: tell Bob we ship
asked Bob for PO
    note Bob | ~ asked Bob for PO
asked for a discount
    note | ~ asked for a discount
asked Bob to confirm by Friday
    + task Fri 27 Nov Bob: asked Bob to confirm
promised to call back Friday
    + call Fri 27 Nov: call back
promised Bob a quote by Friday
    + task Fri 27 Nov Bob: promised Bob a quote
agreed next meeting 3 Dec 14:00
    + meeting Thu 03 Dec 14:00: next meeting
scheduled for 3 Dec
    + meeting Thu 03 Dec: Meeting
set up demo for Thu 3pm
    + meeting Thu 26 Nov 15:00: demo
rescheduled to Monday 9am
    + meeting Mon 23 Nov 09:00: Meeting
cancelled Tuesday's meeting
    note | ~ cancelled Tuesday's meeting
Tuesday's meeting moved to Thursday
    + meeting Thu 26 Nov: Tuesday's meeting moved to
check stock before calling Bob Monday
    + task Mon 23 Nov Bob: check stock before calling Bob
email quote to anna & bob
    + email Anna Bob: email quote to anna & bob
quote 1107 sent to Anna
    email Anna | ~ quote 1107
4pm call
    + call Fri 20 Nov 16:00: call
"""
