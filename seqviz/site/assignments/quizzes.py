"""The book's quizzes for a learning platform: QTI 1.2 and 2.1, GIFT, a plain table.

Canvas imports the first package, platforms such as TAO and OpenOlat the second
(``qti21``), Moodle the GIFT file; whatever else there is reads the table, which has a
column for how many chose an option.
"""

import ast
import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from seqviz.explorers import Quiz
from seqviz.figures.markup import inline
from seqviz.site.assignments import qti21
from seqviz.site.assignments.packed import add, manifest_of
from seqviz.site.colab.quizzes import sealed
from seqviz.site.contents import Page, chapters
from seqviz.site.inputs import ROOT

_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"


@dataclass(frozen=True)
class ChapterQuiz:
    """The questions of a chapter, each ``{"text", "options"}`` as ``Quiz`` has them."""

    name: str
    questions: list[dict[str, Any]]


def read_quizzes(root: Path = ROOT) -> list[ChapterQuiz]:
    """Return the quizzes of all chapters that have one, in order."""
    found = [ChapterQuiz(page.source.stem, _questions(page)) for page in chapters(root)]
    return [quiz for quiz in found if quiz.questions]


def write_quizzes(folder: Path, root: Path = ROOT) -> list[ChapterQuiz]:
    """Write ``quizzes.zip``, ``quizzes-2.1.zip``, ``quizzes.gift``, ``quizzes.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    quizzes = read_quizzes(root)
    (folder / "quizzes.zip").write_bytes(package(quizzes))
    told = [(quiz.name, quiz.questions) for quiz in quizzes]
    (folder / "quizzes-2.1.zip").write_bytes(qti21.package(told))
    gift = "\n\n".join(_gift(quiz) for quiz in quizzes) + "\n"
    (folder / "quizzes.gift").write_text(gift, encoding="utf-8")
    with (folder / "quizzes.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table(quizzes))
    return quizzes


def package(quizzes: list[ChapterQuiz]) -> bytes:
    """Return a content package: a manifest, and one assessment in QTI 1.2 a chapter."""
    manifest, resources = manifest_of("seqviz")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for quiz in quizzes:
            file = f"{quiz.name}.xml"
            told = {"identifier": quiz.name, "type": "imsqti_xmlv1p2", "href": file}
            resource = Xml.SubElement(resources, "resource", told)
            Xml.SubElement(resource, "file", {"href": file})
            add(archive, file, assessment(quiz))
        add(archive, "imsmanifest.xml", manifest)
    return packed.getvalue()


def assessment(quiz: ChapterQuiz) -> Xml.Element:
    """Return the questions of a chapter as an assessment in QTI 1.2."""
    top = Xml.Element("questestinterop", {"xmlns": _QTI})
    whole = Xml.SubElement(top, "assessment", {"ident": quiz.name, "title": quiz.name})
    section = Xml.SubElement(whole, "section", {"ident": "root_section"})
    for number, question in enumerate(quiz.questions, 1):
        section.append(_item(f"{quiz.name}-{number}", question))
    return top


def table(quizzes: list[ChapterQuiz]) -> list[list[str]]:
    """Return a row for each option, the head first; ``chosen by`` is empty."""
    rows = [["chapter", "question", "text", "option", "right", "why", "chosen by"]]
    for quiz in quizzes:
        for number, question in enumerate(quiz.questions, 1):
            for option in question["options"]:
                rows.append(
                    [
                        quiz.name,
                        str(number),
                        question["text"],
                        option["text"],
                        "yes" if option["correct"] else "no",
                        option["why"],
                        "",
                    ]
                )
    return rows


def _questions(page: Page) -> list[dict[str, Any]]:
    cells = json.loads(page.source.read_text(encoding="utf-8"))["cells"]
    found: list[dict[str, Any]] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        if source := sealed("".join(cell["source"])):
            call = ast.parse(source).body[-1].value
            found += Quiz.sealed(call.args[0].value).questions
    return found


def _item(name: str, question: dict[str, Any]) -> Xml.Element:
    item = Xml.Element("item", {"ident": name, "title": name})
    metadata = Xml.SubElement(Xml.SubElement(item, "itemmetadata"), "qtimetadata")
    field = Xml.SubElement(metadata, "qtimetadatafield")
    Xml.SubElement(field, "fieldlabel").text = "question_type"
    Xml.SubElement(field, "fieldentry").text = "multiple_choice_question"
    presentation = Xml.SubElement(item, "presentation")
    _text(presentation, question["text"])
    asked = {"ident": "response", "rcardinality": "Single"}
    response = Xml.SubElement(presentation, "response_lid", asked)
    choices = Xml.SubElement(response, "render_choice")
    process = Xml.SubElement(item, "resprocessing")
    score = {"maxvalue": "100", "minvalue": "0", "varname": "SCORE"}
    outcomes = Xml.SubElement(process, "outcomes")
    Xml.SubElement(outcomes, "decvar", score | {"vartype": "Decimal"})
    for number, option in enumerate(question["options"], 1):
        ident = f"option-{number}"
        _text(Xml.SubElement(choices, "response_label", {"ident": ident}),
              option["text"])  # fmt: skip
        condition = Xml.SubElement(process, "respcondition", {"continue": "Yes"})
        variable = Xml.SubElement(condition, "conditionvar")
        Xml.SubElement(variable, "varequal", {"respident": "response"}).text = ident
        if option["correct"]:
            setting = {"action": "Set", "varname": "SCORE"}
            Xml.SubElement(condition, "setvar", setting).text = "100"
        linked = {"feedbacktype": "Response", "linkrefid": f"{ident}-why"}
        Xml.SubElement(condition, "displayfeedback", linked)
    for number, option in enumerate(question["options"], 1):
        told = {"ident": f"option-{number}-why"}
        flow = Xml.SubElement(Xml.SubElement(item, "itemfeedback", told), "flow_mat")
        _text(flow, option["why"])
    return item


def _text(parent: Xml.Element, words: str) -> None:
    material = Xml.SubElement(parent, "material")
    Xml.SubElement(material, "mattext", {"texttype": "text/html"}).text = inline(words)


def _gift(quiz: ChapterQuiz) -> str:
    lines = [f"$CATEGORY: {quiz.name}"]
    for number, question in enumerate(quiz.questions, 1):
        options = [
            f"  {'=' if option['correct'] else '~'}{_escaped(option['text'])}"
            f"#{_escaped(option['why'])}"
            for option in question["options"]
        ]
        head = f"::{quiz.name} {number}::[html]{_escaped(question['text'])} {{"
        lines.append("\n".join([head, *options, "}"]))
    return "\n\n".join(lines)


def _escaped(words: str) -> str:
    """Return HTML with GIFT's own signs escaped."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", inline(words))
