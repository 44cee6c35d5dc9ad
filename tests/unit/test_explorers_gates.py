"""The Python side of the gates explorer: look-up, state, still figure, bad input."""

import re
from dataclasses import replace

import numpy as np
import pytest
from traitlets import TraitError

from seqviz.explorers import MODULES, Gates, GatesExplorer

SIZES = 2, 3
INPUTS = {"user": ["Ada", "Bo"], "hour": ["early", "noon", "late"]}


def gates(kind, shape, full=1.0, seed=0):
    rng = np.random.default_rng(seed)
    labels = [f"label {y}" for y in range(shape[0])] if kind == "flow" else []
    return Gates(
        kind,
        [f"part {g}" for g in range(shape[-1])],
        rng.random((*SIZES, *shape)) * full,
        rng.random(SIZES),
        rng.random(SIZES),
        rng.random(shape) * full,
        full=full,
        labels=labels,
    )


def jobs():
    return {
        "SENet": gates("dials", (4,), seed=1),
        "LHUC": gates("dials", (3,), 2.0, seed=2),
        "DIN": gates("bars", (5,), seed=3),
        "MMoE": gates("flow", (2, 3), seed=4),
    }


def explorer(**changes):
    return GatesExplorer(**{"inputs": INPUTS, "jobs": jobs(), **changes})


def test_it_shows_what_the_model_gave_for_the_chosen_input():
    given = jobs()
    for choice in np.ndindex(*SIZES):
        shown = explorer(choice=choice).shown()
        for (values, chance), own in zip(shown, given.values(), strict=True):
            np.testing.assert_allclose(
                values, np.float32(own.values[choice]).reshape(-1)
            )
            assert chance == pytest.approx(own.chances[choice])


def test_the_frozen_one_stands_still_and_the_others_do_not():
    choices = (0, 0), (1, 2)
    one, other = (explorer(freeze=3, choice=choice).shown() for choice in choices)
    given = jobs()["DIN"]
    for shown, choice in ((one, (0, 0)), (other, (1, 2))):
        np.testing.assert_allclose(shown[2][0], np.float32(given.mean))
        assert shown[2][1] == pytest.approx(given.frozen[choice])
    assert not np.allclose(one[0][0], other[0][0])


def test_what_is_sent_is_what_the_page_reads():
    shown = explorer()
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["gates"])
    assert read and set(read) <= set(shown.state())
    assert shown.jobs[3]["labels"] == ["label 0", "label 1"]
    assert shown.values[3]["shape"] == [6, 6]
    assert shown.truth is None
    assert explorer(truth=np.full(SIZES, 0.5)).truth["shape"] == [6]


def test_the_still_figure_follows_and_escapes():
    shown = explorer(inputs={"user": ["<b>", "Bo"], "hour": ["a", "b", "c"]})
    still = shown.still()
    assert "&lt;b&gt;" in still and "<b>," not in still
    for name, value in {"choice": [1, 2], "freeze": 2}.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    assert "Bo, c: the chances are SENet 0." in still and "(frozen)" in still
    assert "part 2 for label 1" in still
    assert "sv-sentence" in shown.outline()


def changed(job, **changes):
    given = jobs()
    return {"jobs": {**given, job: replace(given[job], **changes)}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inputs": {}}, "inputs must map 1 to 4 names"),
        ({"inputs": {"a": "xy"}}, r"inputs\['a'\] must be a sequence"),
        ({"inputs": {"a": ["x"] * 7}}, r"inputs\['a'\] must hold 1 to 6 values, got 7"),
        ({"jobs": {}}, "jobs must map 1 to 6 names to Gates"),
        ({"jobs": {"a": 3}}, r"jobs\['a'\] must be Gates, got 3"),
        (changed("DIN", kind="pie"), r"jobs\['DIN'\].kind must be one of bars"),
        (changed("DIN", labels=["a"]), r"labels must be there for flow alone"),
        (changed("MMoE", labels=[]), r"labels must be there for flow alone"),
        (changed("DIN", names=["a"]), r"DIN'\].values must have shape \[2, 3, 1\]"),
        (
            changed("DIN", names=list("abcdefghijklm")),
            r"jobs\['DIN'\] must have 1 to 12 coefficients, got \[13\]",
        ),
        (changed("DIN", full=0), r"full must be above 0, got 0"),
        (changed("DIN", mean=np.full(5, 2.0)), r"mean must lie in 0 to 1, got 2.0"),
        (changed("LHUC", mean=np.full(3, np.nan)), r"mean must lie in 0 to 2, got nan"),
        (changed("DIN", chances=np.zeros(3)), r"chances must have shape \[2, 3\]"),
        ({"truth": np.zeros(6)}, r"truth must have shape \[2, 3\], got \[6\]"),
        ({"title": ""}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("choice", [0]), ("choice", [0, 3]), ("choice", [-1, 0]), ("freeze", 5)],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
