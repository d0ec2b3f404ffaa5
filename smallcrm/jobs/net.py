"""HTTP to the outside, guarded: only where it is allowed, only to the address that was checked, never on and on.

Three kinds of places: a provider's own host by https (a bot), a public address (a webhook somebody typed in), and
whatever the administrator's list names (``host``, ``host:port``, an address or a network such as ``192.168.1.0/24``).
A place that is not allowed is never contacted. A port that is closed, one that answers nonsense and a name that does
not exist read the same.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import L

CONNECT = 10.0  # seconds to connect
READ = 20.0  # seconds for each reading
WHOLE = 45.0  # seconds for all of it, however slowly the other side drips
_MOST = 64 * 1024  # octets of an answer that are read
_PORTS = (80, 443, 8080, 8443)  # of a public address; others must be on the administrator's list

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(SmallcrmError):
    """The place may not be contacted; nothing was sent."""

    status = 422
    slug = "not-allowed"


class Unreachable(SmallcrmError):
    """No usable answer came. ``sent``: the request had gone out whole, so it may have been acted upon."""

    status = 502
    slug = "unreachable"

    def __init__(self, *, sent: bool = False, why: str = "") -> None:
        super().__init__(L("The address could not be reached, or did not answer properly."))
        self.sent = sent
        self.why = why  # for the log only


@dataclass(frozen=True)
class Answer:
    """What came back. ``data`` is the body as JSON where it is an object, else empty."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def data(self) -> dict[str, Any]:
        """The JSON object in the body."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Place:
    """A checked URL. ``public`` asks for an address outside every private network."""

    https: bool
    host: str
    port: int
    path: str
    listed: bool  # the administrator's list names the host itself
    public: bool


def place(url: str, *, hosts: Collection[str] | None = None, allowed: Collection[str] = ()) -> Place:
    """Take the URL apart and check what can be checked without looking the host up. Raises NotAllowed.

    ``hosts``: a provider's own; a URL must then lie on one of them, by https.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode().lower()
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotAllowed(L("This is not a web address.")) from None
    odd = any(c <= " " or c in "\x7f\\" for c in url) or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not host or odd:
        raise NotAllowed(L("This is not a web address."))
    listed = host in allowed or f"{host}:{port}" in allowed or f"[{host}]:{port}" in allowed
    if hosts is not None and not listed:
        if host not in hosts or parts.scheme != "https" or port != 443:
            raise NotAllowed(L("This is not an address of the provider: %(hosts)s.", hosts=", ".join(sorted(hosts))))
        return Place(True, host, port, _path(parts.path, parts.query), listed=True, public=False)
    return Place(parts.scheme == "https", host, port, _path(parts.path, parts.query), listed, public=not listed)


def _path(path: str, query: str) -> str:
    return quote((path or "/") + (f"?{query}" if query else ""), safe="%/?:@!$&'()*+,;=~")


def addresses(found: Place, allowed: Collection[str] = ()) -> list[str]:
    """The addresses that may be connected to. Raises NotAllowed when one of them is none, Unreachable for no name."""
    try:
        answers = socket.getaddrinfo(found.host, found.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(why=str(error)) from None
    plain = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if found.public:
        networks = _networks(tuple(allowed))
        for text in plain:
            address = ipaddress.ip_address(text.partition("%")[0])
            in_list = any(address in network for network in networks)
            if not in_list and (not is_public(address) or found.port not in _PORTS):
                raise NotAllowed(L("This address lies in a private network. An administrator can allow it."))
    return plain[:3]


def is_public(address: _Address) -> bool:
    """Whether it is reachable over the open internet, also after unwrapping an IPv4 address inside an IPv6 one."""
    inner: _Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in ipaddress.ip_network("64:ff9b::/96") or int(address) >> 32 == 0:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None and not is_public(inner):
        return False
    return address.is_global and not address.is_multicast


@lru_cache(maxsize=8)
def _networks(allowed: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for each in allowed:
        try:
            found.append(ipaddress.ip_network(each, strict=False))
        except ValueError:
            continue
    return found


class Deadline:
    """Shuts a connection down when its time is over, however slowly the other side goes on talking.

    Keeps a descriptor of its own, so that it still works once TLS has taken the socket over.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock.dup()
        self._timer: threading.Timer | None = None
        self.over = False

    def set(self, seconds: float) -> None:
        """Count anew."""
        self.clear()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def clear(self) -> None:
        """Stop counting."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Done with the connection."""
        self.clear()
        self._sock.close()

    def _end(self) -> None:
        self.over = True
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


@lru_cache(maxsize=4)
def tls(extra: str = "") -> ssl.SSLContext:
    """Certificates and names are checked: against the system's authorities, certifi's, and ``extra`` ones in PEM."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if extra:
        context.load_verify_locations(cadata=extra)
    return context


class _Connection(http.client.HTTPConnection):
    """Connects to the addresses that were checked, while names and certificates go by the host."""

    def __init__(self, found: Place, addresses_: list[str]) -> None:
        super().__init__(found.host, found.port, timeout=CONNECT)
        self._found = found
        self._addresses = addresses_
        self.deadline: Deadline | None = None

    def connect(self) -> None:
        """The first address that answers."""
        last: OSError | None = None
        for address in self._addresses:
            try:
                self.sock = socket.create_connection((address, self.port), CONNECT)
                break
            except OSError as error:
                last = error
        else:
            raise last or OSError("no address")
        self.deadline = Deadline(self.sock)
        self.deadline.set(WHOLE)
        if self._found.https:
            self.sock = tls().wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(READ)


def request(
    method: str,
    url: str,
    body: bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    hosts: Collection[str] | None = None,
    allowed: Collection[str] = (),
) -> Answer:
    """One request, no redirect followed. Raises NotAllowed (nothing was sent) or Unreachable."""
    found = place(url, hosts=hosts, allowed=allowed)
    head = {"User-Agent": "smallcrm", "Connection": "close", **(headers or {})}
    connection = _Connection(found, addresses(found, allowed))
    sent = False
    try:
        connection.request(method, found.path, body, head)
        sent = True
        with connection.getresponse() as response:
            content = response.read(_MOST)
        if connection.deadline and connection.deadline.over:
            raise TimeoutError("too slow")
        return Answer(response.status, content, {k.lower(): v for k, v in response.getheaders()})
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(sent=sent, why=f"{type(error).__name__}: {error}") from None
    finally:
        connection.close()
        if connection.deadline:
            connection.deadline.close()


def post_json(
    url: str,
    data: object,
    *,
    headers: Mapping[str, str] | None = None,
    hosts: Collection[str] | None = None,
    allowed: Collection[str] = (),
) -> Answer:
    """``request`` with ``data`` as UTF-8 JSON."""
    body = json.dumps(data, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return request("POST", url, body, headers=kind, hosts=hosts, allowed=allowed)
