"""The base of every explorer: one ES module, shown in a notebook and in the book.

In a notebook an explorer is a widget. In the rendered book there is no kernel: there
the ``text/html`` of the same object carries its state as JSON and a still figure,
and ``host.js`` starts the same module on it.

A new explorer is one Python file and one ES module beside this file::

    class SequenceExplorer(Explorer):
        module = "sequence"                      # sequence.js
        uses = ("map",)                          # if it shows the item map
        steps = traitlets.Int(8).tag(sync=True)  # what the module reads

        def still(self) -> str: ...              # an SVG of the same numbers

and one more name in ``EXPLORERS`` of ``seqviz/explorers/__init__.py``.
"""

import html
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from seqviz.figures import tokens
from seqviz.figures.display import in_book
from seqviz.figures.markup import inline

_HERE = Path(__file__).parent
_WIDGET_TRAITS = frozenset(anywidget.AnyWidget.class_trait_names())


@cache
def read(name: str) -> str:
    """Return the text of a front-end file of this folder, such as ``shared.js``."""
    return (_HERE / name).read_text(encoding="utf-8")


def source(explorer: type["Explorer"]) -> str:
    """Return an explorer's whole ES module: the shared part, ``uses``, its own."""
    names = ("shared", *explorer.uses, explorer.module)
    return "\n".join(read(f"{name}.js") for name in names)


def script(explorer: type["Explorer"]) -> str:
    """Return the module as a classic script, for a page opened from the disk.

    Browsers do not import modules over ``file:``. This form leaves the explorer in
    ``window.svExplorers`` instead of exporting it.
    """
    body, count = re.subn(r"(?m)^export default ", "return ", source(explorer))
    if count != 1:
        raise ValueError(
            f"{explorer.module}.js must have one 'export default' at the start of a line, "
            f"found {count}"
        )
    name = f"(window.svExplorers ??= {{}})[{explorer.module!r}]"
    return f"{name} = (() => {{\n{body}\n}})();\n"


def style() -> str:
    """Return the style sheet of all explorers, without the design tokens."""
    return read("explorers.css")


class Explorer(anywidget.AnyWidget):
    """An interactive figure that needs no kernel and uses one when it is there.

    A subclass names its ES module (``module``), declares what the module reads as
    synced traits, and draws the same numbers as an SVG (``still``). All synced
    traits of the subclass travel to the page.

    Args:
        title: the finding that the figure shows, in a line.
        caption: what to see, ending with the question that touching it answers.

    Texts are plain, with `code` and *emphasis* (:func:`seqviz.figures.markup.inline`).
    """

    module: ClassVar[str]
    #: Further front-end files that the module stands on, such as ``("map",)``.
    uses: ClassVar[tuple[str, ...]] = ()

    title = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    #: True with a kernel; the page's copy of the state says False.
    live = traitlets.Bool(True).tag(sync=True)

    def __init__(self, *, title: str, caption: str, **state: Any) -> None:
        for name, text in (("title", title), ("caption", caption)):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"{name} must be a text that says something")
        super().__init__(title=title, caption=caption, **state)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "module" in cls.__dict__:
            cls._esm = source(cls)
            cls._css = tokens.css() + style()
        super().__init_subclass__(**kwargs)

    def open(self) -> None:
        """Open the channel to the notebook, except while the book is built.

        There the widget's state (source and arrays) would be written into the page
        a second time beside the HTML.
        """
        if not in_book():
            super().open()

    def still(self) -> str:
        """Return the still figure (HTML or SVG) of the present state."""
        raise NotImplementedError(f"{type(self).__name__} must define still()")

    def heights(self) -> tuple[int, int]:
        """Return the pixels to reserve in a narrow (330) and a wide (700) column."""
        return (0, 0)

    def state(self) -> dict[str, Any]:
        """Return what the module reads: every synced trait of the subclass."""
        names = [name for name in self.trait_names(sync=True)]
        own = [n for n in names if n not in _WIDGET_TRAITS and not n.startswith("_")]
        return {**{name: getattr(self, name) for name in sorted(own)}, "live": False}

    def to_html(self) -> str:
        """Return the figure for a page: the still figure, the state, the caption."""
        state = json.dumps(self.state(), ensure_ascii=False, separators=(",", ":"))
        state = state.replace("<", "\\u003c")
        narrow, wide = self.heights()
        reserve = f"--sv-narrow:{narrow}px;--sv-wide:{wide}px"
        return (
            f'<figure class="sv-explorer" data-module="{self.module}" '
            f'style="{reserve}">\n'
            # Focusable: on a phone a wide still figure scrolls inside its card.
            '<div class="sv-stage"><div class="sv-still" tabindex="0" role="group" '
            f'aria-label="{html.escape(self.title)}">'
            f'<p class="sv-title">{inline(self.title)}</p>\n'
            f"{self.still()}</div></div>\n"
            f'<script type="application/json" class="sv-state">{state}</script>\n'
            f"<figcaption>{inline(self.caption)}</figcaption>\n</figure>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if in_book():
            return {"text/plain": self._plain(), "text/html": self.to_html()}
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**(data or {}), "text/plain": self._plain()}
        # Colab shows the widget and keeps its state itself.
        if "google.colab" not in sys.modules:
            data["text/html"] = self.to_html()
        return (data, *metadata) if metadata else data

    def _plain(self) -> str:
        return f"{type(self).__name__}: {self.title}"
