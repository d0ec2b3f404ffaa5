"""``POST /files`` and what programs do with files."""

from __future__ import annotations

import io
from typing import Any

from werkzeug.test import TestResponse

from smallcrm import store
from smallcrm.records.record import Record
from smallcrm.store import blobs
from tests.areas.files.conftest import Put
from tests.client import Api, Web


def post(api: Api, content: bytes = b"content", name: str = "a.txt", *, key: str = "", **form: Any) -> TestResponse:
    data = {"file": (io.BytesIO(content), name, "text/html"), **form}
    headers = {**api.headers, **({"Idempotency-Key": key} if key else {})}
    return api.client.post("/api/v1/files", data=data, headers=headers)


def test_round_trip(web: Web, customer: Record) -> None:
    anna = web.api("anna")
    made = post(anna, b"\xe5\x93\x81", "报价单.txt", about_type="customers", about_id=str(customer.id), note="for you")
    assert made.status_code == 201, made.get_json()
    body = made.get_json()
    assert made.headers["Location"] == f"/api/v1/files/{body['id']}"
    assert body["about"] == {"type": "customers", "id": customer.id, "name": "Arkwright Bakeries"}
    assert (body["customer"]["id"], body["name"], body["media_type"]) == (customer.id, "报价单.txt", "text/plain")
    assert (body["size"], body["note"]) == (3, "for you")
    content = anna.client.get(f"/api/v1/files/{body['id']}/content", headers=anna.headers, buffered=True)
    assert (content.data, content.headers["Content-Disposition"].split(";")[0]) == (b"\xe5\x93\x81", "attachment")
    assert anna.delete(f"/files/{body['id']}").status_code == 204
    assert anna.get(f"/files/{body['id']}/content").status_code == 404
    assert anna.post(f"/files/{body['id']}/restore").status_code == 200
    assert anna.patch(f"/files/{body['id']}", {"name": "new/name.txt"}, 3).get_json()["name"] == "new-name.txt"
    for field in ("sha256", "size", "media_type", "customer"):
        assert anna.patch(f"/files/{body['id']}", {field: "x"}, 4).status_code == 422, field


def test_what_is_refused(web: Web, customer: Record) -> None:
    anna, about = web.api("anna"), {"about_type": "customers", "about_id": str(customer.id)}
    assert anna.post("/files", {"name": "a.txt"}).status_code == 422
    assert post(anna, about_type="customers").get_json()["errors"].keys() == {"about_id"}
    assert post(anna, **about, owner="1").get_json()["errors"].keys() == {"owner"}
    assert post(anna, b"", **about).get_json()["errors"].keys() == {"file"}
    assert post(anna, **{**about, "about_type": "users"}).get_json()["errors"].keys() == {"about"}
    assert post(anna, **{**about, "about_id": "x"}).status_code == 422
    assert post(anna, **{**about, "about_id": "999999"}).status_code == 404
    assert post(anna, **about, custom="[").get_json()["errors"].keys() == {"custom"}
    for part, code in (("carl", 404), ("bob", 404), ("reader", 403), ("nobody", 403)):
        assert post(web.api(part), **about).status_code == code, part
    assert post(web.api("anna", read_only=True), **about).status_code == 403
    web.app.config["UPLOAD_LIMIT"] = 10
    too_large = post(anna, b"x" * 11, **about)
    assert too_large.status_code == 413
    assert "10 B" in too_large.get_json()["title"] + too_large.get_json().get("detail", "")
    web.app.config["MAX_CONTENT_LENGTH"] = 100
    assert post(anna, b"x" * 1000, **about).status_code == 413
    assert store.value("SELECT count(*) FROM file") == 0
    assert list(blobs.listing(store.folder() / "files")) == []


def test_the_same_key_makes_one_file(web: Web, customer: Record) -> None:
    anna, about = web.api("anna"), {"about_type": "customers", "about_id": str(customer.id)}
    first, again = post(anna, key="k1", **about), post(anna, key="k1", **about)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert post(anna, b"other", key="k1", **about).status_code == 422
    assert store.value("SELECT count(*) FROM file") == 1
    assert len(list(blobs.listing(store.folder() / "files"))) == 1


def test_described(web: Web) -> None:
    paths = web.api("anna").get("/openapi.json").get_json()["paths"]
    form = paths["/files"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file", "about_type", "about_id"]
    assert form["properties"]["file"]["format"] == "binary"
    assert "206" in paths["/files/{id}/content"]["get"]["responses"]


def test_pages(web: Web, put: Put, customer: Record) -> None:
    """The dropzone's answer, the form without script, several at once, and every page of a file."""
    anna = web.browser("anna")
    data = {"about_type": "customer", "about_id": str(customer.id)}
    row = anna.post("/files", {**data, "file": (io.BytesIO(b"a"), "<b>.txt")}, headers={"HX-Request": "true"})
    assert row.status_code == 200
    assert "&lt;b&gt;.txt" in row.get_data(as_text=True)
    several = [(io.BytesIO(b"b"), "b.txt"), (io.BytesIO(b"c"), "c.txt")]
    done = anna.post("/files/new", {"about": f"customer/{customer.id}", "note": "both", "file": several})
    assert (done.status_code, done.headers["Location"]) == (303, f"/customers/{customer.id}")
    one = anna.post("/files/new", {"about": "", "file": (io.BytesIO(b"d"), "d.txt")})
    assert one.status_code == 422
    half = [(io.BytesIO(b"e"), "e.txt"), (io.BytesIO(b""), "empty.txt")]
    assert anna.post("/files/new", {"about": f"customer/{customer.id}", "file": half}).status_code == 422
    assert store.value("SELECT count(*) FROM file") == 3
    made = put(b"From: a@b.c\nTo: d@e.f\nSubject: Hello\n\nText <script>", "m.eml")
    page = anna.get(f"/files/{made.id}").get_data(as_text=True)
    assert "Text &lt;script&gt;" in page
    for url in ("/files", "/files/new", f"/files/{made.id}/edit", f"/files/new?about=customer/{customer.id}"):
        assert anna.get(url).status_code == 200, url
    assert anna.get(f"/customers/{customer.id}?only=files").get_data(as_text=True).count('id="file-') == 4
    offered = anna.get("/options?q=arkw").get_json()["items"]
    assert [item["id"] for item in offered] == [f"customer/{customer.id}"]
    assert web.browser("carl").get("/options?q=arkw").get_json()["items"] == []


def test_a_table_is_shown(web: Web, put: Put) -> None:
    made = put("品名;单价\n主板;12,5\n".encode("gb18030"), "价.csv")
    shown = web.browser("anna").get(f"/files/{made.id}/table").get_data(as_text=True)
    assert "主板" in shown
    assert "<td" in shown
    broken = put(b"PK\x03\x04 broken", "x.xlsx")
    assert web.browser("anna").get(f"/files/{broken.id}/table").status_code == 200
    assert [path for path in (store.folder() / "tmp").iterdir()] == []  # noqa: C416
