"""The explorer in a real JupyterLab: a click reaches Python and its answer returns."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from textwrap import indent

import pytest
from accessible import axe_report

HERE = Path(__file__).parent

FIRST = f"""import sys; sys.path.insert(0, {str(HERE)!r})
import numpy as np
from sample import explorer, sample
rows = sample()
calls = []
def interests_of(item_ids, num_interests):
    calls.append((item_ids, num_interests))
    if num_interests == 8:
        raise RuntimeError("eight is too many")
    logits = np.zeros((num_interests, len(item_ids)), dtype=np.float32)
    logits[:, 0] = np.log(len(item_ids) - 1)  # the first click gets half
    return logits, rows["readings"][4][1]
figure = explorer(interests_of=interests_of, choices=[3, 8])
figure"""

SECOND = """import ipywidgets
said = ipywidgets.Label()
def say(change=None):
    said.value = (f"user={figure.user} K={figure.num_interests} "
                  f"removed={figure.removed} selected={figure.selected} "
                  f"calls={len(calls)}")
figure.observe(say, names=["user", "num_interests", "removed", "selected", "answer"])
say()
said"""


def said_by(module, names, say):
    """Return a cell: the figure of a test module, and what ``say`` tells of it."""
    return f"""import sys; sys.path.insert(0, {str(HERE)!r})
import ipywidgets
from {module} import explorer
figure = explorer()
said = ipywidgets.Label()
def say(change=None):
{indent(say, "    ")}figure.observe(say, names={names})
say()
ipywidgets.VBox([figure, said])"""


MOVING = said_by(
    "test_explorer_activation",
    ["candidate", "point", "softmax"],
    """\
here = figure.places(figure.query()).round(4).tolist()
said.value = (f"candidate={figure.candidate} softmax={figure.softmax} "
              f"moved={bool(figure.point)} here={here} "
              f"sum={figure.weights()['DIN'].sum():.4f}")
""",
)

ROUTING = said_by(
    "test_explorer_routing",
    ["form", "iteration", "behavior"],
    """\
step = figure.steps()[figure.iteration]
said.value = (f"form={figure.form} iteration={figure.iteration} "
              f"behavior={figure.behavior} "
              f"coupling={step.coupling[figure.behavior, 0]:.5f}")
""",
)

VARIED = said_by(
    "test_explorer_diversity",
    ["user", "n", "diversity_weight"],
    """\
columns = [pick.column for pick in figure.picks()]
said.value = (f"user={figure.user} n={figure.n} "
              f"weight={figure.diversity_weight:g} columns={columns}")
""",
)

WORLDS = said_by(
    "test_explorer_worlds",
    ["model", "place"],
    """\
said.value = figure.words()
""",
)

HISTORY = said_by(
    "test_explorer_history",
    ["history", "candidate", "reader"],
    """\
from seqviz.explorers.history.still import best
firsts = [best(scores, 1)[0] for scores in figure.scores().values()]
said.value = (f"history={figure.history} candidate={figure.candidate} "
              f"reader={figure.reader} firsts={firsts}")
""",
)

LEARNING = said_by(
    "test_explorer_learning",
    ["a", "b", "seen"],
    """\
losses = [f"{one['loss'] or 0:.3f}" for one in figure.seen]
epochs = [one["epoch"] for one in figure.seen]
said.value = f"K={figure.b['interests']} epochs={epochs} losses={losses}"
""",
)

#: One cell, since JupyterLab takes away the outputs of cells that are out of sight.
MEMORIES = f"""import sys; sys.path.insert(0, {str(HERE)!r})
import ipywidgets
import test_explorer_alignment, test_explorer_gate, test_explorer_memory
memory = test_explorer_memory.explorer()
alignment = test_explorer_alignment.explorer()
gate = test_explorer_gate.explorer()
labels = [ipywidgets.Label() for _ in range(3)]
def say(change=None):
    trace, found = memory.trace(), alignment.reading()
    slopes = [f"{{slope:.4g}}" for slope in trace.slopes]
    labels[0].value = (f"layer={{memory.layer}} history={{memory.history}} "
                       f"slopes={{slopes}}")
    weights = [f"{{weight:.4f}}" for weight in found.weights[0]]
    labels[1].value = (f"reader={{alignment.reader}} n={{alignment.length}} "
                       f"history={{alignment.history}} weights={{weights}} "
                       f"right={{int((found.answers == found.right).sum())}}")
    first = [gate.titles[item] for item in gate.mixed().order[:3]]
    labels[2].value = f"session={{gate.session}} fusion={{gate.fusion}} first={{first}}"
