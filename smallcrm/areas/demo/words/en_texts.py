"""What people at the packaging maker write down."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.demo.words import lines, pairs

TEXTS: dict[str, Any] = {
    "calls": pairs("""
Price for {qty} {product} | {contact} compares us with one other offer and wants the price by {weekday}. Delivery matters more to them than the last penny.
Late delivery of the {product} | The carrier lost a pallet. Apologised, {colleague} sends the rest tomorrow; {contact} was calm about it.
Reorder of {product} | Same print as last time, {qty} pieces, delivery in week {week}. {contact} mails the order.
Asked how the trial went | The {product} run well on their line. Two corners were crushed in transport, they would like a stronger inner.
Spring range | They plan a new range and need {product} in three sizes. {contact} sends drawings.
Invoice question | The discount was missing on the last invoice. {colleague} sends a corrected one.
Introduced myself | Bought {product} from a competitor so far, contract ends in {month}. {contact} is open to a quote.
Stock of {product} | They are down to two weeks. Reserved {qty} pieces for them until {weekday}.
Checked they got the samples | Samples arrived, {contact} shows them to the buying team on {weekday}.
Payment reminder | They pay this Friday. {contact} was away, nobody else may release payments.
New contact | {contact} took over purchasing. Knows us from an earlier job, wants a short visit.
Christmas volumes | Last year they ran out in the second week of December. Wants {qty} {product} on call-off this time.
Could not reach them | Left a message with the front desk; {contact} is back on {weekday}.
Frame contract | Happy with the service. Asked for a price that holds for twelve months and monthly deliveries.
Complaint about print | The red is too dark on the last batch. Photos follow; {colleague} checks the proof.
"""),
    "visits": pairs("""
Visit: showed {product} | Walked the packing line with {contact}. They pack by hand, {qty} a week; our {product} would save a step.
Visit: measured the packing line | Took measurements of three formats. {contact} gave us the drop-test report of the old boxes.
Visit: looked at the complaint | Saw the crushed corners myself: the pallets are stacked three high. A stronger flute solves it.
Visit: {city} round | Short stop. Shelf is well stocked, {contact} showed the new labels.
Visit: their new warehouse | Twice the space since {month}. They want deliveries on half pallets from now on.
Visit at the fair stand | {contact} came by with a colleague; took samples of {product} along.
Plant tour with {contact} | Showed them print and die-cutting in Halifax. Very taken with the recycled board.
"""),
    "meetings": pairs("""
Quarterly review | Volumes up on last year, two late deliveries. {contact} wants a named person for the {product}.
Contract talk | Went through payment terms: 30 days is fine, they ask for 2 % from {qty} pieces.
Kick-off for the new range | Artwork by {month}, first delivery four weeks later. {contact} decides on the finish.
Video call with {contact} | Showed the drawings of the {product}. They prefer the lid without a window.
Price increase | Explained the board price. {contact} accepts half of it now and the rest from {month}.
Design workshop | Three ideas for {product}; they like the one with the tear strip.
"""),
    "messages": pairs("""
Sent a photo of the proof | {contact} answered within minutes: go ahead.
Delivery on {weekday}? | Yes, between 8 and 11. {contact} has the ramp free then.
Thanked for the order | They were pleased with how quickly it went.
Asked for the artwork | Comes on {weekday}, the designer is ill.
Confirmed the visit | {contact} meets me at the gate.
"""),
    "emails": pairs("""
Quote for {qty} {product} | Quote sent, valid for 30 days. Two print colours, delivery free from one pallet.
Revised quote, {product} | Recalculated with recycled board: four per cent below the last one.
Order confirmation | Confirmed {qty} pieces for week {week}. {contact} asked for advice notes by mail.
Data sheets and certificates | Sent the food-contact certificate and the data sheet of the {product}.
Minutes of our meeting | What we agreed, who does what by {weekday}.
Answer to the complaint | Credit note for {qty} pieces and a replacement next week.
New price list | With the prices from {month}. {contact} asked which items stay as they are.
Invitation to the plant tour | Open day in {month}; they come with two people.
"""),
    "notes": pairs("""
