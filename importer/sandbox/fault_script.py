"""A script of faults: TOML with a `[[fault]]` for each rule, refused with the line where it goes wrong.

EXAMPLE shows everything there is. `seed` and `rate` alone are a whole script.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from importer.sandbox.fault_settings import Wrong, count, numbers, read_member, settings_in, share, with_settings
from importer.sandbox.faults import ANY, KINDS, LAGGING, POSTING, VARIANTS, Fault, FaultScript, Rule
from importer.sandbox.operations import OPERATIONS
from importer.sandbox.sovos.answers import PATHS

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


class BrokenScriptError(ValueError):
    """The script cannot be played; the text says why, for people, and `line` where (0: nowhere in particular)."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def read_faults(content: bytes) -> FaultScript:
    """The script in a file's content. Raises `BrokenScriptError` for one that cannot be played."""
    try:
        return parse_faults(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BrokenScriptError(line, "the text is not UTF-8") from None


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
        except Wrong as wrong:
            raise BrokenScriptError(_line_of(text, number, wrong.member), str(wrong)) from None
    try:
        return _script(document, rules)
    except Wrong as wrong:
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
        raise Wrong("seed", "seed must be a whole number")
    if "rate" in document:
        rules.append(_rule({"kind": "any", **{n: document[n] for n in ("rate", "seconds") if n in document}}, POSTING))
        if "seed" not in document:
            raise Wrong("rate", "a rate needs a seed, so that the same faults come again")
    elif "seconds" in document:
        raise Wrong("seconds", "seconds outside of a rule go with a rate")
    return FaultScript(tuple(rules), seed)


def _rule(table: Mapping[str, Any], operations: frozenset[str] = frozenset(), has_seed: bool = True) -> Rule:
    _refuse_unknown(table, (*WHERE, *WHAT))
    chosen = [name for name in ("nth", "every", "rate") if name in table]
    if len(chosen) > 1:
        raise Wrong(chosen[1], f"{chosen[0]} and {chosen[1]} do not go together")
    if "operation" in table:
        operations = _operations(table["operation"])
    faults = _faults(table)
    if not has_seed and ("rate" in table or len(faults) > 1):
        raise Wrong("rate" if "rate" in table else "kind", "what is drawn needs a seed at the top of the script")
    if {fault.kind for fault in faults} == {"lag"} and not operations:
        operations = LAGGING
    if table["kind"] != "any" and any(fault.kind == "lag" for fault in faults) and not operations <= LAGGING:
        raise Wrong("kind", f"lag is for {' and '.join(sorted(LAGGING))} only")
    return Rule(
        faults=faults,
        operations=operations,
        nth=read_member(table, "nth", numbers, frozenset(), "a number from 1, or a list of them"),
        every=read_member(table, "every", count, 1, "a whole number from 1"),
        rate=read_member(table, "rate", share, 1.0, "a number from 0 to 1"),
    )


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in table:
        if name not in known:
            raise Wrong(name, f"{name} is unknown; there are {', '.join(known)}")


def _operations(asked: object) -> frozenset[str]:
    """By the contract's operationId, or by method and path as the contract writes them."""
    live = ((f"{one.live_method} {one.path}", one.name) for one in OPERATIONS if one.live_method)
    documented = ((f"{one.method} {one.path}", one.name) for one in OPERATIONS)
    names = {_template(at): name for at, name in (*documented, *live, *((f"POST {at}", PATHS[at]) for at in PATHS))}
    names |= {name: name for name in names.values()}
    found = set()
    for one in asked if isinstance(asked, list) else [asked]:
        name = names.get(_template(one)) if isinstance(one, str) else None
        if name is None:
            raise Wrong("operation", f"{one} is no operation of the services")
        found.add(name)
    if not found:
        raise Wrong("operation", "operation names none")
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
            raise Wrong("kind", f"kind must be one of {', '.join(KINDS)}, several of them, or any")
        faults = tuple(fault for fault in VARIANTS if fault.kind in names)
        if len(names) == 1:
            faults = (KINDS[names[0]].usual,)
    settings = settings_in(table)
    for name in settings:
        if not any(name in KINDS[fault.kind].settings for fault in faults):
            raise Wrong(name, f"{name} means nothing for {kinds}")
    return tuple(dict.fromkeys(with_settings(fault, settings) for fault in faults))
