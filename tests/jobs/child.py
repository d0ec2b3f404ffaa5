"""Other processes for tests: ``python -m tests.jobs.child NAME FOLDER …`` opens the folder and does one thing in it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import locks, outbox, registry, slots, work
from smallcrm.jobs.outbox import settings
from smallcrm.jobs.outbox.settings import MailSettings
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily

ROOT = Path(__file__).resolve().parents[2]


def start(name: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The child, once it has said "ready"."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.child", name, str(folder), *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout
    line = child.stdout.readline()
    assert line == "ready\n", line
    return child


def kill(child: subprocess.Popen[str]) -> None:
    """As a power cut would."""
    child.kill()
    child.communicate()


def say(words: object) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def ready() -> None:
    say("ready")


def hold(name: str) -> None:
    """Keep a lock until killed."""
    held = locks.hold(name)
    assert held
    ready()
    time.sleep(60)


def nightly(*, sleep: str, moment: str) -> None:
    """Run a daily job that sleeps, at a moment."""

    def run() -> dict[str, int]:
        ready()
        time.sleep(float(sleep))
        return {"ran": 1}

    registry.register(Job("nightly", Daily("00:30"), run))
    slots.run_due(clock.moment(moment))


def race(moment: str) -> None:
    """Wait for a word, then try to be the one that runs."""

    def run() -> dict[str, int]:
        say("ran")
        time.sleep(0.05)
        return {}

    registry.register(Job("nightly", Daily("00:30"), run))
    ready()
    sys.stdin.readline()
    slots.run_due(clock.moment(moment))


def deliver(port: str) -> None:
    """Deliver what waits to a mail server on loopback."""
    settings.provide(mail=lambda: MailSettings("127.0.0.1", int(port), "none", sender="crm@office.example"))
    ready()
    outbox.deliver_due()


def deliver_bots(url: str, allowed: str) -> None:
    """Deliver what waits to a webhook."""
    bot = settings.Bot("hook", "webhook", "Hook", url)
    settings.provide(bots=lambda: [bot], allowed=lambda: [allowed])
    ready()
    outbox.deliver_due()


def importing() -> None:
    """A long work that goes on until killed."""

    def run(progress: work.Progress) -> None:
        progress.belongs_to(77)
        progress.count(created=120)
        progress.step(120, 1000, "Row 120")
        progress.write(now=True)
        ready()
        time.sleep(60)

    work.join(work.start("import", "customers.xlsx", 1, run))


def cancellable() -> None:
    """A long work that stops when asked, by whomever."""

    def run(progress: work.Progress) -> None:
        say(progress.id)
        while True:
            progress.check()
            time.sleep(0.02)

    ready()
    say(work.join(work.start("import", "customers.xlsx", None, run)).state)


if __name__ == "__main__":
    does, where, *rest = sys.argv[1:]
    store.open_folder(Path(where))
    named = {"sleep": rest[0], "moment": rest[1]} if does == "nightly" else {}
    globals()[does](**named) if named else globals()[does](*rest)
