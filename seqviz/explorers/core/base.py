"""The base of every explorer: one ES module, shown in a notebook and in the book.

In a notebook an explorer is a widget. In the rendered book there is no kernel: there
the ``text/html`` of the same object carries its state as JSON and a still figure,
and ``host.js`` starts the same module on it.

A new explorer is a folder beside ``core``, of which nothing else need know::

    seqviz/explorers/<name>/
        __init__.py   the class, and __all__: what seqviz.explorers gives by these names
        still.py      the still figure of the same numbers
        outline.py    the parts of the live figure, from its state, to keep its place
        view.js       the ES module
        style.css     the rules of its own classes

and a ``DUTY`` in ``tests/browser/test_explorer_<name>.py``.
"""

import html
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from seqviz.colab import in_colab
from seqviz.explorers.core.front import FOLDERS, HOST, script, source, style
from seqviz.figures import tokens
from seqviz.figures.display import in_book
from seqviz.figures.markup import inline

_WIDGET_TRAITS = frozenset(anywidget.AnyWidget.class_trait_names())


def check_range(proposal: Any, low: float, high: float) -> Any:
    """Return the value that a trait is to get, which must lie in ``low`` to ``high``.

    Raises:
        TraitError: naming the trait.
    """
    name, value = proposal["trait"].name, proposal["value"]
    if not low <= value <= high:
        raise traitlets.TraitError(
            f"{name} must lie in {low:g} to {high:g}, got {value}"
        )
    return value


class Explorer(anywidget.AnyWidget):
    """An interactive figure that needs no kernel and uses one when it is there.

    A subclass stands in a folder with its ES module (``view.js``), declares what the
    module reads as synced traits, and draws the same numbers (``still``). All synced
    traits of the subclass travel to the page.

    Args:
        title: the finding that the figure shows, in a line.
        caption: what to see, ending with the question that touching it answers.

    Texts are plain, with `code` and *emphasis* (:func:`seqviz.figures.markup.inline`).

    Example:
        >>> class Shown(Explorer):
        ...     def still(self):
        ...         return "<svg></svg>"
        >>> figure = Shown(title="One finding", caption="What changes?")
        >>> figure.state()
        {'caption': 'What changes?', 'live': False, 'title': 'One finding'}
    """

    #: The name of the folder, and that of the package in it.
    module: ClassVar[str]
    _package: ClassVar[str]
    # ipywidgets 7 would show the widget by it and never ask for the bundle below.
    _ipython_display_ = None

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
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        folder = Path(file).parent if file else None
        # traitlets derives classes of its own from this one
        known = folder and getattr(cls, "module", None) == folder.name
        if folder and not known and (folder / "view.js").is_file():
            cls.module, cls._package = folder.name, cls.__module__
            cls._esm = source(folder)
            cls._css = tokens.css() + style(folder)
        super().__init_subclass__(**kwargs)

    def open(self) -> None:
        """Open the channel to the notebook, where a widget is shown.

        In the book and in Colab the widget's state (source and arrays) would be
        written down a second time beside the HTML.
        """
        if not in_book() and not in_colab():
            super().open()

    def still(self) -> str:
        """Return the still figure (HTML or SVG) of the present state."""
        raise NotImplementedError(f"{type(self).__name__} must define still()")

    def outline(self) -> str:
        """Return the parts of the live figure, to keep its place until it is there."""
        return import_module(f"{self._package}.outline").outline(self.state())

    def state(self) -> dict[str, Any]:
        """Return what the module reads: every synced trait of the subclass."""
        names = [name for name in self.trait_names(sync=True)]
        own = [n for n in names if n not in _WIDGET_TRAITS and not n.startswith("_")]
        return {**{name: getattr(self, name) for name in sorted(own)}, "live": False}

    def to_html(self) -> str:
        """Return the figure for a page: the still figure, the state, the caption."""
        state = json.dumps(self.state(), ensure_ascii=False, separators=(",", ":"))
        state = state.replace("<", "\\u003c")
        title = f'<p class="sv-title">{inline(self.title)}</p>\n'
        return (
            f'<figure class="sv-explorer" data-module="{self.module}">\n'
            '<div class="sv-stage">'
            # Hidden without a style sheet; with one it is laid out, but never seen.
            f'<div class="sv-outline sv-root sv-{self.module}-explorer" hidden inert>'
            f'<div class="sv-card">{title}{self.outline()}</div></div>\n'
            # Focusable: on a phone a wide still figure scrolls inside its card.
            '<div class="sv-still" tabindex="0" role="group" '
            f'aria-label="{html.escape(self.title)}">{title}'
            f"{self.still()}</div></div>\n"
            f'<script type="application/json" class="sv-state">{state}</script>\n'
            f"<figcaption>{inline(self.caption)}</figcaption>\n</figure>"
        )

    def to_whole_html(self) -> str:
        """Return the figure with its style and its script, for a page of its own."""
        folder = FOLDERS[self.module]
        return (
            f"<style>{self._css}</style>\n{self.to_html()}\n"
            f"<script>\n{script(folder)}{HOST}</script>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if in_book():
            return {"text/plain": self._plain(), "text/html": self.to_html()}
        if in_colab():
            # No widget: Colab's manager asks two foreign hosts, and a saved notebook
            # has only the name of a model that is gone. Each output is a frame of its
            # own there, so it carries all it needs and works when it is opened again.
            return {"text/plain": self._plain(), "text/html": self.to_whole_html()}
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {
            **(data or {}),
            "text/plain": self._plain(),
            "text/html": self.to_html(),
        }
        return (data, *metadata) if metadata else data

    def _plain(self) -> str:
        return f"{type(self).__name__}: {self.title}"