memory.observe(say, names=["layer", "history", "behavior"])
alignment.observe(say, names=["reader", "length", "history"])
gate.observe(say, names=["session", "fusion"])
say()
ipywidgets.VBox([labels[0], memory, labels[1], alignment, labels[2], gate])"""


def cell(number, text):
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text,
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab beside the notebooks; return its address."""
    folder = tmp_path_factory.mktemp("lab")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebooks = {
        "live": [FIRST, SECOND],
        "moving": [MOVING],
        "varied": [VARIED],
        "routing": [ROUTING],
        "worlds": [WORLDS],
        "learning": [LEARNING],
        "history": [HISTORY],
        "memories": [MEMORIES],
    }
    for name, cells in notebooks.items():
        notebook = {
            "cells": [cell(number, text) for number, text in enumerate(cells)],
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "config"
    extensions = config / "labconfig"
    extensions.mkdir(parents=True)
    (extensions / "page_config.json").write_text(
        json.dumps(
            {
                "disabledExtensions": {
                    "@jupyterlab/apputils-extension:announcements": True
                }
            }
        )
    )
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    environment.pop("SEQVIZ_BOOK", None)
    log = (folder / "log.txt").open("w")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={folder}",
            "--expose-app-in-browser",
        ],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if server.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1).close()
                yield address
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        else:
            pytest.fail(f"JupyterLab did not start: {(folder / 'log.txt').read_text()}")
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


