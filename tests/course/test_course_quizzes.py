"""The exported quizzes: every question, read back by a parser, one right option."""

import csv
import io
import re
import zipfile
from xml.etree import ElementTree as Xml

import pytest

from seqviz.figures.markup import curly
from seqviz.site.assignments import qti21
from seqviz.site.assignments.guide import taught
from seqviz.site.assignments.quizzes import read_quizzes, write_quizzes

QTI21 = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


@pytest.fixture(scope="module")
def quizzes():
    return read_quizzes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quizzes")
    write_quizzes(folder)
    return folder


def test_every_chapter_has_its_questions(quizzes):
    assert {q.name for q in quizzes} >= {page.source.stem for page in taught()}
    assert all(len(quiz.questions) >= 3 for quiz in quizzes)


def test_the_package_read_back_holds_what_the_book_says(quizzes, folder):
    with zipfile.ZipFile(folder / "quizzes.zip") as archive:
        manifest = Xml.fromstring(archive.read("imsmanifest.xml"))
        files = [e.get("href") for e in manifest.iter() if e.tag.endswith("}resource")]
        assert files == [f"{quiz.name}.xml" for quiz in quizzes]
        assert set(archive.namelist()) == {*files, "imsmanifest.xml"}
        read = [Xml.fromstring(archive.read(file)) for file in files]
    for quiz, told in zip(quizzes, read, strict=True):
        items = list(told.iter(f"{QTI}item"))
        assert len(items) == len(quiz.questions)
        for item, question in zip(items, quiz.questions, strict=True):
            labels = list(item.iter(f"{QTI}response_label"))
            assert len(labels) == len(question["options"])
            scoring = [
                condition
                for condition in item.iter(f"{QTI}respcondition")
                if condition.find(f"{QTI}setvar") is not None
            ]
            assert len(scoring) == 1
            ident = scoring[0].find(f"{QTI}conditionvar/{QTI}varequal").text
            place = [label.get("ident") for label in labels].index(ident)
            assert question["options"][place]["correct"]
            linked = {e.get("linkrefid") for e in item.iter(f"{QTI}displayfeedback")}
            there = {e.get("ident") for e in item.iter(f"{QTI}itemfeedback")}
            assert linked == there and len(there) == len(labels)


def test_the_package_of_21_scores_the_right_option_and_says_why(quizzes, folder):
    with zipfile.ZipFile(folder / "quizzes-2.1.zip") as archive:
        manifest = Xml.fromstring(archive.read("imsmanifest.xml"))
        told = [e for e in manifest.iter() if e.tag.endswith("}resource")]
        assert {e.get("href") for e in told} | {"imsmanifest.xml"} == set(
            archive.namelist()
        )
        names = {e.get("identifier") for e in told}
        linked = [e for e in manifest.iter() if e.tag.endswith("}dependency")]
        assert {e.get("identifierref") for e in linked} < names
        for quiz in quizzes:
            test = Xml.fromstring(archive.read(f"{quiz.name}.xml"))
            hrefs = [e.get("href") for e in test.iter(f"{QTI21}assessmentItemRef")]
            assert len(hrefs) == len(quiz.questions)
            for href, question in zip(hrefs, quiz.questions, strict=True):
                item = Xml.fromstring(archive.read(href))
                options = {o["text"]: o for o in question["options"]}
                choices = list(item.iter(f"{QTI21}simpleChoice"))
                texts = ["".join(one.itertext()) for one in choices]
                assert texts == [re.sub(r"[*`]", "", curly(text)) for text in options]
                right = item.find(f"{QTI21}responseDeclaration//{QTI21}value").text
                place = [one.get("identifier") for one in choices].index(right)
                assert question["options"][place]["correct"]
                reasons = item.findall(f"{QTI21}modalFeedback")
                assert [r.get("identifier") for r in reasons] == [
                    one.get("identifier") for one in choices
                ]


def test_code_and_emphasis_stay_elements_and_signs_themselves():
    option = {"text": "`a < b` & *not* c", "correct": True, "why": "so"}
    item = qti21.item("x-1", {"text": "why?", "options": [option]})
    text = Xml.tostring(item, encoding="unicode")
    assert "<code>a &lt; b</code> &amp; <em>not</em> c" in text


def test_gift_has_one_right_answer_a_question_and_escapes_its_signs(quizzes, folder):
    text = (folder / "quizzes.gift").read_text(encoding="utf-8")
    blocks = re.findall(r"^::.*?^}$", text, re.M | re.S)
    assert len(blocks) == sum(len(quiz.questions) for quiz in quizzes)
    for block in blocks:
        lines = block.split("\n")[1:-1]
        assert sum(line.startswith("  =") for line in lines) == 1
        for line in lines:
            assert len(re.findall(r"(?<!\\)[=~]", line)) == 1, line
            assert len(re.findall(r"(?<!\\)#", line)) == 1, line


def test_the_table_has_a_row_for_each_option(quizzes, folder):
    rows = list(csv.DictReader(io.StringIO((folder / "quizzes.csv").read_text())))
    options = [o for quiz in quizzes for q in quiz.questions for o in q["options"]]
    assert [row["option"] for row in rows] == [o["text"] for o in options]
    assert sum(row["right"] == "yes" for row in rows) == sum(
        len(quiz.questions) for quiz in quizzes
    )
