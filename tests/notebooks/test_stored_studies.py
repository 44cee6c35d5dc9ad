"""What `make experiments` has stored of each study is whole and of its script."""

import json
from itertools import product

import pytest
from definitions import BOOK, experiment

from seqviz.experiments import read_study

STUDIES = sorted(
    str(path.relative_to(BOOK)).removesuffix("_runs.npz")
    for path in BOOK.rglob("*_runs.npz")
)


def test_there_are_studies():
    assert "interests/comirec_sa" in STUDIES


@pytest.mark.parametrize("name", STUDIES)
def test_a_stored_study_is_whole(name):
    study, stored = experiment(name).STUDY, read_study(name)
    assert stored.study.as_json() == json.loads(json.dumps(study.as_json()))
    families = len(study.families)
    assert len(stored.trials) == sum(study.splits.values()) * families * study.trials
    rows = stored.runs
    for data, splits in study.splits.items():
        of_data = rows[rows["data"] == data]
        for family in study.families:
            runs = of_data[of_data["model"] == family]
            found = zip(runs["split"], runs["seed"], strict=True)
            assert sorted(found) == list(product(range(splits), range(study.seeds)))
        for count in study.counts:
            assert sorted(of_data[of_data["model"] == count]["split"]) == list(
                range(splits)
            )


@pytest.mark.parametrize("name", STUDIES)
def test_stored_values_are_light(name):
    assert (BOOK / f"{name}_runs.npz").stat().st_size <= 2_000_000
