"""Each chapter as plain text: Markdown, with what its cells printed, no scripts."""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqviz.site.colab.edition import Edition, Press
from seqviz.site.colab.text import SOLUTION, NotConverted, in_code, to_markdown
from seqviz.site.contents import Page, chapters
from seqviz.site.inputs import ROOT

Outputs = Mapping[str, list[dict[str, Any]]]

_NO_CODE = {"remove-input", "remove-cell", "hide-input"}
_NO_OUTPUT = {"remove-output", "remove-cell"}
_SAID = re.compile(r"(?:alt|aria-label)=\"([^\"]+)\"")
_CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.S)
_TAG = re.compile(r"<[^>]+>")


class PlainText(Edition):
    """A chapter as Markdown that says what the page says, figures in words.

    Args:
        chapter: its page.
        press: what all editions share; its package is not used.
        outputs: what the run gave, by the id of the cell.
    """

    def __init__(self, chapter: Page, press: Press, outputs: Outputs) -> None:
        super().__init__(chapter, press)
        self._outputs = outputs

    def text(self) -> str:
        """Return the text of the file."""
        parts = [part.strip() for part in self._parts()]
        if references := self._citations.references():
            parts.append(references.strip())
        return "\n\n".join(filter(None, parts)) + "\n"

    def _parts(self) -> Iterator[str]:
        in_solution = False
        for cell in self._cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                mark = SOLUTION.fullmatch(source + "\n")
                if mark:
                    in_solution = mark[1] == "start"
                elif not in_solution:
                    yield to_markdown(source, self._words)
            elif not in_solution:
                tags = set(cell["metadata"].get("tags", []))
                if not tags & _NO_CODE:
                    yield f"```python\n{in_code(source, self._words)}\n```"
                if not tags & _NO_OUTPUT:
                    yield from map(self._shown, self._outputs.get(cell["id"], []))

    def _shown(self, output: dict[str, Any]) -> str:
        """Return what an output says; of a picture its words."""
        if output["output_type"] == "stream":
            wanted = output.get("name") == "stdout"
            return f"```\n{_joined(output['text']).rstrip()}\n```" if wanted else ""
        data = {kind: _joined(text) for kind, text in output.get("data", {}).items()}
        if "text/markdown" in data:
            try:
                return to_markdown(data["text/markdown"], self._words)
            except NotConverted:
                return data["text/markdown"]
        page, plain = data.get("text/html", ""), data.get("text/plain", "")
        if "<table" not in page and (said := _SAID.search(page)):
            caption = _CAPTION.search(page)
            words = [said[1], _TAG.sub("", caption[1]) if caption else ""]
            words = [" ".join(html.unescape(part).split()) for part in words]
            whole = " ".join(f"{part.rstrip('.')}." for part in words if part)
            return f"[Figure. {whole.replace('?.', '?')}]"
        return f"```\n{plain.rstrip()}\n```" if plain.strip() else ""


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def outputs_of(source: Path, cache: Path) -> Outputs:
    """Return what the run of a notebook gave; nothing where it did not run.

    Args:
        source: the notebook.
        cache: the folder of jupyter-cache.
    """
    from jupyter_cache import get_cache

    try:
        _, notebook = get_cache(cache).merge_match_into_file(source)
    except KeyError:
        return {}
    return {cell.id: cell.outputs for cell in notebook.cells if "outputs" in cell}


def write_texts(out: Path, cache: Path, root: Path = ROOT) -> None:
    """Write ``<chapter>.md`` beside each page.

    Args:
        out: the folder of the site.
        cache: the folder of jupyter-cache.
        root: the checkout.
    """
    press = Press("", root)
    for chapter in chapters(root):
        path = out / f"{chapter.name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        outputs = outputs_of(chapter.source, cache)
        path.write_text(PlainText(chapter, press, outputs).text(), encoding="utf-8")
