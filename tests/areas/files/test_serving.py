"""Giving files out: to whom, with which headers, in parts."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import unquote

import pytest
from werkzeug.test import TestResponse

from smallcrm import store
from smallcrm.records import access, change, transfer
from smallcrm.records.record import Record, by_key
from smallcrm.store import blobs
from tests import samples
from tests.areas.files.conftest import Put
from tests.cast import Cast
from tests.client import Api, Web


def get(web: Web, part: str, url: str, **headers: str) -> TestResponse:
    """A page's answer, read to its end and closed."""
    return web.browser(part).get(url, headers={k.replace("_", "-"): v for k, v in headers.items()}, buffered=True)


def api_get(api: Api, path: str) -> TestResponse:
    return api.client.get(f"/api/v1{path}", headers=api.headers, buffered=True)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
SANDBOX = "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg onload='window.__x=1'/>"), ("a.html", b"<html><script>1</script>"),
        ("a.png", b"<html><script>1</script>"), ("x.pdf", b"<body onload=x()>"), ("a.xml", b"<?xml version='1.0'?><x/>"),
        ("a.js", b"GIF89a=1;alert(1)"), ("x.py", b"import os"), ("x.exe", b"MZ\x90\0\0\0\x01"), ("a.png", PNG),
    ],
)  # fmt: skip
def test_headers(web: Web, put: Put, name: str, content: bytes) -> None:
    made = put(content, name)
    for query in ("", "?inline=1", "?inline=1&mime=text/html", "?mime=text/html&download=0"):
        answer = get(web, "anna", f"/files/{made.id}/content{query}", Accept="text/html")
        headers = answer.headers
        assert answer.status_code == 200
        assert answer.data == content
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith(SANDBOX)
        assert headers["Content-Type"].split(";")[0] not in (
            "text/html",
            "image/svg+xml",
            "application/xml",
            "text/xml",
        )
        shown = "inline" in query and made.media_type in ("image/png", "image/gif", "text/plain")
        assert headers["Content-Disposition"].startswith("inline" if shown else "attachment")
        assert headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "name", ["报价单 (最终).pdf", "Τιμοκατάλογος «α».txt", 'say "hi"; x=1.txt', "naïve %41.txt", "plain.txt"]
)
def test_names_come_back_as_they_were(web: Web, put: Put, name: str) -> None:
    made = put(b"content", name)
    assert made.name == name
    said = get(web, "anna", f"/files/{made.id}/content").headers["Content-Disposition"]
    assert "\n" not in said
    assert said.isascii()
    if "filename*=" in said:
        assert unquote(said.split("filename*=UTF-8''")[1]) == name
    else:
        assert said.split("filename=")[1].strip('"').replace('\\"', '"') == name


