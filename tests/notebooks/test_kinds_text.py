"""Kinds of faults in the text: shape of a chapter, counting, English, sources."""

import pytest
from kinds import prose
from kinds.chapters import BOOK, chapters, each, each_chapter, hold
from kinds.claims import faults_of_claims
from kinds.counting import faults_of_counting
from kinds.english import faults_of_english
from kinds.outputs import faults_of_lost_prose
from kinds.people import faults_of_people
from kinds.sections import faults_of_shape
from kinds.setting import faults_of_setting
from kinds.sources import (
    faults_of_links,
    faults_of_package_names,
    faults_of_source_names,
    faults_of_sources,
    faults_of_tables,
    known_pages,
)

FILES = prose.of_files()
PAGES = sorted(BOOK.rglob("*.md"))


@each_chapter()
def test_the_sections_of_the_syllabus_stand_in_order(place):
    faults = faults_of_shape(place)
    hold(faults)


@each_chapter()
def test_rungs_paragraphs_exercises_and_steps_count_without_a_gap(place):
    faults = faults_of_counting(place)
    hold(faults)


@each_chapter()
def test_a_chapter_has_no_odd_english(place):
    faults = faults_of_english(prose.of_chapter(place))
    hold(faults)


@each_chapter()
def test_letters_are_formulas_and_notes_stand_below_their_tables(place):
    hold(faults_of_setting(place))


@each_chapter()
def test_who_is_better_is_said_with_numbers(place):
    faults = faults_of_claims(place)
    hold(faults)


@each(FILES)
def test_pages_checks_and_explorers_have_no_odd_english(place):
    faults = faults_of_english(place)
    hold(faults)


@each_chapter()
def test_a_chapter_cites_what_a_reader_can_find(place):
    faults = faults_of_sources(prose.of_chapter(place))
    faults += faults_of_source_names(place)
    hold(faults)


@each(FILES)
def test_pages_checks_and_explorers_cite_what_a_reader_can_find(place):
    faults = faults_of_sources(place)
    hold(faults)


@each_chapter()
def test_links_between_chapters_lead_to_chapters(place):
    faults = faults_of_links(place.name, prose.of_chapter(place), known_pages())
    hold(faults)


@each_chapter()
def test_names_of_the_package_and_commands_exist(place):
    hold(faults_of_package_names(prose.of_chapter(place)))


@each_chapter()
def test_sentences_that_a_cell_writes_are_shown(place):
    hold(faults_of_lost_prose(place))


@each_chapter()
def test_a_name_is_one_person(place):
    book = list(chapters())
    hold(faults_of_people(place, book[: book.index(place)]))


@each_chapter()
def test_rows_stand_in_their_tables(place):
    faults = [
        fault
        for cell in place.of_kind("markdown")
        for fault in faults_of_tables(place.where(cell), cell.text)
    ]
    hold(faults)


@each({path.stem: path for path in PAGES})
def test_rows_of_pages_stand_in_their_tables(place):
    faults = faults_of_tables(f"book/{place.name}", place.read_text("utf-8"))
    hold(faults)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_of_pages_lead_to_chapters(path):
    name = str(path.relative_to(BOOK).with_suffix(""))
    texts = prose.of_page(path)
    faults = faults_of_links(name, texts, known_pages())
    hold(faults)
