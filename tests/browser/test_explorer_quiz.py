"""The quiz in a page without a kernel."""

import pytest
from accessible import axe_report
from duty import Duty, option

from seqviz.explorers import Option, Question, Quiz

QUESTIONS = [
    Question(
        "Over which axis does the softmax of `A` run?",
        [
            Option("Over the K interests", False, "Then a *click* sums to 1."),
            Option("Over the `T` clicks", True, "An interest sums to 1."),
        ],
    ),
    Question(
        "What does padding get?",
        [
            Option("A weight of exactly 0", True, "Its logit is minus infinity."),
            Option("A small weight", False, "Only if the mask comes too late."),
        ],
    ),
]


def explorer():
    return Quiz(QUESTIONS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_option_answers_in_words(new_page, address, theme):
    page = new_page(viewport={"width": 380, "height": 800})
    page.goto(address)
    page.wait_for_selector("[data-sv-ready]")
    page.evaluate("t => document.documentElement.dataset.theme = t", theme)
    shown = page.locator(".sv-feedback:not(:empty)")
    assert shown.count() == 0
    page.get_by_label("Over the K interests").check()
    assert shown.all_inner_texts() == ["✗ Not this one. Then a click sums to 1."]
    assert shown.locator("em").all_inner_texts() == ["click"]
    page.get_by_label("Over the T clicks").check()
    assert shown.all_inner_texts() == ["✓ Right. An interest sums to 1."]
    page.get_by_label("A small weight").check()
    assert shown.count() == 2
    assert axe_report(page) == ""
    assert page.get_by_role("group", name="2. What does padding get?").is_visible()


def test_the_keyboard_answers(new_page, address):
    page = new_page()
    page.goto(address)
    page.wait_for_selector("[data-sv-ready]")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("Then a click sums to 1.").wait_for()
    page.keyboard.press("ArrowDown")
    page.get_by_text("An interest sums to 1.").wait_for()


def test_without_scripts_the_answers_are_folded_in(new_page, address):
    page = new_page(java_script_enabled=False)
    page.goto(address)
    still = page.locator(".sv-still")
    assert still.locator("ol").get_by_text("Over the K interests").is_visible()
    answer = still.get_by_text("An interest sums to 1.")
    assert answer.is_hidden()
    still.get_by_text("Answer", exact=True).first.click()
    assert answer.is_visible()


DUTY = Duty(
    explorer,
    (option("Over the K interests"), option("Over the T clicks")),
    printed=(".sv-question",),
)
