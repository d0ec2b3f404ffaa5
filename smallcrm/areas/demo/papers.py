"""Files on customers: quotes, visit reports, price lists, small and made here."""

from __future__ import annotations

import datetime as dt
import io
import random
from typing import Any

from smallcrm.areas.demo.chronicle import Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.customers import Planned, slug
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.telling import said, slots
from smallcrm.areas.files.records import File
from smallcrm.areas.files.rules import keep
from smallcrm.areas.files.rules.uploading import Kept

SHARE = {"A": 0.7, "B": 0.12, "C": 0.01}
MOST = 3000  # customers with papers: beyond that there is nothing more to see, and each paper is a file on the disk


def tell(planned: list[Planned], company: Company, rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    """Some customers have a few papers."""
    for each in planned:
        if each.id <= MOST and rng.random() < SHARE[each.grade] and each.mood in ("steady", "growing", "fading"):
            for _ in range(rng.choice((1, 1, 2, 3))):
                _attach(each, company, rng, chronicle, days)


def _attach(planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    age = (days.now - planned.made).days
    at = min(max(days.ago(rng, rng.randint(0, min(age, 300))), planned.made + dt.timedelta(minutes=30)), days.now)
    kept = _kept(planned, company, rng, at.date())
    values: dict[str, Any] = {
        "name": kept.name, "about": {"type": "customers", "id": planned.id}, "size": kept.blob.size, "sha256": kept.blob.sha256,
        "kind": kept.content.kind, "media_type": kept.content.media_type, "owner": planned.whose(at),
    }  # fmt: skip
    chronicle.made(at, planned.whose(at), File, values)


def _kept(planned: Planned, company: Company, rng: random.Random, on: dt.date) -> Kept:
    words, papers = company.words, company.words.papers
    contact = planned.contacts[0][1].name if planned.contacts else planned.name
    filled = {
        **slots(words, rng, contact=contact, city=planned.place.city, on=on), "customer": planned.name,
        "date": on.isoformat(), "number": f"Q-{on:%Y}-{rng.randint(1, 9999):04d}",
    }  # fmt: skip
    which = rng.choice(("quote", "quote", "report", "prices"))
    if which == "quote":
        ascii_ = {**filled, "customer": slug(planned.values["email"].partition("@")[2].removesuffix(".example"))}
        lines = [papers[part].format_map(ascii_) for part in ("title", "to", "body")]
        content = pdf([*lines, "", f"{filled['date']}  {words.currency} {rng.randint(200, 9000)}.00"])
    elif which == "report":
        text, follows = rng.choice(words.visits)[1], rng.choice(words.plans["call"])
        whole = {**filled, "text": said(text, filled), "next": said(follows, filled)}
        content = papers["report_body"].format_map(whole).encode()
    else:
        rows = [
            f"{product},{n},{rng.randint(20, 900) / 100:.2f}"
            for product in rng.sample(words.products, 6)
            for n in (500, 2000)
        ]
        content = ("\ufeff" + "\r\n".join([papers["columns"], *rows]) + "\r\n").encode()
    return keep(io.BytesIO(content), name=papers[which].format_map(filled))


def pdf(lines: list[str]) -> bytes:
    """One page of plain text; what Helvetica's own letters cannot say is left out."""
    shown = [
        line.encode("cp1252", "ignore").replace(b"\\", b"").replace(b"(", b"\\(").replace(b")", b"\\)")
        for line in lines
    ]
    body = b"BT /F1 12 Tf 16 TL 60 780 Td " + b" ".join(b"(" + line + b") Tj T*" for line in shown) + b" ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )
    return bytes(out)
