"""A wrong setting is refused with its place, the value seen, and what to do. Sentences are kept."""

from pathlib import Path

import pytest

from edge_agent import config
from edge_agent.errors import ConfigError

WHOLE = """
site = "demo"
[broker]
host = "broker.example"
port = 8883
client_id = "agent-2"
username = "agent"
password_file = "secret/password"
[store]
path = "data/scandock.db"
[registry]
path = "/var/lib/devices.json"
[web]
host = "0.0.0.0"
port = 80
[rules]
reread_ms = 0
[[stations]]
device = "dock-1"
step = "receive"
documents = "auto"
owner = "chain-7"
types = ["purchase_in"]
checks = ["active", "reflux"]
[[connectors]]
name = "erp"
type = "host"
url = "https://erp.example/scans"
timeout_s = 2
records_max = 100
"""

HOST = '[[connectors]]\ntype = "host"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.requirement("O02")
def test_every_setting_arrives_and_paths_count_from_the_file(tmp_path: Path) -> None:
    found = config.load(write(tmp_path, WHOLE))

    assert found.broker == config.Broker(
        "broker.example", 8883, "agent-2", "agent", tmp_path / "secret/password"
    )
    assert found.store.path == tmp_path / "data/scandock.db"
    assert found.registry.path == Path("/var/lib/devices.json")
    assert (found.web.host, found.web.port, found.rules.reread_ms) == ("0.0.0.0", 80, 0)
    assert found.stations == (
        config.Station(
            "dock-1", "receive", "auto", "chain-7", ("purchase_in",), ("active", "reflux")
        ),
    )
    assert found.connectors == (
        config.Receiver("erp", "host", "https://erp.example/scans", 2.0, 100),
    )


def test_the_rules_of_classification_stand_in_a_table(tmp_path: Path) -> None:
    text = 'site = "demo"\n[codes]\nmsfx_heads = ["81", "84"]\nfnc1_sent = true'
    rules = config.load(write(tmp_path, text)).code_rules

    assert (rules.msfx_heads, rules.fnc1_sent, rules.msfx_length) == ((b"81", b"84"), True, 20)


def test_all_but_the_site_has_a_default(tmp_path: Path) -> None:
    found = config.load(write(tmp_path, 'site = "demo"'))

    assert (found.broker.port, found.web.port, found.rules.reread_ms) == (1883, 8470, 5000)
    assert found.store.path == tmp_path / "scandock.db"
    assert found.connectors == ()


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        (
            'site = "demo"\n[codes]\nmsfx_length = 300',
            "codes.msfx_length is 300; allowed: 12 to 32",
            "docs/codes.md says what each rule of [codes] does",
        ),
        (
            'site = "demo"\n[codes]\nmsfx = 20',
            "codes.msfx is not a rule; leave it out",
            "",
        ),
        (
            'site = "demo"\ncodes = 5',
            "codes = 5: expected object, got int",
            "write a section of its own, such as [broker], with its keys below",
        ),
        ('sit = "demo"', 'sit = "demo": no such key', "did you mean `site`?"),
        (
            'site = "demo"\n[broker]\nprt = 1883',
            "broker.prt = 1883: no such key",
            "did you mean `port`?",
        ),
        (
            'site = "demo"\n[rules]\n"a.b" = 1',
            "rules.a.b = 1: no such key",
            "known here: reread_ms",
        ),
        ("", "site is missing", "write a line `site = …`"),
        (
            f'site = "demo"\n{HOST}url = "http://a/"',
            "connectors[0].name is missing",
            "write a line `name = …` below [[connectors]]",
        ),
        (
            'site = "demo"\n[broker]\nport = "1883"',
            'broker.port = "1883": expected int, got str',
            "write the number without quotes",
        ),
        (
            'site = "demo"\n[web]\nport = 70000',
            "web.port = 70000: expected int <= 65535",
            "choose a number in that range",
        ),
        ("site = 5", "site = 5: expected str, got int", "write the text in quotes"),
        (
            'site = "demo"\n[broker]\nclient_id = ""',
            'broker.client_id = "": expected str of length >= 1',
            "write a name in the quotes",
        ),
        (
            'site = "demo"\n[store]\npath = 5',
            "store.path = 5: expected str, got int",
            "write the text in quotes",
        ),
        (
            'site = "Demo"',
            'site = "Demo" must be 1 to 32 of a-z 0-9 -',
            "use small letters, digits and hyphens",
        ),
        (
            'site = "demo"\nbroker = 3',
            "broker = 3: expected object, got int",
            "write a section of its own, such as [broker], with its keys below",
        ),
        (
            'site = "demo"\nconnectors = "erp"',
            'connectors = "erp": expected array, got str',
            "write a section of its own: [[connectors]], with its keys below",
        ),
        (
            f'site = "demo"\n{HOST}name = "a"\nurl = "http://a/"\n'
            '[[connectors]]\ntype = "hots"\nname = "b"\nurl = "http://b/"',
            "connectors[1].type = \"hots\": invalid enum value 'hots'",
            "known types: host",
        ),
        (
            f'site = "demo"\n{HOST}name = "a"\nurl = "erp:8080"',
            'connectors[0].url = "erp:8080" must begin with http:// or https:// and a host',
            'such as url = "http://erp.example:8080/scans"',
        ),
        (
            'site = "demo"\n[[stations]]\ndevice = "dock-1"\ndocuments = "bind"',
            "stations[0].documents = \"bind\": invalid enum value 'bind'",
            "known documents: none, bound, auto",
        ),
        (
            'site = "demo"\n[[stations]]\ndevice = "dock-1"\nchecks = ["reflux", "age"]',
            "stations[0].checks[1] = \"age\": invalid enum value 'age'",
            "known checks: active, reflux, owner",
        ),
        (
            'site = "demo"\n[[stations]]\ndevice = "dock-1"\ntypes = "purchase_in"',
            'stations[0].types = "purchase_in": expected array, got str',
            'write a list, such as ["…"]',
        ),
        (
            'site = "demo"\n[stations]\ndevice = "dock-1"',
            'stations = {"device": "dock-1"}: expected array, got object',
            "write a section of its own: [[stations]], with its keys below",
        ),
        (
            'site = "demo"\n[[stations]]\ndevice = "Dock"',
            'stations[0].device = "Dock" must be 1 to 32 of a-z 0-9 -',
            "use small letters, digits and hyphens",
        ),
        (
            'site = "demo"\n[[stations]]\ndevice = "a"\n[[stations]]\ndevice = "a"',
            'stations: device = "a" stands twice',
            "rename one of them",
        ),
        (
            'site = "demo"\n[[stations]]\nstep = "pick"',
            "stations[0].device is missing",
            "write a line `device = …` below [[stations]]",
        ),
        (
            f'site = "demo"\n{HOST}name = "a"\nurl = "http://a/"\n'
            f'{HOST}name = "a"\nurl = "http://b/"',
            'connectors: name = "a" stands twice',
            "rename one of them",
        ),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, text: str, what: str, hint: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        config.load(path)

    assert caught.value.what == f"{path}: {what}"
    assert caught.value.hint == hint


def test_a_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "agent.toml")

    assert str(caught.value) == (
        f"{tmp_path}/agent.toml: cannot read (No such file or directory)\n"
        "  hint: `scandock agent init FOLDER` writes a first one"
    )


@pytest.mark.parametrize("text", [b"site = demo", b"site = 'a'\nsite = 'b'", b"site = '\xff'"])
def test_what_is_not_toml_is_told(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "agent.toml"
    path.write_bytes(text)

    with pytest.raises(ConfigError, match="not TOML"):
        config.load(path)