def test_in_parts_and_unchanged(web: Web, put: Put) -> None:
    made = put(b"ID3\x04" + bytes(range(256)) * 40, "song.mp3")
    url = f"/files/{made.id}/content?inline=1"
    whole = get(web, "anna", url)
    assert whole.headers["ETag"] == f'"{made.sha256}"'
    part = get(web, "anna", url, Range="bytes=4-9")
    assert (part.status_code, part.data) == (206, bytes(range(6)))
    assert part.headers["Content-Range"] == f"bytes 4-9/{made.size}"
    assert get(web, "anna", url, Range="bytes=999999-").status_code == 416
    again = get(web, "anna", url, If_None_Match=whole.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Content-Security-Policy"].startswith(SANDBOX)


def test_text_is_shown_in_its_own_letters(web: Web, put: Put) -> None:
    made = put("品名,单价\n主板,十二元整\n连接器,八角\n".encode("gb18030"), "价.csv")
    shown = get(web, "anna", f"/files/{made.id}/content?inline=1")
    assert shown.headers["Content-Type"].startswith("text/plain; charset=")
    charset = shown.headers["Content-Type"].split("charset=")[1]
    assert "主板" in shown.data.decode(charset)


def test_nobody_else_learns_of_it(cast: Cast, web: Web, put: Put, customer: Record) -> None:
    made = put(b"CNRY-content", "CNRY-name.txt", note="CNRY-note")
    for part in ("carl", "nobody"):
        browser, api = web.browser(part), web.api(part)
        for url in ("", "/content", "/content?inline=1", "/preview", "/table", "/edit", "/history"):
            answer = get(web, part, f"/files/{made.id}{url}")
            assert answer.status_code == 404, url
            assert b"CNRY-" not in answer.data
        for path in (f"/files/{made.id}", f"/files/{made.id}/content", "/files"):
            assert b"CNRY-" not in api_get(api, path).data
        for url in (
            "/files",
            "/search?q=CNRY",
            f"/customers/{customer.id}",
            f"/files/zip?about=customer/{customer.id}",
        ):
            assert b"CNRY-" not in get(web, part, url).data
        zipped = browser.post("/files/bulk/zip", {"id": str(made.id)})
        assert zipped.status_code in (400, 403)
    assert web.visitor().get(f"/files/{made.id}/content").status_code in (302, 303)
    anonymous = web.api("anna")
    anonymous.headers = {}
    assert api_get(anonymous, f"/files/{made.id}/content").status_code == 401
    assert api_get(web.api("anna", read_only=True), f"/files/{made.id}/content").data == b"CNRY-content"


def test_an_open_link_dies_with_the_right(cast: Cast, web: Web, put: Put, customer: Record) -> None:
    made = put(b"secret", "a.txt", place=customer)
    change.update(
        cast.actor("owner"), access.find(cast.actor("owner"), type(made), int(made.id)), {"owner": cast.owner}
    )
    tag = get(web, "anna", f"/files/{made.id}/content").headers["ETag"]
    transfer.assign(
        cast.actor("owner"), access.find(cast.actor("owner"), type(customer), int(customer.id)), owner=cast.carl
    )
    assert get(web, "anna", f"/files/{made.id}/content").status_code == 404
    assert get(web, "anna", f"/files/{made.id}/content", If_None_Match=tag).status_code == 404
    assert get(web, "carl", f"/files/{made.id}/content").data == b"secret"


def test_who_reaches_the_record_it_hangs_on_reaches_it(cast: Cast, web: Web, put: Put) -> None:
    """Without a customer between them: Bob's own activity, on which Anna's manager put a file."""
    bob = cast.actor("bob")
    activity = samples.make(bob, by_key("activity"), cast, minimal=True)
    made = put(b"for bob", "a.txt", place=activity, who="manager")
    assert get(web, "bob", f"/files/{made.id}/content").data == b"for bob"
    assert get(web, "anna", f"/files/{made.id}/content").status_code == 404
    change.update(
        cast.actor("owner"), access.find(cast.actor("owner"), type(activity), int(activity.id)), {"owner": cast.carl}
    )
    assert get(web, "bob", f"/files/{made.id}/content").status_code == 404
    assert get(web, "carl", f"/files/{made.id}/content").data == b"for bob"


def test_what_the_disk_lost_is_said(web: Web, put: Put) -> None:
    made = put(b"lost", "a.txt")
    blobs.path(str(made.sha256)).unlink()
    assert get(web, "anna", f"/files/{made.id}/content").status_code == 404
    assert "lost" in get(web, "anna", f"/files/{made.id}").get_data(as_text=True)


def test_several_as_one_archive(cast: Cast, web: Web, put: Put, customer: Record) -> None:
    put(b"one", "报价.txt")
    put(b"two" * 100_000, "报价.txt")
    put(PNG, "../con.png")
    for answer in (
        get(web, "anna", f"/files/zip?about=customer/{customer.id}"),
        web.browser("anna").post("/files/bulk/zip", {"everything": "1"}, buffered=True),
    ):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
            assert bundle.testzip() is None
            held = {name: bundle.read(name) for name in bundle.namelist()}
        assert sorted(held) == ["_con.png", "报价 (2).txt", "报价.txt"]
        assert sorted(map(len, held.values())) == [3, len(PNG), 300_000]
    assert store.value("SELECT count(*) FROM audit WHERE act = 'files'") == 2
    assert get(web, "reader", f"/files/zip?about=customer/{customer.id}").status_code == 403
