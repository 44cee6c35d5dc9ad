"""The Python side of the learning explorer: state, still figure, bad input."""

import json
import re

import numpy as np
import pytest
from learning_shop import N, learning_shop
from traitlets import TraitError

from seqviz.explorers import MODULES, LearningExplorer, Setting
from seqviz.explorers.learning.training import Run, learn, measure

TITLES = [f"item {n}" for n in range(1, N + 1)]
CATEGORIES = [f"shelf {(n - 1) // 5}" for n in range(1, N + 1)]
PAIR = (Setting(interests=0), Setting())


def explorer(**changes):
    arguments = {
        "people": {"Noor": 0, "Ravi": 3},
        "comparisons": {"one and four": PAIR},
        "epochs": 10,
        "still_epochs": 1,
        **changes,
    }
    titles = arguments.pop("titles", TITLES)
    categories = arguments.pop("categories", CATEGORIES)
    shop = arguments.pop("shop", None) or learning_shop()
    return LearningExplorer(shop, titles, categories, **arguments)


def test_what_is_sent_is_what_the_page_reads():
    shown = explorer()
    read = set(re.findall(r'model\.get\("(\w+)"\)', MODULES["learning"]))
    assert read and read <= set(shown.state()) | {"live"}
    assert json.dumps(shown.state())
    epochs = Run(learning_shop(), Setting()).per_epoch * 10
    assert shown.most == -(-epochs // 5)


def test_the_worker_travels_inside_the_module():
    module = MODULES["learning"]
    assert "import.meta" not in module
    assert module.count("new Blob([") == 1 and "export default function" not in module


def test_the_offered_values_hold_those_of_the_comparisons():
    odd = Setting(interests=3, temperature=0.07, seed=11)
    choices = explorer(comparisons={"odd": (odd, PAIR[1])}).choices
    assert choices["interests"] == [0, 1, 2, 3, 4, 8]
    assert 0.07 in choices["temperature"] and choices["seed"][-1] == 11


def test_the_still_figure_follows_the_setting_and_the_person():
    shown = explorer()
    still = shown.still()
    log = shown.learned("b").log
    recall = f"Recall@20 {log['recall'].iloc[-1]:.2f}"
    assert "After 1 epochs A: one vector, the mean: loss " in still and recall in still
    assert "the interests of Noor" in still
    shown.person = 1
    assert "the interests of Ravi" in shown.still() != still
    shown.b = Setting(interests=2).as_dict()
    assert "B: ComiRec-SA, K = 2" in shown.still()
    assert "sv-sentence" in shown.outline()
    assert "loss" not in explorer(still_epochs=0).still().split("aria-label")[1][:90]


def test_a_log_has_a_row_for_each_epoch_and_ends_where_the_run_ends():
    learned = learn(learning_shop(), Setting(), epochs=2)
    assert learned.log["epoch"].tolist() == [0, 1, 2]
    assert np.isnan(learned.log["loss"][0]) and (learned.log["loss"][1:] > 0).all()
    run = Run(learning_shop(), Setting()).train(2)
    wanted = measure(run.model, learning_shop())["recall"].mean()
    assert learned.log["recall"].iloc[-1] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shop": "shop"}, "shop must be a LearningShop, got str"),
        ({"titles": TITLES[1:]}, "titles must hold 40 texts, got 39"),
        ({"categories": []}, "categories must hold 40 texts, got 0"),
        ({"people": {}}, "people must map 1 to 4 names to places"),
        ({"people": {"Noor": 20}}, r"people\['Noor'\] must lie in 0..19, got 20"),
        ({"comparisons": {}}, "comparisons must map names to two settings"),
        ({"comparisons": {"a": (1, 2)}}, r"comparisons\['a'\] must be two of Setting"),
        ({"epochs": 0}, "epochs must"),
        ({"still_epochs": -1}, "still_epochs must"),
        ({"title": ""}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("a", {"interests": 9}, "a: interests must"),
        ("b", {"colour": 1}, "b: .*colour"),
        ("b", {"temperature": 0.3}, "b: temperature must be one of .* got 0.3"),
        ("person", 2, "person must lie in 0 to 1, got 2"),
        ("marked", 9, "marked must lie in 0 to 8"),
    ],
)
def test_a_trait_out_of_range_is_refused(name, value, words):
    with pytest.raises(TraitError, match=words):
        setattr(explorer(), name, value)
