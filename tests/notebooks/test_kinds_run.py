"""Kinds of faults that show when a chapter runs: shape comments and printed verdicts.

Every chapter runs once, in a process of its own; this is the slow part of the kinds.
"""

from kinds.not_yet import each_chapter, hold
from kinds.outputs import faults_of_outputs
from kinds.running import run_of


@each_chapter("runs", run=True)
def test_every_cell_runs(place):
    run = run_of(place.name)
    assert run.error is None, run.error
    assert set(run.outputs) == {cell.id for cell in place.of_kind("code")}


@each_chapter("shapes", run=True)
def test_shape_comments_are_true(place):
    run = run_of(place.name)
    assert run.shape_comments > 0, "no line says its shape"
    hold(run.shape_faults)


@each_chapter("outputs", run=True)
def test_printed_verdicts_are_asserted_or_explained(place):
    hold(faults_of_outputs(place, run_of(place.name).outputs))
