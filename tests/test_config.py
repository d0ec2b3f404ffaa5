"""The server's settings: where each comes from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from smallcrm import config
from smallcrm.base.errors import BadUsage

ROOT = Path(__file__).resolve().parents[1]


def test_the_example_is_generated() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == config.example()


def test_the_example_holds_every_setting_and_changes_none(tmp_path: Path) -> None:
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line and line.startswith("# ") else line
        for line in config.example().splitlines()
    )
    file = tmp_path / "all.toml"
    file.write_text(uncommented)
    loaded = config.load(file, environment={})
    assert {source.split(" ")[0] for source in loaded.sources.values()} == {"file"}
    assert loaded.config == config.load(environment={}).config


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[server]\nport = 1001\nthreads = 4\nhost = '127.0.0.1'\n")
    env = {"SMALLCRM_SERVER_PORT": "1002", "SMALLCRM_SERVER_THREADS": "5"}
    loaded = config.load(file, {"server.port": "1003"}, env)
    assert (loaded.config.server_port, loaded.config.server_threads) == (1003, 5)
    assert loaded.config.server_host == "127.0.0.1"
    assert loaded.sources["server.port"] == "flag"
    assert loaded.sources["server.threads"] == "environment (SMALLCRM_SERVER_THREADS)"
    assert loaded.sources["server.host"] == f"file ({file})"
    assert loaded.sources["log.level"] == "default"


def test_secrets_come_from_a_file_and_are_masked(tmp_path: Path) -> None:
    secret = tmp_path / "pass"
    secret.write_text("a long passphrase\n")
    loaded = config.load(environment={"SMALLCRM_BACKUP_PASSPHRASE_FILE": str(secret)})
    assert loaded.config.backup_passphrase == "a long passphrase"
    shown = {each["name"]: each["value"] for each in config.shown(loaded)}
    assert shown["backup.passphrase"] == "•••"
    assert "passphrase\n" not in str(loaded)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nport = @\n", "line 2"),
        ("[server]\nport = 1\nport = 2\n", "line 3"),
        ("[server]\nporrt = 1\n", "server.porrt"),
        ("port = 1\n", "port"),
        ("[server]\nport = 70000\n", "a whole number from 1 to 65535"),
        ("[server]\nport = true\n", "server.port"),
        ("[log]\nlevel = 'loud'\n", "debug, info, warning, error"),
        ("[log]\nfile = 'perhaps'\n", "true or false"),
        ("[server]\ntrusted_proxy = 'proxy.lan'\n", "192.168.1.10"),
        ("[data]\nfolder = ''\n", "a folder"),
        ("[backup]\npassphrase = 5\n", "•••"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text)
    with pytest.raises(BadUsage) as error:
        config.load(file, environment={})
    assert said in str(error.value)
    assert str(file) in str(error.value)


def test_files_from_other_systems(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(b"\xef\xbb\xbf[server]\r\nport = 1001\r\n")
    assert config.load(file, environment={}).config.server_port == 1001
    file.write_bytes(b"[server]\nhost = '\xff'")
    with pytest.raises(BadUsage, match="UTF-8"):
        config.load(file, environment={})
    with pytest.raises(BadUsage, match="nowhere"):
        config.load(tmp_path / "nowhere", environment={})
