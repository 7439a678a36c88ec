"""A script of faults: TOML with a `[[fault]]` for each rule, refused with the line where it goes wrong.

EXAMPLE shows everything there is. `seed` and `rate` alone are a whole script.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from importer.sandbox import sovos
from importer.sandbox.application import OPERATIONS
from tests.faults.faults import ANY, KINDS, LAGGING, POSTING, VARIANTS, Fault, FaultScript, Rule

EXAMPLE = """\
seed = 7                      # chance is the same at each start
rate = 0.43                   # so many of the postings and of the reads that look for them get any fault

[[fault]]                     # rules come first; of several the first one that fits
operation = "post_journal"    # or "POST /journal"; left out: every request
nth = [2, 5]                  # the second and the fifth; or every = 3, or rate = 0.1; left out: each
kind = "drop"                 # or several, ["drop", "cut"], or "any": one of them is drawn
committed = true              # the work is done all the same

[[fault]]
operation = "get_journal_range"
kind = "lag"
seconds = 30
"""

HEADING = re.compile(r"\s*\[\[\s*fault\s*\]\]")
WHERE = ("operation", "nth", "every", "rate")
WHAT = ("kind", "committed", "seconds", "status", "code")

MOST_SECONDS = 86400
BODILESS = frozenset({204, 205, 304})
"""Statuses that have no body."""

Wanted = TypeVar("Wanted")


class BrokenScriptError(ValueError):
    """The script cannot be played; the text says why, for people, and `line` where (0: nowhere in particular)."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class _WrongMember(Exception):
    """A member is not what it should be."""

    def __init__(self, member: str, text: str) -> None:
        super().__init__(text)
        self.member = member


def parse_faults(text: str) -> FaultScript:
    """The script in a text of TOML. Raises `BrokenScriptError`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        raise BrokenScriptError(line, f"it is no TOML: {str(error).partition(' (at ')[0]}") from None
    tables = document.get("fault", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BrokenScriptError(_line_of(text, 0, "fault"), "each rule begins with [[fault]]")
    rules = []
    for number, table in enumerate(tables, 1):
        try:
            rules.append(_rule(table, has_seed="seed" in document))
        except _WrongMember as wrong:
            raise BrokenScriptError(_line_of(text, number, wrong.member), str(wrong)) from None
    try:
        return _script(document, rules)
    except _WrongMember as wrong:
        raise BrokenScriptError(_line_of(text, 0, wrong.member), str(wrong)) from None


def _line_of(text: str, rule: int, member: str) -> int:
    """The line of a member of the nth rule (0: before the rules), or of the rule's heading where it has none."""
    heading, found = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if HEADING.match(line):
            heading += 1
            found = number if heading == rule else found
        elif heading == rule and re.match(rf"""\s*["']?{re.escape(member)}["']?\s*[=.]""", line):
            return number
    return found or 1


def _script(document: Mapping[str, Any], rules: list[Rule]) -> FaultScript:
    _refuse_unknown(document, ("seed", "rate", "seconds", "fault"))
    seed = document.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise _WrongMember("seed", "seed must be a whole number")
    if "rate" in document:
        rules.append(_rule({"kind": "any", **{n: document[n] for n in ("rate", "seconds") if n in document}}, POSTING))
        if "seed" not in document:
            raise _WrongMember("rate", "a rate needs a seed, so that the same faults come again")
    elif "seconds" in document:
        raise _WrongMember("seconds", "seconds outside of a rule go with a rate")
    return FaultScript(tuple(rules), seed)


def _rule(table: Mapping[str, Any], operations: frozenset[str] = frozenset(), has_seed: bool = True) -> Rule:
    _refuse_unknown(table, (*WHERE, *WHAT))
    chosen = [name for name in ("nth", "every", "rate") if name in table]
    if len(chosen) > 1:
        raise _WrongMember(chosen[1], f"{chosen[0]} and {chosen[1]} do not go together")
    if "operation" in table:
        operations = _operations(table["operation"])
    faults = _faults(table)
    if not has_seed and ("rate" in table or len(faults) > 1):
        raise _WrongMember("rate" if "rate" in table else "kind", "what is drawn needs a seed at the top of the script")
    if {fault.kind for fault in faults} == {"lag"} and not operations:
        operations = LAGGING
    if table["kind"] != "any" and any(fault.kind == "lag" for fault in faults) and not operations <= LAGGING:
        raise _WrongMember("kind", f"lag is for {' and '.join(sorted(LAGGING))} only")
    return Rule(
        faults=faults,
        operations=operations,
        nth=_read_member(table, "nth", _numbers, frozenset(), "a number from 1, or a list of them"),
        every=_read_member(table, "every", _count, 1, "a whole number from 1"),
        rate=_read_member(table, "rate", _share, 1.0, "a number from 0 to 1"),
    )


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in table:
        if name not in known:
            raise _WrongMember(name, f"{name} is unknown; there are {', '.join(known)}")


