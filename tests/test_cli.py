"""The commands as people run them: what they print, their exit codes, beside a running server and without one."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from smallcrm import __version__
from tests.cast import Cast
from tests.command import Server, copy_company, free_port, smallcrm


@pytest.fixture(scope="module")
def server(company_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A company that is being served."""
    data = copy_company(company_template[0], tmp_path_factory.mktemp("served") / "data")
    found = Server(data)
    yield found
    found.stop()


@pytest.fixture
def company(company_template: tuple[Path, Cast], tmp_path: Path) -> Path:
    """A company's data folder of this test's own; nobody serves it."""
    return copy_company(company_template[0], tmp_path / "data")


def ask(server: Server, path: str, token: str, body: Any = None) -> tuple[int, Any]:
    """One call of the API."""
    request = urllib.request.Request(
        f"{server.url}/api/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None


# ---------------------------------------------------------------- beside a running server


def test_users_and_tokens_beside_the_server(server: Server) -> None:
    made = smallcrm("--data", server.data, "user", "add", "eva@example.com", "--name", "Eva", "--role", "sales",
                    "--team", "North", stdin="a long enough password\n")  # fmt: skip
    assert made.code == 0, made.err
    token = smallcrm("user", "token", "eva@example.com", "--data", server.data)
    assert token.code == 0
    assert len(token.out.splitlines()) == 1, "alone on stdout"
    assert ask(server, "/customers", token.out.strip())[0] == 200
    listed = {one["email"]: one for one in smallcrm("user", "list", "--json", "--data", server.data).json}
    assert (listed["eva@example.com"]["role"], listed["eva@example.com"]["team"]) == ("sales", "North")
    assert smallcrm("user", "disable", "eva@example.com", "--data", server.data).code == 0
    assert ask(server, "/customers", token.out.strip())[0] == 401
    weak = smallcrm("user", "password", "anna@example.com", "--data", server.data, stdin="\n")
    assert weak.code == 2
    assert "standard input" in weak.complaint
    unknown = smallcrm("user", "token", "who@example.com", "--data", server.data)
    assert unknown.code == 2
    assert "who@example.com" in unknown.complaint
    refused = smallcrm("user", "list", "--as", "anna@example.com", "--data", server.data)
    assert refused.code != 0
    assert "Anna North" in refused.complaint


def test_an_undo_is_seen_by_the_server(server: Server) -> None:
    token = smallcrm("user", "token", "anna@example.com", "--data", server.data).out.strip()
    number = ask(server, "/customers", token, {"name": "Arkwright"})[1]["id"]
    unknown = smallcrm("undo", "999999", "--data", server.data)
    assert unknown.code in (1, 2)
    assert unknown.complaint
    connection = apsw.Connection(str(server.data / "smallcrm.db"), flags=apsw.SQLITE_OPEN_READONLY)
    newest = connection.execute("SELECT max(set_id) FROM change WHERE record_type = 'customer'").fetchall()[0][0]
    connection.close()
    done = smallcrm("undo", str(newest), "--json", "--data", server.data)
    assert done.json["undone"] == 1
    assert done.json["kept"] == []
    assert ask(server, f"/customers/{number}", token)[0] == 404


def test_backups_and_jobs_beside_the_server(server: Server, tmp_path: Path) -> None:
    made = smallcrm("backup", tmp_path / "taken.zip", "--json", "--data", server.data).json
    assert made["ok"]
    assert Path(made["file"]) == tmp_path / "taken.zip"
    assert smallcrm("backup", "verify", tmp_path / "taken.zip", "--data", server.data).code == 0
    ran = smallcrm("job", "run", "nightly-backup", "--json", "--data", server.data)
    assert ran.code == 0, ran.err
    (one,) = smallcrm("backup", "list", "--json", "--data", server.data).json
    assert one["name"] == ran.json["file"]
    assert one["good"]
    jobs = {one["name"]: one for one in smallcrm("job", "list", "--json", "--data", server.data).json}
    assert {"nightly-backup", "outbox", "backup-check", "search-tidy"} <= set(jobs)
    assert jobs["nightly-backup"]["state"] == "done"
    assert {"name", "schedule", "last_run", "last_result", "next_run"} <= set(jobs["outbox"])
    unknown = smallcrm("job", "run", "no-such-job", "--data", server.data)
    assert unknown.code in (1, 2)
    assert "no-such-job" in unknown.complaint
    looked = smallcrm("check", "--json", "--data", server.data)
    assert looked.code == 0, looked.out
    assert {"schema", "mail", "backups", "jobs", "clock"} <= {one["name"] for one in looked.json}
    (tmp_path / "taken.zip").write_bytes((tmp_path / "taken.zip").read_bytes()[:-400])
    assert smallcrm("backup", "verify", tmp_path / "taken.zip", "--data", server.data).code == 1


def test_what_needs_the_folder_for_itself_is_refused(server: Server, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"x")
    for command in (
        ["serve", "--port", str(free_port())],
        ["migrate"],
        ["restore", str(tmp_path / "b.zip")],
        ["init", "--company", "N", "--owner", "o@example.com"],
    ):
        done = smallcrm(*command, "--data", server.data, stdin="a long enough password\n")
        assert done.code == 3, (command, done)
        assert done.complaint
    status = smallcrm("migrate", "--status", "--json", "--data", server.data)
    assert status.code == 0
    assert all(one["applied"] for one in status.json)


def test_health_from_outside(server: Server) -> None:
    assert smallcrm("healthcheck", server.url).code == 0
    assert smallcrm("healthcheck", SMALLCRM_SERVER_PORT=str(server.port)).code == 0
    dead = smallcrm("healthcheck", f"http://127.0.0.1:{free_port()}", "--json")
    assert dead.code == 1
    assert dead.json["ok"] is False
    assert smallcrm("healthcheck", "nowhere").code == 2


# ---------------------------------------------------------------- settings and wrong usage


def test_settings_and_where_they_come_from(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[server]\nport = 8123\nthreads = 4\n")
    done = smallcrm("config", "--json", "--config", file, "--data", "/d", SMALLCRM_SERVER_THREADS="5",
                    SMALLCRM_BACKUP_PASSPHRASE="tell-nobody")  # fmt: skip
    found = {one["name"]: one for one in done.json}
    assert (found["server.port"]["value"], found["server.threads"]["value"]) == (8123, 5)
    assert found["server.threads"]["source"].startswith("environment")
    assert found["data.folder"] == {"name": "data.folder", "value": "/d", "source": "flag"}
    assert "tell-nobody" not in done.out
    file.write_text("[server]\nprot = 8123\n")
    wrong = smallcrm("config", "--config", file)
    assert wrong.code == 2
    assert "server.prot" in wrong.complaint
    file.write_text("[server]\nport = \n")
    wrong = smallcrm("config", "--config", file)
    assert wrong.code == 2
    assert "line 2" in wrong.complaint


@pytest.mark.parametrize(
    "args", [["frobnicate"], ["serve", "--port", "70000"], ["user", "token"], ["user", "list", "--dat", "x"], []]
)
def test_wrong_usage_is_one_line(args: list[str], tmp_path: Path) -> None:
    done = smallcrm(*args, SMALLCRM_DATA_FOLDER=str(tmp_path / "none"))
    assert done.code == 2
    assert done.complaint
    assert not (tmp_path / "none").exists()


def test_version_help_and_no_data(tmp_path: Path) -> None:
    assert smallcrm("version").out == f"smallcrm {__version__}\n"
    told = smallcrm("--help").out
    for command in ("serve", "init", "demo", "migrate", "backup", "restore", "check", "user", "job", "import", "export",
                    "undo", "healthcheck", "config", "version"):  # fmt: skip
        assert f" {command} " in told, command
    nothing = smallcrm("user", "list", "--data", tmp_path / "none")
    assert nothing.code == 2
    assert "--data" in nothing.complaint


def test_the_exchange_worker_is_this_program(tmp_path: Path) -> None:
    done = smallcrm("--exchange-worker", stdin=json.dumps({"task": "read", "kind": "text"}) + "\n")
    assert "usage" not in done.err
    assert "KeyError: 'path'" in done.err, "it got as far as its own work"


# ---------------------------------------------------------------- damage


def test_damage_is_told_with_4_and_a_backup_brings_everything_back(company: Path, tmp_path: Path) -> None:
    (company / "files" / "ab").mkdir(parents=True, exist_ok=True)
    taken = tmp_path / "taken.zip"
    assert smallcrm("backup", taken, "--data", company).code == 0
    before = smallcrm("user", "list", "--json", "--data", company).json
    file = company / "smallcrm.db"
    content = bytearray(file.read_bytes())
    content[100:2000] = b"\xff" * 1900
    file.write_bytes(content)
    broken = smallcrm("user", "list", "--data", company)
    assert broken.code == 4
    assert broken.complaint
    started = smallcrm("serve", "--port", str(free_port()), "--data", company)
    assert started.code == 4
    assert "Traceback" not in started.err
    back = smallcrm("restore", taken, "--json", "--data", company)
    assert back.code == 0, back.err
    assert (Path(back.json["replaced"]) / "smallcrm.db").read_bytes() == bytes(content)
    assert smallcrm("user", "list", "--json", "--data", company).json == before


def test_empty_newer_and_foreign_databases_are_told_with_4(company: Path) -> None:
    file = company / "smallcrm.db"
    good = file.read_bytes()
    file.write_bytes(b"")
    assert smallcrm("migrate", "--data", company).code == 4
    assert file.read_bytes() == b"", "left as it was"
    file.write_bytes(b"PK\x03\x04 a backup, renamed" * 400)
    assert smallcrm("migrate", "--status", "--data", company).code == 4
    file.write_bytes(good)
    connection = apsw.Connection(str(file))
    connection.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', 'then')").fetchall()
    connection.close()
    newer = smallcrm("user", "list", "--data", company)
    assert newer.code == 4
    assert "9999_later" in newer.complaint


def test_a_lost_key_is_not_made_anew(company: Path) -> None:
    (company / "secret.key").unlink()
    done = smallcrm("migrate", "--data", company)
    assert done.code == 4
    assert "secret.key" in done.complaint
    assert not (company / "secret.key").exists()


def test_a_fresh_folder_is_made_by_migrating_only(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
    server = Server(tmp_path / "data")
    assert server.stop() == 0
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    code = (tmp_path / "data" / "setup-code.txt").read_text().strip()
    assert code in server.said
    assert (tmp_path / "data" / "setup-code.txt").stat().st_mode & 0o777 == 0o600
    assert all(one["applied"] for one in smallcrm("migrate", "--status", "--json", "--data", tmp_path / "data").json)
