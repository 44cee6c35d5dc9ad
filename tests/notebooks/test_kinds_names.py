"""Kinds of faults in names: letters and functions are introduced before their use."""

import re

from kinds.chapters import BOOK, chapters, each, each_chapter, hold
from kinds.introductions import faults_of_introductions
from kinds.letters import (
    faults_of_capitals,
    faults_of_letters,
    faults_of_missing_symbols,
    faults_of_notation,
    notation,
    rows_of,
)

PAGE = (BOOK / "notation.md").read_text("utf-8")
LETTERS = set(notation(PAGE))
NAMES = set(re.findall(r"`(\w+)`", PAGE))


@each_chapter()
def test_letters_are_explained_before_their_use(place):
    hold(faults_of_letters(place, LETTERS))


@each_chapter()
def test_a_plain_capital_is_a_length(place):
    hold(faults_of_capitals(place))


@each({"notation": PAGE})
def test_the_notation_page_lists_the_symbols_and_each_has_one_meaning(place):
    tables = {
        chapter.name: rows_of("\n\n".join(c.text for c in chapter.of_kind("markdown")))
        for chapter in chapters()
    }
    page = rows_of(place)
    hold(faults_of_notation(page) + faults_of_missing_symbols(tables, page))


@each_chapter()
def test_names_exist_before_they_are_used_or_mentioned(place):
    hold(faults_of_introductions(place, NAMES))