They are building a second line in {city} | Heard it from a driver. Worth asking {contact} about volumes.
{contact} prefers mail to phone | Never before ten in the morning.
Pays reliably, but always on the last day | Agreed with accounts.
Competitor in the house | Saw trays of another maker on the shelf, about a third of their need.
Good reference for {product} | They would show the line to other customers.
Bank holiday week closed | No deliveries then, the gate is shut.
"""),
    "tasks": pairs("""
Send samples of {product} | Two sizes, unprinted.
Enter the complaint photos | In the folder, with the batch number.
Check credit with accounts | Order is larger than usual.
Ask {colleague} for a delivery date | {contact} waits for it.
Update the price list | Their special prices end this month.
Write the visit report | With measurements.
"""),
    "plans": {
        "call": lines("""
Call about the quote for {product}
Ask how the trial pallets went
Agree the delivery week for {product}
Call {contact} about the reorder
Call about the renewal of the frame contract
Ask for the signed order
Remind them of the open invoice
"""),
        "visit": lines("""
Visit: show {product}
Visit: measure the packing line
Visit: new contact {contact}
Visit: quarterly round
"""),
        "meeting": lines("""
Quarterly review with {contact}
Contract talk
Video call: drawings of the {product}
"""),
        "message": lines("Confirm the delivery on {weekday}\nAsk for the artwork"),
        "email": lines("Send the quote for {qty} {product}\nSend revised prices\nSend certificates for {product}"),
        "task": lines("""
Prepare samples of {product}
Check stock of {product}
Enter the complaint photos
Write up the price calculation
Book the carrier for {city}
"""),
    },
    "late": pairs("""
call | Call about late delivery
email | Send revised {product} prices
task | Check stock of {product}
call | Call back {contact}
email | Renewal letter for the frame contract
"""),
    "outcomes": ("Order", "Wants a quote", "Interested", "Call again", "Not reached", "Sorted", "No need now"),
    "remarks": lines("""
Family firm in the third generation; decisions take one meeting.
Delivers to farm shops all over the county. Seasonal: busy from September to Christmas.
Wants everything plastic-free by next year.
Gate closes at 3 pm, deliveries before that. Ramp only for vans.
Bought from us as early as 2019, stopped after a price increase, came back.
Our biggest user of printed tape. Keeps about three weeks of stock.
Speaks highly of Ruth. Does not like surprises on invoices.
Buys through a group; prices are agreed with the parent company.
Exports a fifth; those boxes need the longer label.
Very particular about colour: proofs always on the real board.
Small but growing fast, two new shops this year.
Met at the Harrogate fair.
"""),
    "reasons": (
        "Cannot be reached",
        "No need at present",
        "Budget put off",
        "Bought elsewhere",
        "Not our kind of customer",
    ),
    "consent_how": ("On the order form", "At the fair stand, by signature", "On the website, confirmed by mail"),
    "views": {
        "key": "Key accounts",
        "quiet": "Quiet for 60 days",
        "week": "Follow-ups this week",
        "fair": "Fair 2026",
        "leeds": "Leeds and around",
        "own": "My big ones",
        "tasks": "Open tasks",
        "bosses": "Who decides",
    },
    "custom": {
        "terms": ("14 days", "30 days", "60 days", "In advance"),
        "ramp": (),
        "delivery": ("Monday", "Wednesday", "Friday"),
    },
    "papers": {
        "quote": "Quote {number}.pdf",
        "report": "Visit report {date}.txt",
        "prices": "Price list {date}.csv",
        "title": "Quote {number}",
        "to": "To {customer}",
        "body": "{qty} {product}, two colours, delivered free. Valid for 30 days.",
        "report_body": "Visit on {date}\n{customer}, {contact}\n\n{text}\n\nNext step: {next}\n",
        "columns": "Article,Quantity,Price",
    },
    "import_file": "customers-old.xlsx",
    "sample_tag": "sample",
}
