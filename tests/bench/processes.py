"""Servers as processes of their own, and what they take."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.asking import Client

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """A server that answers on ``port``; ``started`` is how long its first answer took."""

    process: subprocess.Popen[bytes]
    port: int
    started: float

    def rss(self) -> float:
        """Resident memory in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


def spent(pid: int) -> tuple[float, float]:
    """Milliseconds that a process has run, and that it has waited for a processor that others had."""
    run = waited = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            figures = task.read_text().split()
        except FileNotFoundError:
            continue
        run, waited = run + int(figures[0]), waited + int(figures[1])
    return run / 1e6, waited / 1e6


def taken() -> tuple[float, float]:
    """What the host gave to others while somebody here wanted to run, and all there was, in ticks since the start."""
    figures = [float(each) for each in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return figures[7], sum(figures[:3]) + sum(figures[4:8])


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(arguments: Sequence[str], port: int, *, path: str, log: Path) -> Iterator[Running]:
    """``python -m …`` until the block ends."""
    begun = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=ROOT, stdout=out, stderr=out, env=os.environ.copy()
        )
    try:
        _wait(process, port, path, log)
        yield Running(process, port, time.perf_counter() - begun)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    for _ in range(3000):
        if process.poll() is not None:
            raise SystemExit(f"it did not start:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            if Client(port).get(path).status < 500:
                return
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit("it does not answer")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One of smallcrm's commands, awaited."""
    return subprocess.run(
        [sys.executable, "-m", "smallcrm", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
