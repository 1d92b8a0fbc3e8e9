"""The ecosystem's own Wyoming library, as a peer of ours.

theirs: writes one instance of every event it knows, with as little and with as much in it as it can hold, behind a
        count; then reads them back and compares.
ours:   reads events until the stream ends, understands each, and writes what it understood.
"""

import dataclasses
import enum
import importlib
import pkgutil
import sys
import typing

import wyoming
from wyoming.event import Eventable, read_event, write_event
from wyoming.user_event import UserEvent


def classes():
    for module in pkgutil.iter_modules(wyoming.__path__):
        if module.name in ("zeroconf", "http", "pyaudioop"):
            continue
        members = vars(importlib.import_module(f"wyoming.{module.name}"))
        for member in members.values():
            own = isinstance(member, type) and member.__module__ == f"wyoming.{module.name}"
            if own and issubclass(member, Eventable) and dataclasses.is_dataclass(member):
                yield member


def value(kind, full):
    origin = typing.get_origin(kind)
    args = typing.get_args(kind)
    if origin is typing.Union:
        kinds = [arg for arg in args if arg is not type(None)]
        if not full and len(kinds) < len(args):
            return None
        return value(kinds[0], full)
    if origin is list:
        return [value(args[0], full)] if full else []
    if origin is dict:
        return {"id": "Gespräch 1", "deep": [1, None, {"x": 2.5}]}
    if kind is bytes:
        return b"\x00\n\xff\x01" if full else b""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return list(kind)[-1 if full else 0]
    if dataclasses.is_dataclass(kind):
        return instance(kind, full)
    if kind is typing.Any:
        return {"any": [True, "x"]}
    return {str: "Grüße, 世界\n", int: 7, bool: True, float: 0.5}[kind]


def instance(kind, full):
    hints = typing.get_type_hints(kind)
    fields = {}
    for field in dataclasses.fields(kind):
        if full or field.default is field.default_factory is dataclasses.MISSING:
            fields[field.name] = value(hints[field.name], full)
    if kind.__name__ == "SynthesizeVoice":
        # By name or by language: the library writes one of them.
        fields.pop("language", None)
    return kind(**fields)


def theirs():
    events = [instance(kind, full) for kind in classes() for full in (False, True)]
    write_event(UserEvent(name="count", data={"count": len(events)}).event())
    for event in events:
        write_event(event.event())
    wrong = []
    for event in events:
        came = read_event()
        if came is None or type(event).from_event(came) != event:
            wrong.append(f"{event} came back as {came}")
    sys.exit("\n".join(wrong) or 0)


def ours():
    by_type = {instance(kind, False).event().type: kind for kind in classes()}
    while (came := read_event()) is not None:
        write_event(by_type[came.type].from_event(came).event())


{"theirs": theirs, "ours": ours}[sys.argv[1]]()
