"""Runs are done once, whole or not at all, by whichever process comes first."""

import multiprocessing

import numpy as np
import pytest

from seqviz.experiments.runs import Run, Runs, pack, unpack

NAMES = [{"model": model, "seed": seed} for model in "ab" for seed in range(3)]


def made(name):
    values = np.arange(4, dtype=np.float32) + name["seed"]
    return Run(name, {"best_epoch": 3}, {"recall@20": values})


def same(one, other):
    assert (one.name, one.row) == (other.name, other.row)
    assert set(one.users) == set(other.users)
    for metric, values in one.users.items():
        np.testing.assert_array_equal(values, other.users[metric])
    return True


def test_what_is_done_is_not_done_again(tmp_path):
    asked = []

    def do(name):
        asked.append(name)
        return made(name)

    Runs(tmp_path).save(made(NAMES[2]))
    found = Runs(tmp_path).complete(NAMES, do)
    assert all(same(run, made(name)) for run, name in zip(found, NAMES, strict=True))
    assert asked == [name for name in NAMES if name != NAMES[2]]
    Runs(tmp_path).complete(NAMES, do)
    assert len(asked) == 5


def test_an_interrupt_loses_the_run_that_it_meets_and_no_other(tmp_path):
    def do(name):
        if name == NAMES[3]:
            raise KeyboardInterrupt
        return made(name)

    with pytest.raises(KeyboardInterrupt):
        Runs(tmp_path).complete(NAMES, do)
    known = [Runs(tmp_path).load(name) is not None for name in NAMES]
    assert known == [True] * 3 + [False] * 3
    assert len(Runs(tmp_path).complete(NAMES, made)) == 6


def test_a_half_written_run_is_none(tmp_path):
    runs = Runs(tmp_path)
    runs.save(made(NAMES[0]))
    (file,) = tmp_path.glob("*.npz")
    file.rename(file.with_suffix(".77.part"))
    assert runs.load(NAMES[0]) is None


@pytest.mark.parametrize("kept", [0, 30, -30])
def test_a_damaged_run_is_none_and_is_done_again(tmp_path, kept):
    runs = Runs(tmp_path)
    runs.save(made(NAMES[0]))
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:kept])
    assert runs.load(NAMES[0]) is None
    (again,) = runs.complete(NAMES[:1], made)
    assert same(again, made(NAMES[0]))


def _work(folder, log):
    def do(name):
        log.put(str(name))
        return made(name)

    Runs(folder).complete(NAMES, do)


def test_two_processes_share_the_work(tmp_path):
    context = multiprocessing.get_context("fork")
    log = context.Queue()
    both = [context.Process(target=_work, args=(tmp_path, log)) for _ in range(2)]
    for one in both:
        one.start()
    done = [log.get(timeout=60) for _ in NAMES]
    for one in both:
        one.join(60)
        assert one.exitcode == 0
    assert sorted(done) == sorted(map(str, NAMES)) and log.empty()


def test_a_run_of_another_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match="do must make the run of .*'seed': 1.*0"):
        Runs(tmp_path).complete(NAMES[1:2], lambda name: made(NAMES[0]))


def test_packed_runs_come_back():
    runs = [made(name) for name in NAMES] + [Run({"model": "count"}, {})]
    about, back = unpack(pack({"made_by": "a test"}, runs))
    assert about == {"made_by": "a test"} and len(back) == len(runs)
    assert all(same(one, other) for one, other in zip(runs, back, strict=True))
