"""A page as a strict reader takes it: balanced tags, only the elements and attributes that a report needs."""

import re
from html.parser import HTMLParser

VOID = frozenset(("meta", "br"))
APART = frozenset(("td", "th", "dt", "dd"))
ELEMENTS = frozenset(
    """
    html head meta title style body header main footer nav section article div h1 h2 h3 h4 p ul li dl dt dd
    table caption thead tbody tfoot tr th td span b i strong code kbd a details summary script svg g rect
    """.split()
)
ATTRIBUTES = frozenset(
    """
    lang charset http-equiv content name class id href title scope open colspan aria-hidden aria-label
    aria-labelledby data-label data-t data-a data-title data-mark data-copy data-state data-l type hidden
    tabindex data-d data-s data-rows data-run viewbox preserveaspectratio role x y width height
    """.split()
)


class Reading(HTMLParser):
    """What was read: the elements with their attributes, the text; `styles` and `scripts` as they stand; `faults` are
    breaches."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self._texts: list[str] = []
        self.feed(page)
        self.close()
        self.faults += [f"<{tag}> stays open" for tag in self._open]

    @property
    def text(self) -> str:
        """All text but styles and scripts, with every run of blanks and line ends as one blank."""
        return re.sub(r"[ \n]+", " ", "".join(self._texts)).strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ELEMENTS:
            self.faults.append(f"<{tag}>")
        self.faults += [f"<{tag} {name}>" for name, _ in attrs if name not in ATTRIBUTES]
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> repeats an attribute")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")
        if tag in APART:
            self._texts.append(" ")

    def handle_data(self, data: str) -> None:
        apart = {"style": self.styles, "script": self.scripts}.get(self._open[-1]) if self._open else None
        if apart is not None:
            apart.append(data)
        else:
            self._texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"<![{data}]>")
