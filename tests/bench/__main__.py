"""``python -m tests.bench [--quick] [--minutes N] [--sales] [--pages list,today] [--sizes 1000,100000]``: prints figures, judges nothing but limits."""

from __future__ import annotations

import argparse
import subprocess
import threading
import time
from pathlib import Path

from tests.bench import load, pages, sales
from tests.bench.asking import Client, timed
from tests.bench.pages import Measured
from tests.bench.processes import ROOT, Running, command, free_port, running

DATA = ROOT / "bench-data"
TYPED = "公司"  # stands in every name, so that the page is as full in the small company as in the large one
IDLE, LOADED, START, IMPORT = 130, 250, 2.0, 60.0


def main() -> None:
    """Everything in order: data, pages beside the floor, growth, memory, an import, the load."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default="1000,100000", help="customers, the small company first")
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked")
    parser.add_argument("--minutes", type=float, default=3.0, help="of mixed load; 0 for none")
    parser.add_argument("--pages", default="", help="only pages whose name contains one of these")
    parser.add_argument("--rows", type=int, default=20_000, help="of the import; 0 for none")
    parser.add_argument(
        "--quick", action="store_true", help="small companies, few rounds, a short load: does it all run?"
    )
    parser.add_argument("--sales", action="store_true", help="only the sales areas, on 100,000 opportunities")
    args = parser.parse_args()
    if args.quick:
        args.sizes, args.rounds, args.minutes, args.rows = "200,2000", 8, min(args.minutes, 0.3), 1000
    sizes = [int(each) for each in args.sizes.split(",")]
    DATA.mkdir(exist_ok=True)
    if args.sales:
        sales.run(DATA, args)
        return
    found: dict[int, list[Measured]] = {}
    for size in sizes:
        found[size] = _company(size, args)
    if len(sizes) > 1:
        _growth(found[sizes[0]], found[sizes[-1]])
    if not args.pages:
        sales.run(DATA, args)


def _seeded(size: int) -> Path:
    """The company of so many customers, made once."""
    data = DATA / str(size)
    if not (data / "smallcrm.db").exists():
        begun = time.perf_counter()
        made = command("--data", str(data), "demo", "--customers", str(size), "--language", "zh", "--json")
        if made.returncode:
            raise SystemExit(made.stderr)
        print(
            f"demo of {size:,} customers made in {time.perf_counter() - begun:.0f} s {' '.join(made.stdout.split())}",
            flush=True,
        )
    return data


def _company(size: int, args: argparse.Namespace) -> list[Measured]:
    data, port, log = _seeded(size), free_port(), DATA / "serve.log"
    with running(
        ["smallcrm", "--data", str(data), "serve", "--host", "127.0.0.1", "--port", str(port)],
        port,
        path="/login",
        log=log,
    ) as crm:
        time.sleep(3)
        print(
            f"\n{size:,} customers · first answer {_judged(crm.started, START)} s · idle {_judged(crm.rss(), IDLE)} MB",
            flush=True,
        )
        measured = _pages(crm, args, deep=size >= 50_000)
        print(f"  resident after this load {_judged(crm.rss(), LOADED)} MB", flush=True)
        if size == max(int(each) for each in args.sizes.split(",")):
            if args.rows:
                _import(crm, data, args.rows)
            if args.minutes:
                _load(crm, data, args.minutes)
    return measured


def _judged(value: float, limit: float) -> str:
    return f"{value:.1f} ({'<' if value < limit else 'NOT <'} {limit:g})"


def _pages(crm: Running, args: argparse.Namespace, *, deep: bool) -> list[Measured]:
    wanted = [each for each in args.pages.split(",") if each]
    size = len(Client(crm.port).sign_in("owner@demo.test").get("/customers").text)
    floor_port, measured = free_port(), []
    arguments = ["tests.bench.floor", str(DATA), str(floor_port), str(size)]
    with running(arguments, floor_port, path="/", log=DATA / "floor.log"):
        print(pages.HEADING, flush=True)
        for page in pages.every(crm.port, deep=deep, typed=TYPED):
            if wanted and not any(each in page.name for each in wanted):
                continue
            if not pages.answers(page, crm.port):
                print(f"? {page.name:18}{page.role:9} is not in this build", flush=True)
                continue
            measured.append(pages.measure(page, crm.port, floor_port, rounds=args.rounds))
            print(pages.shown(measured[-1]), flush=True)
    return measured


def _ratio(found: Measured) -> float:
    return (found.one if found.taken <= pages.QUIET else found.quick).ratio


def _growth(small: list[Measured], large: list[Measured]) -> None:
    held = {(each.page.name, each.page.role): each for each in small}
    print(f"\ngrowth from the small company to the large one (<= {pages.GROWTH}x, each beside its floor)")
    for each in large:
        before = held.get((each.page.name, each.page.role))
        if before is not None:
            grown = _ratio(each) / _ratio(before)
            print(f"{' ' if grown <= pages.GROWTH else '!'} {each.page.name:18}{each.page.role:9}{grown:7.2f}x")


def _import(crm: Running, data: Path, count: int) -> None:
    """New rows by the command, while a page is asked again and again."""
    run = int(time.time())  # new ones each time
    rows = (f"Import {run} {n} Ltd,0113 {run % 1000:03d}{n:05d},Leeds,info@i{run}-{n}.example" for n in range(count))
    client, slowest = Client(crm.port).sign_in("owner@demo.test"), 0.0
    outcome: list[tuple[float, subprocess.CompletedProcess[str]]] = []

    def bring_in() -> None:
        begun = time.perf_counter()
        made = load.bring_in(data, "import", "Company,Phone,City,E-mail", rows)
        outcome.append((time.perf_counter() - begun, made))

    thread = threading.Thread(target=bring_in)
    thread.start()
    while thread.is_alive():
        slowest = max(slowest, timed(client, "/customers"))
        time.sleep(0.1)
    took, made = outcome[0]
    if made.returncode:
        print(f"  import: not done: {made.stderr.strip()[:300]}", flush=True)
    else:
        print(
            f"  import of {count:,} rows {_judged(took, IMPORT)} s, slowest page beside it {slowest:.0f} ms", flush=True
        )


def _load(crm: Running, data: Path, minutes: float) -> None:
    tally = load.run(crm.port, data, minutes=minutes)
    times = sorted(tally.times)
    total = sum(tally.done.values())
    print(
        f"  load: {total:,} requests, {total / minutes / 60:.0f}/s, median {times[len(times) // 2]:.0f} ms, 99 % {times[len(times) * 99 // 100]:.0f} ms"
    )
    print(
        f"  {dict(tally.done)}\n  errors: {dict(tally.errors) or 'none'}\n  resident under load {_judged(crm.rss(), LOADED)} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
