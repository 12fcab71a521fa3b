"""Reads agent.toml. A wrong key or value is refused by its place, what was seen, and what to do."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec

from edge_agent.domain.documents import TYPES
from edge_agent.domain.obligations import Profile
from edge_agent.domain.rendering import TEMPLATES, Rendering
from edge_agent.errors import ConfigError
from protocol import topics
from protocol.code_rules import DEFAULT
from protocol.code_rules import Rules as Classification
from protocol.code_settings import read
from protocol.errors import TopicError

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


class Broker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where MQTT is spoken. ``password_file`` holds the password and nothing else."""

    host: str = "127.0.0.1"
    port: Port = 1883
    client_id: Annotated[str, msgspec.Meta(min_length=1)] = "scandock-agent"
    username: str = ""
    password_file: Path | None = None


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The SQLite file."""

    path: Path = Path("scandock.db")


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The folder of the agent's keys (``store.keys``). Not beside the store: whoever copies the
    store for a backup must not copy the keys with it."""

    path: Path = Path("keys")


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The TinyDB file with what a person could type again."""

    path: Path = Path("devices.json")


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where /healthz is served."""

    host: str = "127.0.0.1"
    port: Port = 8470


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same unit at the same cradle within ``reread_ms`` is a re-read."""

    reread_ms: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] = 5000


class Reflux(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is asked whether packs were paid for before: CSV lists of the bureau."""

    lists: tuple[Path, ...] = ()


class Receiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A system that is told every booked record.

    ``records_max`` bounds one parcel, ``timeout_s`` one answer, ``calls_per_minute`` and
    ``calls_per_day`` how often it is called (0: no limit). After ``failures_max`` failures in a row
    it is tried once in ``probe_s``. ``code_template`` and ``code_width`` say how it wants codes
    (domain.rendering); without a template it gets the octets as read, and nothing else.
    """

    name: str
    type: Literal["host"]
    url: str
    timeout_s: Seconds = 5.0
    records_max: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500
    calls_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 0
    calls_per_day: Annotated[int, msgspec.Meta(ge=0)] = 0
    failures_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    probe_s: Seconds = 60.0
    code_template: str = ""
    code_width: Annotated[int, msgspec.Meta(ge=1)] | None = None

    @property
    def rendering(self) -> Rendering | None:
        return Rendering(self.code_template, self.code_width) if self.code_template else None

    def __post_init__(self) -> None:
        _require_name("name", self.name)
        if self.code_template and self.code_template not in TEMPLATES:
            known = ", ".join(TEMPLATES)
            raise ValueError(f'code_template = "{self.code_template}" is none of {known}')
        url = urlsplit(self.url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f'url = "{self.url}" must begin with http:// or https:// and a host')


class Station(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one cradle is for: as domain.stations.Station."""

    device: str
    step: Literal["", "receive", "check", "pick", "pack", "dispense", "return", "count"] = ""
    documents: Literal["none", "bound", "auto"] = "none"
    owner: str = ""
    types: tuple[str, ...] = ()
    checks: tuple[Literal["active", "reflux", "owner"], ...] = ()

    def __post_init__(self) -> None:
        _require_name("device", self.device)
        for one in self.types:
            if one not in TYPES:
                raise ValueError(f'types = "{one}" is no type of document: {", ".join(TYPES)}')


class Config(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"code_rules": "codes"}
):
    """All of agent.toml. Paths are absolute once loaded."""

    site: str
    broker: Broker = Broker()
    store: Store = Store()
    keys: Keys = Keys()
    registry: Registry = Registry()
    web: Web = Web()
    rules: Rules = Rules()
    code_rules: Classification = DEFAULT
    profile: Profile = Profile()
    reflux: Reflux = Reflux()
    stations: tuple[Station, ...] = ()
    connectors: tuple[Receiver, ...] = ()

    def __post_init__(self) -> None:
        _require_name("site", self.site)
        _require_once("connectors: name", [one.name for one in self.connectors])
        _require_once("stations: device", [one.device for one in self.stations])


_SECTIONS: dict[str, type[msgspec.Struct]] = {
    "": Config,
    "broker": Broker,
    "store": Store,
    "keys": Keys,
    "registry": Registry,
    "web": Web,
    "rules": Rules,
    "profile": Profile,
    "reflux": Reflux,
    "stations": Station,
    "connectors": Receiver,
}


def load(path: Path) -> Config:
    """Read ``path``. Relative paths in it count from its folder.

    Raises:
        ConfigError: the file is missing, is not TOML, or breaks the shape above.
    """
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot read ({error.strerror})",
            hint="`scandock agent init FOLDER` writes a first one",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: not TOML: {error}", hint="text stands in quotes, numbers do not"
        ) from error
    try:
        config = msgspec.convert(raw, Config, dec_hook=_made)
    except msgspec.ValidationError as error:
        raise _explain(path, raw, str(error)) from error
    return _resolve(config, path.resolve().parent)


