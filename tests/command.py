"""The program as people start it: a process with arguments, standard input and an exit code; and the server as one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The same tests try the single binary: SMALLCRM_PROGRAM=dist/smallcrm-… make faults
PROGRAM = (
    [str(ROOT / os.environ["SMALLCRM_PROGRAM"])]
    if "SMALLCRM_PROGRAM" in os.environ
    else [sys.executable, "-m", "smallcrm"]
)


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line of an error."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        assert not self.out
        return lines[0]


def environment(**more: str) -> dict[str, str]:
    """Ours without what another smallcrm on this machine may have set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMALLCRM_", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **more}


def smallcrm(*args: str | Path, stdin: str = "", cwd: Path | None = None, timeout: float = 60, **env: str) -> Ran:
    """Run a command to its end."""
    done = subprocess.run(
        [*PROGRAM, *map(str, args)], input=stdin, capture_output=True, text=True,
        cwd=cwd or ROOT, env=environment(**env), timeout=timeout, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


class Server:
    """``smallcrm serve`` in a process of its own; ``under``: a command that runs it in some other way."""

    def __init__(self, data: Path, *args: str, wait: bool = True, under: Sequence[str] = (), **env: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.err = data.parent / f"{data.name}.err"
        with self.err.open("w") as err:
            self.process = subprocess.Popen(
                [*under, *PROGRAM, "--data", str(data), "serve", "--host", "127.0.0.1", "--port",
                 str(self.port), *args],
                stdout=subprocess.PIPE, stderr=err, text=True, cwd=ROOT, env=environment(**env),
            )  # fmt: skip
        if wait:
            self.wait()

    def wait(self, seconds: float = 90) -> None:
        """Until it answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            if self.health()[0]:
                return
            time.sleep(0.05)
        raise AssertionError(self.err.read_text())

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body of ``/healthz``; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except OSError:
            return 0, {}

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        assert self.process.stdout is not None
        if not self.process.stdout.closed:
            self.said = self.process.stdout.read()
            self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.stop(signal.SIGKILL)


def copy_company(source: Path, target: Path) -> Path:
    """A company's data folder of this test's own, with a key, closed."""
    shutil.copytree(source, target)
    key = target / "secret.key"
    if not key.exists():
        key.write_text("0123456789abcdef" * 4)
    key.chmod(0o600)
    return target
