"""The large states leave the pages, once, and old ones go."""

import json
import re

from seqviz.site import later

SAID = "\\u003c/b>" + later.SMALL * "A"
STATE = f'<script type="application/json" class="sv-state">{{"a":"{SAID}"}}</script>'


def test_a_state_becomes_a_script_that_says_the_same():
    html, files = later.move(f"<p>before</p>{STATE}<p>after</p>")
    ((file, text),) = files.items()
    assert html == (
        '<p>before</p><script type="application/json" class="sv-state" '
        f'data-file="{file}"></script><p>after</p>'
    )
    name, state = re.fullmatch(r"\(.*\)\[(.*)\] = (.*);\n", text).groups()
    assert json.loads(name) == file and json.loads(state) == {
        "a": json.loads(f'"{SAID}"')
    }


def test_moving_twice_changes_nothing():
    html, _ = later.move(STATE)
    assert later.move(html) == (html, {})


def test_equal_states_share_a_file_and_others_do_not():
    other = STATE.replace('"a"', '"x"')
    _, files = later.move(STATE + STATE + other)
    assert len(files) == 2


def test_the_files_are_those_that_some_page_asks_for(tmp_path):
    pages = {tmp_path / "a.html": STATE, tmp_path / "b.html": "<p>"}
    done = later.move_all(pages, tmp_path)
    kept = list((tmp_path / later.FOLDER).iterdir())
    assert len(kept) == 1 and kept[0].name in done[tmp_path / "a.html"]
    assert later.move_all(done, tmp_path) == done and kept[0].exists()
    later.move_all({tmp_path / "b.html": "<p>"}, tmp_path)
    assert not kept[0].exists()


def test_a_small_state_stays():
    html = '<script type="application/json" class="sv-state">{"a":1}</script>'
    assert later.move(html) == (html, {})
