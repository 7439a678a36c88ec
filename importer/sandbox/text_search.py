"""How the service searches names: anywhere, in any case, with `%` for any text (A-29)."""


def is_found(search: str, text: str) -> bool:
    """Whether `text` matches: with a `%` as a whole like SQL's LIKE, without one anywhere inside."""
    wanted, there = search.casefold(), text.casefold()
    first, *others = wanted.split("%")
    if not others:
        return wanted in there
    *middle, last = others
    if not there.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = there.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return there.endswith(last) and len(there) - len(last) >= place
