"""The running server: waitress in front, the scheduler beside it, and an orderly end.

    hold the data folder → take the port → bring the data up to date → answer → tick every second

At SIGTERM nobody new is let in, answers under way are sent whole, works and jobs stop at their next good moment, the
journal is written into the database, and the process ends with 0, all within ten seconds.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smallcrm import __version__, opening, store
from smallcrm.base import logbook
from smallcrm.base.errors import Busy, SmallcrmError
from smallcrm.base.i18n import L
from smallcrm.config import Config

if TYPE_CHECKING:
    from smallcrm.jobs.ticker import Ticker

log = logging.getLogger("smallcrm.server")

ANSWERS_WAIT = 5.0  # seconds that answers under way may take at the end
WORK_WAIT = 3.0  # seconds that works and jobs may take after that
_FILES = 4096  # open files: connections, mostly


def serve(config: Config, said: Callable[[str], None]) -> int:
    """Serve until a signal ends it; the exit code. ``said`` is given the lines for whoever started it."""
    with opening.holding(config, create=True):
        logbook.begin(config.log_level, config.data_folder if config.log_file else None)
        listening: list[socket.socket] = []
        try:
            listening += _listen(config)
            with opening.held(config, create=True) as opened:
                logbook.print_too()
                if opened.copy:
                    log.info("the database before the update lies in %s", opened.copy)
                return _Server(config, listening).run(said)
        except SmallcrmError as error:
            log.error("%s", error)
            raise
        finally:
            for each in listening:
                each.close()
            logbook.end()


def _listen(config: Config) -> list[socket.socket]:
    """The port, taken before anything is changed. Raises Busy where another program has it."""
    found: list[socket.socket] = []
    try:
        addresses = socket.getaddrinfo(
            config.server_host or None, config.server_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _name, address in dict.fromkeys(addresses):
            one = socket.socket(family, kind, protocol)
            found.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(1)  # a bound port that nobody listens on can be bound again
    except OSError as error:
        for each in found:
            each.close()
        where = f"{config.server_host}:{config.server_port}"
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise Busy(
            L(
                "smallcrm cannot listen on %(where)s: %(why)s. Stop the other program, or choose another --port.",
                where=where,
                why=why,
            )
        ) from None
    return found


@dataclass
class _Server:
    """One run of the server over the data folder that is open."""

    config: Config
    sockets: list[socket.socket]
    map: dict[int, Any] = field(default_factory=dict)
    signalled: threading.Event = field(default_factory=threading.Event)
    ticking: threading.Lock = field(default_factory=threading.Lock)
    resting: bool = False

    def run(self, said: Callable[[str], None]) -> int:
        """Answer until the end."""
        from smallcrm import app
        from smallcrm.jobs import work
        from smallcrm.jobs.ticker import Ticker
        from smallcrm.web import gate

        _raise_file_limit()
        built = app.build_app(self.config)
        gc.collect()
        gc.freeze()  # the program itself stays for good: looking through it for garbage again and again costs each page a tenth
        self.ticker = Ticker()
        work.recover()
        self.front = self._front(built)
        scheduler = self._scheduler(self.ticker)
        gate.resting.append((self._rest, self._go_on))
        _add_health_checks(self.ticker)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        for line in announcement(self.config):
            said(line)
        log.info("smallcrm %s answers on port %d", __version__, self.config.server_port)
        try:
            self._loop(until=self.signalled.is_set)
        finally:
            ended = self._end(scheduler)
        log.info("smallcrm ended")
        if not ended:
            self._leave_now(0)
        return 0

    # ------------------------------------------------------------ parts

    def _front(self, built: Any) -> Any:
        from waitress.server import create_server

        from smallcrm.channel import Channel

        options: dict[str, Any] = {
            "threads": self.config.server_threads,
            "connection_limit": 1000,
            "channel_timeout": 60,
            "cleanup_interval": 10,
            "backlog": 256,
            "max_request_header_size": 64 * 1024,
            "max_request_body_size": (self.config.limits_upload_mb + 1) * 1024 * 1024,
            "asyncore_use_poll": True,
            "clear_untrusted_proxy_headers": True,
            "ident": None,
        }
        if self.config.server_trusted_proxy:
            options |= {
                "trusted_proxy": self.config.server_trusted_proxy,
                "trusted_proxy_count": 1,
                "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
            }
        front = create_server(built, map=self.map, sockets=self.sockets, **options)
        for each in self._listeners():
            each.channel_class = Channel
        return front

    def _scheduler(self, ticker: Ticker) -> Any:
        import datetime as dt

        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler
        from apscheduler.triggers.interval import IntervalTrigger

        def tick() -> None:
            with self.ticking:
                ticker.tick()

        scheduler = BackgroundScheduler(
            timezone=dt.UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        scheduler.add_job(tick, IntervalTrigger(seconds=1, timezone=dt.UTC), id="tick")
        scheduler.start()
        return scheduler

    def _loop(self, until: Callable[[], bool]) -> None:
        from waitress import wasyncore

        while not until():
            wasyncore.loop(timeout=0.5, use_poll=True, map=self.map, count=1)

    # ------------------------------------------------------------ the end

    def _on_signal(self, number: int, _frame: object) -> None:
        if self.signalled.is_set() and number == signal.SIGINT:
            self._leave_now(1)  # asked twice: at once
        self.signalled.set()
        for each in self._listeners():
            each.pull_trigger()

    def _end(self, scheduler: Any) -> bool:
        """Bring everything to an end; whether all of it ended by itself."""
        from waitress import wasyncore

        from smallcrm.jobs import stop, work
        from smallcrm.web.gate import gate

        stop.ask()
        gate.shut(L("smallcrm is being stopped."))
        self._close_listeners()
        until = time.monotonic() + ANSWERS_WAIT
        self._loop(until=lambda: not self._answering() or time.monotonic() > until)
        scheduler.shutdown(wait=False)
        rest = time.monotonic() + WORK_WAIT
        ended = gate.empty(0.1)
        ended = work.halt(WORK_WAIT) and ended
        ended = self.ticker.stop(max(0.1, rest - time.monotonic())) and ended
        self.front.task_dispatcher.shutdown(timeout=0.5)
        wasyncore.close_all(self.map, ignore_all=True)
        if ended:
            _write_journal()
        return ended

    def _listeners(self) -> list[Any]:
        from waitress.server import BaseWSGIServer

        return [each for each in self.map.values() if isinstance(each, BaseWSGIServer)]

    def _close_listeners(self) -> None:
        for each in self._listeners():
            each.del_channel()
            each.socket.close()

    def _answering(self) -> bool:
        """Whether an answer is being made, or has not been sent whole."""
        from waitress.channel import HTTPChannel

        channels = [each for each in self.map.values() if isinstance(each, HTTPChannel)]
        return any(each.requests or each.total_outbufs_len for each in channels)

    def _leave_now(self, code: int) -> None:
        """Some thread does not end: what it wrote is whole or not there, and the next start tidies up."""
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)

    # ------------------------------------------------------------ while the data are exchanged

    def _rest(self, wait: float) -> bool:
        from smallcrm.jobs import stop

        stop.ask()
        self.resting = self.ticker.stop(wait) and self.ticking.acquire(timeout=wait)
        return self.resting

    def _go_on(self) -> None:
        from smallcrm.jobs import stop

        if self.resting:
            self.ticking.release()
        self.resting = False
        stop.reset()


def _write_journal() -> None:
    try:
        store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except Exception as error:
        log.warning("the journal stays beside the database: %s", error)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _add_health_checks(ticker: Ticker) -> None:
    from smallcrm.areas.admin import condition
    from smallcrm.web import health

    health.checks[:] = [("scheduler", ticker.beating), *condition.CHECKS]


# ---------------------------------------------------------------- what is said at the start


def announcement(config: Config) -> list[str]:
    """The lines for whoever started the server: where to open it, and how to begin."""
    from smallcrm.areas.people import setup

    lines = [f"smallcrm {__version__}: " + "  ".join(addresses(config.server_host, config.server_port))]
    lines.append(str(L("Data: %(folder)s", folder=str(config.data_folder))))
    if not setup.is_set_up():
        code = setup.code_for(config.data_folder)
        lines.append(str(L("Not set up yet. Open it in a browser; the code it asks for: %(code)s", code=code)))
    lines.append(str(L("Stop with Ctrl+C.")))
    return lines


def addresses(host: str, port: int) -> list[str]:
    """Where a browser finds a server that listens on ``host``."""
    if host in ("0.0.0.0", "", "::"):  # noqa: S104
        return [f"http://{each}:{port}" for each in ("127.0.0.1", *_own_addresses())]
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"]


def _own_addresses() -> list[str]:
    """This machine's addresses in the office network, those of virtual networks left out."""
    import fcntl
    import struct

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _number, name in socket.if_nameindex():
            if name.startswith(("lo", "docker", "br-", "veth", "virbr")):
                continue
            try:
                answer = fcntl.ioctl(asking.fileno(), 0x8915, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    return found[:4]
