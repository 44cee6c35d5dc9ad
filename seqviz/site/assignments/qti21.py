"""Quizzes in QTI 2.1: an item for each question, a test for each chapter."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree as Xml

from seqviz.figures.markup import inline
from seqviz.site.assignments.packed import add, manifest_of

_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_ONE = {"identifier": "RESPONSE", "cardinality": "single", "baseType": "identifier"}


def package(quizzes: list[tuple[str, list[dict[str, Any]]]]) -> bytes:
    """Return a content package of quizzes, each its name and its questions."""
    manifest, resources = manifest_of("seqviz-21", "QTIv2.1 Package")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, questions in quizzes:
            items = {f"{name}-{n}": one for n, one in enumerate(questions, 1)}
            told = _resource(resources, name, "imsqti_test_xmlv2p1")
            add(archive, f"{name}.xml", _test(name, list(items)))
            for key, question in items.items():
                Xml.SubElement(told, "dependency", {"identifierref": key})
                _resource(resources, key, "imsqti_item_xmlv2p1")
                add(archive, f"{key}.xml", item(key, question))
        add(archive, "imsmanifest.xml", manifest)
    return packed.getvalue()


def item(name: str, question: dict[str, Any]) -> Xml.Element:
    """Return a question: one point for the right option, its reason for each."""
    told = {"identifier": name, "title": name, "adaptive": "false"}
    top = Xml.Element(
        "assessmentItem", {"xmlns": _QTI, **told, "timeDependent": "false"}
    )
    options = [(f"option-{n}", one) for n, one in enumerate(question["options"], 1)]
    asked = Xml.SubElement(top, "responseDeclaration", _ONE)
    right = Xml.SubElement(asked, "correctResponse")
    for key, option in options:
        if option["correct"]:
            Xml.SubElement(right, "value").text = key
    score = _ONE | {"identifier": "SCORE", "baseType": "float"}
    start = Xml.SubElement(top, "outcomeDeclaration", score)
    Xml.SubElement(Xml.SubElement(start, "defaultValue"), "value").text = "0"
    Xml.SubElement(top, "outcomeDeclaration", _ONE | {"identifier": "FEEDBACK"})
    choice = {"responseIdentifier": "RESPONSE", "shuffle": "false", "maxChoices": "1"}
    body = Xml.SubElement(top, "itemBody")
    choices = Xml.SubElement(body, "choiceInteraction", choice)
    choices.append(_element("prompt", {}, question["text"]))
    for key, option in options:
        choices.append(_element("simpleChoice", {"identifier": key}, option["text"]))
    top.append(_processing())
    for key, option in options:
        shown = {"outcomeIdentifier": "FEEDBACK", "identifier": key, "showHide": "show"}
        top.append(_element("modalFeedback", shown, option["why"]))
    return top


def _processing() -> Xml.Element:
    """Return how the answer becomes a score, and which reason is shown."""
    return Xml.fromstring(
        "<responseProcessing><responseCondition><responseIf><match>"
        '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>'
        '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue>'
        "</setOutcomeValue></responseIf></responseCondition>"
        '<setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/>'
        "</setOutcomeValue></responseProcessing>"
    )


def _test(name: str, items: list[str]) -> Xml.Element:
    told = {"identifier": name, "title": name}
    top = Xml.Element("assessmentTest", {"xmlns": _QTI, **told})
    how = {"navigationMode": "nonlinear", "submissionMode": "individual"}
    part = Xml.SubElement(top, "testPart", {"identifier": "part", **how})
    section = {"identifier": "section", "title": name, "visible": "true"}
    held = Xml.SubElement(part, "assessmentSection", section)
    for key in items:
        where = {"identifier": key, "href": f"{key}.xml"}
        Xml.SubElement(held, "assessmentItemRef", where)
    return top


def _resource(resources: Xml.Element, name: str, kind: str) -> Xml.Element:
    told = {"identifier": name, "type": kind, "href": f"{name}.xml"}
    resource = Xml.SubElement(resources, "resource", told)
    Xml.SubElement(resource, "file", {"href": f"{name}.xml"})
    return resource


def _element(tag: str, attributes: dict[str, str], words: str) -> Xml.Element:
    """Return an element whose text has its code and its emphasis as elements."""
    element = Xml.fromstring(f"<{tag}>{inline(words)}</{tag}>")
    element.attrib.update(attributes)
    return element