def _operations(asked: object) -> frozenset[str]:
    """By the contract's operationId, or by method and path as the contract writes them."""
    paths = [(f"{one.method} {one.path}", one.name) for one in OPERATIONS]
    paths += [(f"{one.live_method} {one.path}", one.name) for one in OPERATIONS if one.live_method]
    paths += [(f"POST {path}", one.__name__) for path, one in sovos.OPERATIONS.items()]
    names = {_template(path): name for path, name in paths}
    names |= {name: name for name in names.values()}
    found = set()
    for one in asked if isinstance(asked, list) else [asked]:
        name = names.get(_template(one)) if isinstance(one, str) else None
        if name is None:
            raise _WrongMember("operation", f"{one} is no operation of the services")
        found.add(name)
    if not found:
        raise _WrongMember("operation", "operation names none")
    return frozenset(found)


def _template(request: str) -> str:
    """Method and path without the names of the path's parameters, which mean nothing (A-28)."""
    return re.sub(r"\{[^/]*\}", "{}", " ".join(request.split()))


def _faults(table: Mapping[str, Any]) -> tuple[Fault, ...]:
    kinds = table.get("kind")
    if kinds == "any":
        faults = ANY
    else:
        names = [name for name in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(name, str)]
        if not names or (isinstance(kinds, list) and len(names) < len(kinds)) or not set(names) <= set(KINDS):
            raise _WrongMember("kind", f"kind must be one of {', '.join(KINDS)}, several of them, or any")
        faults = tuple(fault for fault in VARIANTS if fault.kind in names)
        if len(names) == 1:
            faults = (KINDS[names[0]].usual,)
    settings = _settings_in(table)
    for name in settings:
        if not any(name in KINDS[fault.kind].settings for fault in faults):
            raise _WrongMember(name, f"{name} means nothing for {kinds}")
    return tuple(dict.fromkeys(_with_settings(fault, settings) for fault in faults))


def _with_settings(fault: Fault, settings: Mapping[str, Any]) -> Fault:
    """The fault with the settings that its kind has. Raises _WrongMember for a status it cannot have."""
    changed = replace(fault, **{name: value for name, value in settings.items() if name in KINDS[fault.kind].settings})
    if changed.kind == "redirect" and not 300 <= changed.status <= 399:
        raise _WrongMember("status", "status of a redirect must be a number from 300 to 399")
    if changed.kind == "html" and changed.status in BODILESS:
        raise _WrongMember("status", f"HTTP {changed.status} has no page")
    return changed


def _settings_in(table: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a table has, read. Raises _WrongMember for one that is not what it should be."""
    readers: dict[str, tuple[Callable[[Any], Any], str]] = {
        "committed": (_is_true, "true or false"),
        "seconds": (_seconds, f"a number from 0 to {MOST_SECONDS}"),
        "status": (_status, "a number from 202 to 599 other than 220 and 221, or 200"),
        "code": (_code, "digits"),
    }
    return {
        name: _read_member(table, name, reader, None, wanted)
        for name, (reader, wanted) in readers.items()
        if name in table
    }


def _read_member(
    table: Mapping[str, Any], member: str, reader: Callable[[Any], Wanted], default: Wanted, wanted: str
) -> Wanted:
    """What `reader` makes of a member, `default` where the table has none. Raises _WrongMember ("... must be `wanted`")
    when the reader raises ValueError or TypeError."""
    if member not in table:
        return default
    try:
        return reader(table[member])
    except (ValueError, TypeError):
        raise _WrongMember(member, f"{member} must be {wanted}") from None


def _is_true(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _count(value: Any) -> int:
    """A whole number from 1. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return value


def _numbers(value: Any) -> frozenset[int]:
    """One whole number from 1, or a list of them that is not empty. Raises ValueError."""
    found = frozenset(map(_count, value if isinstance(value, list) else [value]))
    if not found:
        raise ValueError
    return found


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError
    return float(value)


def _share(value: Any) -> float:
    """A part of all: a number from 0 to 1. Raises ValueError."""
    return _number(value, 1)


def _seconds(value: Any) -> float:
    return _number(value, MOST_SECONDS)


def _status(value: Any) -> int:
    status = _count(value)
    if status not in {200, *range(202, 600)} - {220, 221}:
        raise ValueError
    return status


def _code(value: Any) -> str:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", text):
        raise ValueError
    return text