def _require_name(key: str, name: str) -> None:
    try:
        topics.require_name(name)
    except TopicError:
        raise ValueError(f'{key} = "{name}" must be 1 to 32 of a-z 0-9 -') from None


def _require_once(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'{what} = "{name}" stands twice')


def _made(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    if kind is Classification and isinstance(value, dict):
        return read(value)
    expected = "str" if kind is Path else "object"
    raise TypeError(f"Expected `{expected}`, got `{type(value).__name__}`")


def _resolve(config: Config, folder: Path) -> Config:
    replace = msgspec.structs.replace
    password_file = config.broker.password_file
    if password_file is not None:
        password_file = folder / password_file
    return replace(
        config,
        broker=replace(config.broker, password_file=password_file),
        store=replace(config.store, path=folder / config.store.path),
        keys=replace(config.keys, path=folder / config.keys.path),
        registry=replace(config.registry, path=folder / config.registry.path),
        reflux=replace(config.reflux, lists=tuple(folder / one for one in config.reflux.lists)),
    )


# msgspec's complaint, and what a person does about it.
_LISTS = ("stations", "connectors")
_NEXT_STEP = (
    ("`(int|float)`, got `str`", "write the number without quotes"),
    ("`str`, got", "write the text in quotes"),
    ("`(int|float)` [<>]", "choose a number in that range"),
    ("length >= 1", "write a name in the quotes"),
    ("`object`, got", "write a section of its own, such as [broker], with its keys below"),
    ("stands twice", "rename one of them"),
    ("a-z 0-9 -", "use small letters, digits and hyphens"),
    ("; allowed: ", "docs/codes.md says what each rule of [codes] does"),
    ("must begin with", 'such as url = "http://erp.example:8080/scans"'),
)
_PLACE = re.compile(r"^(?P<why>.*?)(?: - at `\$(?P<place>.*)`)?$", re.DOTALL)
_UNKNOWN_KEY = re.compile(r"contains unknown field `(.*)`$")
_MISSING_KEY = re.compile(r"missing required field `(.*)`$")


def _explain(path: Path, raw: dict[str, Any], complaint: str) -> ConfigError:
    """Turn msgspec's complaint into a sentence with the value seen, and the next step."""
    found = _PLACE.match(complaint)
    assert found is not None, complaint
    why = found["why"]
    place = (found["place"] or "").removeprefix(".")
    if unknown := _UNKNOWN_KEY.search(why):
        keys = _SECTIONS[place.split("[")[0]].__struct_encode_fields__
        near = difflib.get_close_matches(unknown[1], keys, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(keys)}"
        seen = _toml(_at(raw, place)[unknown[1]])
        return ConfigError(f"{path}: {_join(place, unknown[1])} = {seen}: no such key", hint=hint)
    if missing := _MISSING_KEY.search(why):
        hint = f"write a line `{missing[1]} = …`" + (f" below {_header(place)}" if place else "")
        return ConfigError(f"{path}: {_join(place, missing[1])} is missing", hint=hint)
    hint = next((step for pattern, step in _NEXT_STEP if re.search(pattern, why)), "")
    if "enum value" in why:
        hint = _known(place)
    elif "`array`, got" in why:
        hint = 'write a list, such as ["…"]'
        if place in _LISTS:
            hint = f"write a section of its own: {_header(place)}, with its keys below"
    if why.startswith("Expected") or why.startswith("Invalid"):
        why = why[0].lower() + why[1:].replace("`", "")
        return ConfigError(f"{path}: {place} = {_toml(_at(raw, place))}: {why}", hint=hint)
    return ConfigError(f"{path}: {_join(place, why)}", hint=hint)


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _header(place: str) -> str:
    section = place.partition("[")[0]
    return f"[[{section}]]" if section in _LISTS else f"[{place}]"


def _known(place: str) -> str:
    """What may stand at a place that takes one of a few words."""
    section, key, *_ = re.findall(r"[a-z_]+", place)
    kind = get_type_hints(_SECTIONS[section])[key]
    words = [word for one in (kind, *get_args(kind)) for word in get_args(one)]
    names = key if key.endswith("s") else f"{key}s"
    return f"known {names}: {', '.join(word for word in words if word and isinstance(word, str))}"


def _at(raw: Any, place: str) -> Any:
    """What stands at a place such as ``connectors[1].url``."""
    for index, key in re.findall(r"\[(\d+)\]|([^.\[\]]+)", place):
        raw = raw[int(index)] if index else raw[key]
    return raw


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
