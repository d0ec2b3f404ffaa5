from tests.client import Live, Web


def test_pages_and_api(web: Web) -> None:
    anna = web.browser("anna")
    assert anna.get("/customers").status_code == 200
    made = anna.post("/customers/new", {"name": "Arkwright", "phone": "0113 496 0000"})
    assert made.status_code == 303, made.get_data(as_text=True)[:800]
    api = web.api("anna")
    listed = api.get("/customers?count=1").get_json()
    assert listed["total"] == 1
    assert listed["items"][0]["owner"]["name"] == "Anna North"
    number = listed["items"][0]["id"]
    assert api.patch(f"/customers/{number}", {"grade": "A"}).status_code == 428
    assert api.patch(f"/customers/{number}", {"grade": "A"}, 1).status_code == 200
    assert api.patch(f"/customers/{number}", {"grade": "B"}, 1).status_code == 412
    assert web.api("carl").get(f"/customers/{number}").status_code == 404
    assert web.api("reader").patch(f"/customers/{number}", {"grade": "C"}, 2).status_code == 403


def test_live(live: Live) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{live.url}/healthz") as answer:
        assert answer.status in (200, 503)
