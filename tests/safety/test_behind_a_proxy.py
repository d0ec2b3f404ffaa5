"""The real server with and without a trusted proxy: whose word counts for the address, the scheme and the host."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.command import Server, copy_company

pytestmark = pytest.mark.slow
MOST = 11  # guesses from one address before it has to wait


@pytest.fixture(scope="module", params=["127.0.0.1", ""], ids=["trusted", "untrusted"])
def server(
    request: pytest.FixtureRequest, company_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that takes this machine for its proxy, and one that takes nobody."""
    data = copy_company(company_template[0], tmp_path_factory.mktemp("proxied") / "data")
    made = Server(data, **({"SMALLCRM_SERVER_TRUSTED_PROXY": request.param} if request.param else {}))
    made.trusts = bool(request.param)  # type: ignore[attr-defined]
    yield made
    made.stop()


def ask(server: Server, path: str, **headers: str) -> tuple[int, list[str], str]:
    """Status, cookies and page."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        with connection.getresponse() as answer:
            return answer.status, answer.headers.get_all("Set-Cookie") or [], answer.read().decode()
    finally:
        connection.close()


def test_https_is_what_the_proxy_says(server: Server) -> None:
    """Behind it cookies are for https and this host alone; a stranger who says so is not believed."""
    status, cookies, _page = ask(server, "/login", Host="nas.local", X_Forwarded_Proto="https")
    assert status == 200
    assert cookies
    trusts = server.trusts  # type: ignore[attr-defined]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert (cookie.startswith("__Host-"), "Secure" in cookie) == (trusts, trusts), cookie
    assert not any("Secure" in cookie for cookie in ask(server, "/login", Host="nas.local")[1])


@pytest.mark.parametrize("header", ["X_Forwarded_Host", "Forwarded", "X_Host"])
def test_the_host_is_one_of_ours(header: str, server: Server) -> None:
    """A foreign host is refused from the proxy and ignored from anybody else; it stands in no page."""
    value = "host=evil.example;proto=https" if header == "Forwarded" else "evil.example"
    status, _cookies, page = ask(server, "/login", Host="nas.local", **{header: value})
    believed = server.trusts and header == "X_Forwarded_Host"  # type: ignore[attr-defined]
    assert status == (400 if believed else 200)
    assert believed or "evil" not in page


def test_no_header_gives_a_guesser_another_address(server: Server) -> None:
    """Whatever a client writes before the proxy's own word; without a proxy, whatever at all."""
    statuses = [ask(server, "/api/v1/customers", Authorization=f"Bearer scrm_{n}", X_Forwarded_For=f"9.9.9.{n}, 10.0.0.9", Forwarded=f"for=8.8.8.{n}",
                    X_Real_IP=f"7.7.7.{n}", Client_IP=f"6.6.6.{n}")[0] for n in range(20)]  # fmt: skip
    assert statuses[0] == 401
    assert statuses.count(401) <= MOST
    assert statuses[-1] == 429
    another = ask(server, "/api/v1/customers", Authorization="Bearer scrm_x", X_Forwarded_For="10.0.0.8")[0]
    assert another == (401 if server.trusts else 429)  # type: ignore[attr-defined]


def test_who_one_is_no_header_says(server: Server) -> None:
    """Names that other programs take from a proxy mean nothing here."""
    names = (
        "X_Forwarded_User",
        "X_Remote_User",
        "Remote_User",
        "X_Forwarded_Email",
        "X_Auth_Request_User",
        "X_WebAuth_User",
        "X_Original_URL",
    )
    for path, refused in (("/customers", 302), ("/api/v1/users", 401)):
        assert ask(server, path, **dict.fromkeys(names, "olga@example.com"))[0] == refused