@pytest.fixture
def run_notebook(browser, lab):
    """Return ``run_notebook(name)``: the page of a notebook whose cells are running.

    An error of the page fails the test at its end.
    """
    contexts, errors = [], []

    def run(name):
        context = browser.new_context(viewport={"width": 1300, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{lab}/lab/tree/{name}.ipynb?reset")
        page.wait_for_function("() => window.jupyterapp")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(
            "() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
            "?.status === 'idle'"
        )
        page.evaluate(
            "() => { jupyterapp.commands.execute('notebook:run-all-cells'); }"
        )
        return page

    yield run
    for context in contexts:
        context.close()
    assert errors == []


def python_says(page, text):
    page.wait_for_function(
        "text => [...document.querySelectorAll('.widget-label')]"
        ".some(node => node.textContent.includes(text))",
        arg=text,
    )


def in_python(page, code):
    page.evaluate(
        """async code => {
            const panel = jupyterapp.shell.currentWidget;
            const kernel = panel.sessionContext.session.kernel;
            await kernel.requestExecute({ code }).done;
        }""",
        code,
    )


def test_a_click_reaches_python_and_the_answer_comes_back(run_notebook):
    page = run_notebook("live")
    page.wait_for_selector(".sv-card .sv-tile >> nth=23")
    python_says(page, "user=0 K=4 removed=[] selected=None calls=0")
    page.locator(".sv-tile").nth(1).click()
    python_says(page, "user=0 K=4 removed=[1] selected=1 calls=1")
    # The answer: the first click gets half of every interest.
    page.wait_for_function(
        "() => Math.abs(document.querySelector('.sv-bar').dataset.weight - .5) < 1e-6"
    )
    page.get_by_role("button", name="Put all clicks back").click()
    python_says(page, "removed=[]")
    page.wait_for_function(
        "() => Math.abs(document.querySelector('.sv-bar').dataset.weight - .5) > 1e-2"
    )
    page.locator(".sv-segmented input[value='3']").check(force=True)
    python_says(page, "K=3")
    page.wait_for_selector(".sv-row >> nth=2")
    page.wait_for_function("() => document.querySelectorAll('.sv-row').length === 3")
    page.wait_for_function(
        "() => Math.abs(document.querySelector('.sv-bar').dataset.weight - .5) < 1e-6"
    )
    # A callback that fails says so in the figure.
    page.locator(".sv-segmented input[value='8']").check(force=True)
    page.get_by_text("RuntimeError: eight is too many").first.wait_for()
    page.get_by_label("User").select_option(label="Jonas")
    page.locator(".sv-segmented input[value='2']").check(force=True)
    python_says(page, "user=1 K=2 removed=[]")
    page.wait_for_function("() => document.querySelectorAll('.sv-tile').length === 17")

    # Set from Python, in the same notebook.
    in_python(page, "figure.user = 4; figure.num_interests = 1")
    page.wait_for_function("() => document.querySelectorAll('.sv-tile').length === 5")
    page.wait_for_function("() => document.querySelectorAll('.sv-row').length === 1")

    # The dark theme of JupyterLab is the dark theme of the figure.
    page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme',"
        " { theme: 'JupyterLab Dark' })"
    )
    page.wait_for_function(
        """() => getComputedStyle(document.querySelector('.sv-card'))
            .backgroundColor === 'rgb(20, 24, 30)'"""
    )
    assert axe_report(page, within=".sv-card") == ""
    shots = os.environ.get("SEQVIZ_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/lab.png")


def test_a_moved_candidate_reaches_python_with_the_same_strength(run_notebook):
    page = run_notebook("moving")
    page.wait_for_selector(".sv-card .sv-handle")

    def python_agrees(beginning):
        python_says(page, beginning)
        strength = page.locator(".sv-totals b").first.get_attribute("data-total")
        python_says(page, f"sum={float(strength):.4f}")

    python_agrees("candidate=0 softmax=False moved=False")
    page.locator(".sv-handle").press("Shift+ArrowRight")
    python_agrees("candidate=0 softmax=False moved=True")
    plane = page.locator(".sv-plane").bounding_box()
    grip = page.locator(".sv-handle rect").nth(1).bounding_box()
    page.mouse.move(grip["x"] + 13, grip["y"] + 13)
    page.mouse.down()
    page.mouse.move(plane["x"] + 60, plane["y"] + 200, steps=5)
    page.mouse.up()
    place = page.locator(".sv-handle").get_attribute("aria-valuenow")
    python_says(page, f"here=[{round(float(place), 4)}, ")
    python_agrees("candidate=0 softmax=False moved=True")
    page.get_by_label("Candidate", exact=True).select_option(index=5)
    python_agrees("candidate=5 softmax=False moved=False")
    page.get_by_label("softmax", exact=True).check(force=True)
    python_agrees("candidate=5 softmax=True moved=False")

    in_python(page, "figure.softmax = False; figure.point = [0.5, -0.5]")
    python_agrees("candidate=5 softmax=False moved=True here=[0.5, -0.5]")
    assert axe_report(page, within=".sv-card") == ""


def test_a_step_of_the_routing_reaches_python_with_the_same_coupling(run_notebook):
    page = run_notebook("routing")
    page.wait_for_selector(".sv-card .sv-routes")

    def python_agrees(beginning):
        python_says(page, beginning)
        picked = page.locator(".sv-lines [aria-current] .sv-weight").first
        share = float(picked.get_attribute("data-weight"))
        python_says(page, f"{beginning} coupling={share:.5f}")

    python_agrees("form=0 iteration=0 behavior=0")
    page.get_by_role("button", name="Next iteration").click()
    page.get_by_role("button", name="Next iteration").click()
    python_agrees("form=0 iteration=2 behavior=0")
    page.get_by_label("MIND (B2I)", exact=True).check(force=True)
    python_agrees("form=1 iteration=2 behavior=0")
    page.locator(".sv-lines .sv-line").nth(3).click()
    python_agrees("form=1 iteration=2 behavior=3")
    page.get_by_label("3", exact=True).focus()
    page.keyboard.press("Space")
    python_agrees("form=1 iteration=3 behavior=3")

    in_python(page, "figure.form = 0; figure.iteration = 1; figure.behavior = 4")
    python_agrees("form=0 iteration=1 behavior=4")
    page.get_by_text("Iteration 1 of 3", exact=False).first.wait_for()
    assert axe_report(page, within=".sv-card") == ""


def test_the_list_that_is_dragged_is_the_list_that_python_makes(run_notebook):
    page = run_notebook("varied")
    page.wait_for_selector(".sv-card .sv-list .sv-tile")

    def python_agrees(beginning):
        python_says(page, beginning)
        columns = page.evaluate(
            "() => [...document.querySelectorAll('.sv-list .sv-tile')]"
            ".map(tile => +tile.dataset.column)"
        )
        python_says(page, f"{beginning} columns={columns}")

    python_agrees("user=0 n=12 weight=0")
    slider = page.get_by_label("Diversity weight")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    weight = slider.get_attribute("aria-valuetext")
    assert float(weight) > 0
    python_agrees(f"user=0 n=12 weight={weight}")
    page.get_by_label("User", exact=True).select_option(label="Ben")
    page.get_by_label("9", exact=True).check(force=True)
    python_agrees(f"user=1 n=9 weight={weight}")

    in_python(page, "figure.user = 0; figure.n = 4; figure.diversity_weight = 1e6")
    page.wait_for_function(
        "() => document.querySelectorAll('.sv-list .sv-tile').length === 4"
    )
    python_agrees("user=0 n=4 weight=1e+06")
    assert axe_report(page, within=".sv-card") == ""


def test_the_world_that_is_picked_is_the_world_of_python(run_notebook):
    page = run_notebook("worlds")
    page.wait_for_selector(".sv-card .sv-world")

    def python_agrees(beginning):
        python_says(page, beginning)
        page.mouse.move(2, 2)
        page.locator(".sv-sentence", has_text=beginning).wait_for()
        python_says(page, page.locator(".sv-sentence").inner_text())

    python_agrees("true interests = 1, repeats = 0%, slips = 5%, E = 4: ComiRec-SA ")
    page.locator(".sv-world").nth(4).click()
    python_agrees("true interests = 2, repeats = 25%, slips = 5%, E = 4: ComiRec-SA ")
    page.keyboard.press("ArrowDown")
    page.get_by_label("16", exact=True).check(force=True)
    page.get_by_label("Model", exact=True).select_option("counts")
    python_agrees("true interests = 4, repeats = 25%, slips = 5%, E = 16: counts ")

    in_python(page, "figure.place = [3, 2, 1, 0]; figure.model = 3")
    python_agrees("true interests = 8, repeats = 50%, slips = 30%, E = 4: item-kNN ")
    picked = page.locator(".sv-world[aria-current]")
    assert picked.get_attribute("aria-label").startswith("true interests = 8, repeats")
    assert picked.get_attribute("tabindex") == "0"
    assert axe_report(page, within=".sv-card") == ""


def test_the_history_that_is_put_together_is_the_one_that_python_reads(run_notebook):
    page = run_notebook("history")
    page.wait_for_selector(".sv-card .sv-columns")

    def python_agrees(beginning):
        python_says(page, beginning)
        page.mouse.move(2, 2)
        firsts = page.evaluate(
            "() => [...document.querySelectorAll('.sv-list')]"
            ".map(list => +list.querySelector('.sv-entry').dataset.item)"
        )
        python_says(page, f"{beginning} firsts={firsts}")

    python_agrees("history=[3, 8, 3, 20] candidate=0 reader=2")
    page.get_by_label("Shelf").select_option("shelf 4")
    page.get_by_role("button", name="item 22", exact=True).click()
    python_agrees("history=[3, 8, 3, 20, 22] candidate=0 reader=2")
    page.get_by_label("Weights of").select_option("DIN")
    page.locator(".sv-list").first.locator(".sv-entry").nth(2).click()
    python_says(page, "history=[3, 8, 3, 20, 22] candidate=25 reader=9")
    page.get_by_role("button", name="Undo", exact=True).click()
    python_agrees("history=[3, 8, 3, 20] candidate=25 reader=9")

    in_python(page, "figure.history = [5, 5]; figure.candidate = 0; figure.reader = 4")
    page.wait_for_function(
        "() => document.querySelectorAll('.sv-tiles li').length === 2"
    )
    python_agrees("history=[5, 5] candidate=0 reader=4")
    assert axe_report(page, within=".sv-card") == ""


def test_three_figures_of_one_notebook_say_what_python_says(run_notebook):
    page = run_notebook("memories")
    memory, alignment, gate = (
        page.locator(f".sv-{name}-explorer") for name in ("memory", "alignment", "gate")
    )
    memory.locator(".sv-slope").first.wait_for()

    def slopes_agree(beginning):
        python_says(page, beginning)
        slopes = memory.locator(".sv-slope").evaluate_all(
            "all => all.map(one => +one.dataset.slope)"
        )
        python_says(page, f"{beginning} slopes={[f'{slope:.4g}' for slope in slopes]}")

    slopes_agree("layer=0 history=[4, 0, 1, 2, 3, 2]")
    memory.get_by_label("LSTM", exact=True).check(force=True)
    slopes_agree("layer=1 history=[4, 0, 1, 2, 3, 2]")
    memory.get_by_role("button", name="Later").click()
    memory.get_by_label("Make the picked behavior").select_option("tent")
    slopes_agree("layer=1 history=[0, 2, 1, 2, 3, 2]")
    in_python(page, "memory.layer = 2; memory.history = [5, 4, 3, 2, 1, 0]")
    memory.locator(".sv-tile[title='reading lamp']").wait_for()
    slopes_agree("layer=2 history=[5, 4, 3, 2, 1, 0]")

    def weights_agree(beginning):
        python_says(page, beginning)
        weights = alignment.locator("[data-row='0']").evaluate_all(
            "all => all.map(one => +one.dataset.weight)"
        )
        answers = alignment.locator(".sv-answer").all_inner_texts()
        right = sum(answer.endswith("right") for answer in answers)
        words = [f"{weight:.4f}" for weight in weights]
        python_says(page, f"{beginning} weights={words} right={right}")

    weights_agree("reader=0 n=4 history=[13, 0, 7, 4]")
    alignment.get_by_role("button", name="Later").click()
    weights_agree("reader=0 n=4 history=[0, 13, 7, 4]")
    alignment.get_by_label("Clicks read, n").press("ArrowLeft")
    weights_agree("reader=0 n=3 history=[0, 13, 7, 4]")
    alignment.get_by_label("last state", exact=True).check(force=True)
    weights_agree("reader=2 n=3 history=[0, 13, 7, 4]")
    in_python(page, "alignment.reader = 1; alignment.length = 2")
    page.wait_for_function(
        "() => document.querySelectorAll('.sv-align tbody tr').length === 2"
    )
    weights_agree("reader=1 n=2 history=[0, 13, 7, 4]")

    def lists_agree(beginning):
        python_says(page, beginning)
        names = gate.locator(".sv-lines .sv-name").all_inner_texts()[:3]
        first = [re.sub(r"^\d+ | \(new\)$", "", name) for name in names]
        python_says(page, f"{beginning} first={first}")

    lists_agree("session=0 fusion=0")
    gate.get_by_label("Session").first.select_option(label="novels")
    lists_agree("session=1 fusion=0")
    gate.get_by_label("past alone", exact=True).check(force=True)
    lists_agree("session=1 fusion=3")
    in_python(page, "gate.session = 0; gate.fusion = 2")
    gate.get_by_text("tents, ").first.wait_for()
    lists_agree("session=0 fusion=2")
    for name in ("memory", "alignment", "gate"):
        assert axe_report(page, within=f".sv-{name}-explorer .sv-card") == ""


def test_what_the_page_has_learned_reaches_python(run_notebook):
    page = run_notebook("learning")
    page.wait_for_selector(".sv-card .sv-vector")
    python_says(page, "K=4 epochs=[0, 0] losses=['0.000', '0.000']")
    in_python(page, "figure.playing = True")
    python_says(page, "K=4 epochs=[10, 10] losses=")
    heads = page.locator(".sv-head b").all_inner_texts()
    assert page.get_by_text("Epoch 10.0. A: loss ").count() == 1
    said = page.locator(".widget-label", has_text="losses=").inner_text()
    for number in heads[:2]:
        assert abs(float(number) - _nearest(said, float(number))) < 0.006

    in_python(page, "figure.b = {**figure.b, 'interests': 2}")
    python_says(page, "K=2 epochs=[0, 0]")
    page.get_by_role("button", name="Step", exact=True).click()
    python_says(page, "K=2 epochs=[2.5, 2.5]")
    assert axe_report(page, within=".sv-card") == ""


def _nearest(said, number):
    """Return the loss that Python says which is nearest to a number."""
    losses = [float(one) for one in re.findall(r"'(-?[\d.]+)'", said)]
    return min(losses, key=lambda loss: abs(loss - number))
