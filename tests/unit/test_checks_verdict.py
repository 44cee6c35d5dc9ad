import pytest

from seqviz.checks import Verdict, check

RIGHT = Verdict("a/b", True, "agrees on 3 cases.")
WRONG = Verdict("a/b", False, "the `mask` comes <before>.", "mask-after-softmax")


def test_says_it_in_words():
    assert str(RIGHT) == repr(RIGHT) == "Right: agrees on 3 cases."
    assert str(WRONG) == "Not yet: the `mask` comes <before>."
    assert RIGHT and not WRONG


def test_html_says_it_in_words_and_escapes():
    page = WRONG._repr_html_()
    assert "<strong>Not yet:</strong>" in page
    assert "<code>mask</code> comes &lt;before&gt;" in page
    assert "<strong>Right:</strong>" in RIGHT._repr_html_()


def test_prints_one_line_outside_a_notebook(capsys):
    verdict = check("comirec-sa/ndcg", None)
    assert capsys.readouterr().out == f"{verdict}\n"
    check("comirec-sa/ndcg", None, quiet=True)
    assert capsys.readouterr().out == ""


@pytest.fixture
def shell():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(user_ns={"check": check}, config=config)
    yield shell
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    "cells, times",
    [
        (["check('comirec-sa/ndcg', None)"], 1),
        (["check('comirec-sa/ndcg', None)\n1"], 1),
        (["v = check('comirec-sa/ndcg', None)\nv"], 1),
        (["v = check('comirec-sa/ndcg', None)", "v"], 2),
        (["v = check('comirec-sa/ndcg', None, quiet=True)"], 0),
        (["check('comirec-sa/ndcg', None, quiet=True)"], 1),
    ],
)
def test_a_cell_shows_the_verdict_once(shell, capsys, cells, times):
    for cell in cells:
        shell.run_cell(cell, store_history=True).raise_error()
    assert capsys.readouterr().out.count("Not yet") == times
