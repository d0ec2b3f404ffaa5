"""The guard towards the outside: what may be contacted, and that it is what was checked."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from smallcrm.jobs import net
from tests.jobs.web import Web


@pytest.fixture
def listener() -> Iterator[tuple[int, list[int]]]:
    """A port on loopback and the connections it saw."""
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    server.accept()[0].close()
                    seen.append(1)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], seen
        done.set()
        thread.join()


PRIVATE = [
    "127.0.0.1", "127.1", "0177.0.0.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
    "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1",
    "100.64.0.1", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_no_private_address_by_any_spelling(host: str, listener: tuple[int, list[int]]) -> None:
    port, seen = listener
    for where in (f"http://{host}:{port}/", f"https://{host}/", f"http://{host}:8080/x?y"):
        with pytest.raises(
            (net.NotAllowed, net.Unreachable)
        ):  # a name that cannot be looked up is not contacted either
            net.request("POST", where, b"{}")
    time.sleep(0.06)
    assert seen == []


def test_a_closed_and_an_open_port_read_the_same(listener: tuple[int, list[int]]) -> None:
    port, seen = listener
    with socket.create_server(("127.0.0.1", 0)) as closing:
        closed = closing.getsockname()[1]
    said = set()
    for where in (port, closed):
        with pytest.raises(net.NotAllowed) as refused:
            net.request("GET", f"http://127.0.0.1:{where}/")
        said.add(str(refused.value))
        with pytest.raises(net.Unreachable) as failed:
            net.request("GET", f"http://127.0.0.1:{where}/", allowed=["127.0.0.1"])
        said.add(str(failed.value))
    with pytest.raises(net.Unreachable) as failed:
        net.request("GET", "http://no-such-host.invalid/")
    said.add(str(failed.value))
    assert len(said) == 2
    assert len(seen) == 1


@pytest.mark.parametrize(
    "url",
    ["", "x", "//host/", "ftp://host/", "file:///etc/passwd", "gopher://127.0.0.1:70/", "http://", "http:///x",
     "http://user:pw@93.184.216.34/", "http://93.184.216.34\\@127.0.0.1/", "http://93.184.216.34/a b",
     "http://93.184.216.34/\r\nHost: x", "http://93.184.216.34:99999/", "http://[::1/", "javascript:alert(1)",
     "http://a..b/", "https://exa\tmple.com/", "http://" + "a" * 70 + ".com/"],
)  # fmt: skip
def test_what_is_no_web_address(url: str) -> None:
    with pytest.raises(net.NotAllowed):
        net.place(url)


def test_other_ports_of_public_addresses_need_the_list() -> None:
    found = net.place("http://93.184.216.34:25/")
    with pytest.raises(net.NotAllowed):
        net.addresses(found)
    assert net.addresses(found, ["93.184.216.0/24"]) == ["93.184.216.34"]
    assert net.addresses(net.place("http://93.184.216.34:8443/")) == ["93.184.216.34"]


def test_a_provider_s_own_host_by_https_alone() -> None:
    hosts = frozenset({"qyapi.weixin.qq.com"})
    found = net.place("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", hosts=hosts)
    assert (found.host, found.port, found.path) == ("qyapi.weixin.qq.com", 443, "/cgi-bin/webhook/send?key=1")
    for url in ("http://qyapi.weixin.qq.com/", "https://qyapi.weixin.qq.com:8443/", "https://qyapi.weixin.qq.com.evil.example/",
                "https://evil.example/?qyapi.weixin.qq.com", "https://93.184.216.34/"):  # fmt: skip
        with pytest.raises(net.NotAllowed, match=r"qyapi\.weixin\.qq\.com"):
            net.place(url, hosts=hosts)


def test_the_administrators_list(web: Web) -> None:
    for allowed in (["127.0.0.1"], [f"127.0.0.1:{web.port}"], ["127.0.0.0/8"], ["x", "127.0.0.1/32"]):
        assert net.request("GET", web.url("/"), allowed=allowed).status == 200
    for allowed in ([], ["127.0.0.2"], ["127.0.0.1:1"], ["10.0.0.0/8"]):
        with pytest.raises(net.NotAllowed):
            net.request("GET", web.url("/"), allowed=allowed)


def test_no_redirect_is_followed(web: Web, listener: tuple[int, list[int]]) -> None:
    web.answer(302, b"", Location=f"http://127.0.0.1:{listener[0]}/")
    assert net.request("GET", web.url("/"), allowed=[f"127.0.0.1:{web.port}"]).status == 302
    time.sleep(0.06)
    assert listener[1] == []


def test_it_connects_to_the_address_that_was_checked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers public first and private afterwards (DNS rebinding)."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def two_faced(host: str, port: int, *rest: object, **more: object) -> object:
        if host != "rebind.example":
            return real(host, port, *rest, **more)  # type: ignore[arg-type]
        asked.append(host)
        return real("127.0.0.2" if len(asked) == 1 else "127.0.0.1", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", two_faced)
    with pytest.raises(net.Unreachable):
        net.request("GET", f"http://rebind.example:{web.port}/", allowed=["127.0.0.2/32"])
    assert asked == ["rebind.example"]
    assert web.seen == []
    with pytest.raises(net.NotAllowed):
        net.request("GET", f"http://rebind.example:{web.port}/", allowed=["127.0.0.2/32"])


def test_a_post_and_its_answer(web: Web) -> None:
    web.answer(200, b'{"errcode":0}')
    answer = net.post_json(web.url("/a?b=ü"), {"text": "王芳"}, headers={"X-Y": "z"}, allowed=["127.0.0.1"])
    assert answer.data == {"errcode": 0}
    assert (web.seen[0].method, web.seen[0].path, web.seen[0].json) == ("POST", "/a?b=%C3%BC", {"text": "王芳"})
    assert web.seen[0].headers["x-y"] == "z"
    assert web.seen[0].headers["host"] == f"127.0.0.1:{web.port}"
    for body in (b"", b"[1]", b"nonsense", b"\xff", b"[" * 100_000):
        web.answer(200, body)
        assert net.request("GET", web.url("/"), allowed=["127.0.0.1"]).data == {}


def test_a_long_answer_is_not_read_to_its_end(web: Web) -> None:
    web.answer(200, b"x" * 5_000_000)
    assert len(net.request("GET", web.url("/"), allowed=["127.0.0.1"]).body) == 64 * 1024


def test_a_dripping_answer_is_cut_off(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "WHOLE", 0.3)
    web.answer(200, b"x" * 500)
    web.drip = 0.05
    begun = time.monotonic()
    with pytest.raises(net.Unreachable) as failed:
        net.request("GET", web.url("/"), allowed=["127.0.0.1"])
    assert failed.value.sent
    assert time.monotonic() - begun < 20


def test_a_certificate_nobody_vouches_for(web: Web) -> None:
    web.use_tls()
    with pytest.raises(net.Unreachable) as failed:
        net.request("GET", web.url("/").replace("http:", "https:"), allowed=["127.0.0.1"])
    assert "CERTIFICATE_VERIFY_FAILED" in failed.value.why
    assert not failed.value.sent
    assert web.seen == []


def test_public_addresses() -> None:
    for text in ("93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"):
        assert net.is_public(ipaddress.ip_address(text)) or text.startswith(("::ffff", "64:"))
    for text in ("::ffff:10.0.0.1", "::", "ff02::1", "198.18.0.1", "192.0.2.1"):
        assert not net.is_public(ipaddress.ip_address(text)), text
