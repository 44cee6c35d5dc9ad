'''How to write an exercise.

An exercise is one file in the folder of its chapter: ``seqviz/checks/din/gauc.py`` is
``din/gauc``. Nothing else has to be told about it. It reads from top to bottom::

    """The mean of the real clicks: zeros for an empty history."""

    import torch

    from seqviz.checks.engine import Task, histories, mistake

    TASK = Task(
        label="warm-up, about 10 minutes",
        practice="a mean that leaves padding out",
        shapes="behaviors [B, T, E], mask [B, T] -> [B, E]",
        vary="padded histories",
    )


    def reference(behaviors, mask, least=1):
        total = behaviors.masked_fill(~mask[..., None], 0.0).sum(1)
        return total / mask.sum(1, keepdim=True).clamp(min=least)


    def cases():
        yield "full histories", *histories("xxx", "xxx")
        yield "padded histories", *histories("..x", "xxx", "x.x")
        yield "empty histories", *histories("...", "...")


    @mistake(symptom="another mean when padding is added")
    def averages_the_padding(behaviors):
        """you average all T places: padding counts as clicks."""
        return behaviors.mean(1)


    @mistake(mask=torch.logical_not)
    def inverted_mask():
        """you keep the padding: in `mask`, True means real."""


    @mistake(seen_in="tutorials", symptom="NaN for an empty history", least=0)
    def nan_for_nobody():
        """only the empty history is wrong: 0 divided by 0 is NaN."""


    @mistake
    def one_number(right):
        """every entry is the same: you reduce the embedding as well."""
        yield right.mean(1, keepdim=True).expand_as(right)
        yield right.amax(1, keepdim=True).expand_as(right)

**The task.** The title is the docstring of the file, up to a colon. ``practice`` goes
on after "You practice", wherever the exercise is shown. ``shapes`` is written as in the
notation page; the check tells faults by these letters. A gradient must reach every
floating input, unless ``gradients`` or ``dtype_of`` says otherwise.

**The reference** takes the inputs by name. A number, a flag or a step in which wrong
versions differ is an argument of its own with the right value as its default, as
``least``.

**A case** is its name, which fits after "on", and the inputs in the order of the call;
lists and numbers become tensors. The plainest comes first: the hint is about the first
that fails. Its axes differ in size, so that a transposed result can be named. Random
numbers are seeded; ``histories``, ``marks`` and ``some`` draw what many need. The
engine repeats the case that ``vary`` names: with one user, behavior, interest or query
where the shapes have a B, T, K or Q and no case of the file bears that name; with
tensors that are not contiguous in memory; in float64 and in float16. ``without`` leaves
one of these out and says why.

**A mistake** is a function under ``@mistake``. Its name is the slug (``sum_`` for a
name that Python has taken), its docstring the hint: it follows "Not yet:", names the
fault and the direction, and holds no code. The function takes the inputs that it names,
and besides them ``right``, the result of the reference. It returns the wrong result, or
a dict of those arguments of the reference that it changes, or yields several of them.
What is changed to something fixed, or an input or ``right`` by a function of it alone,
stands in the decorator, and the function has no body: one decorator for each version.
The two mistakes that are made most often have a ``symptom``: what the learner sees of
it, in her words. The chapter folds it away as "I keep getting …", with the hint inside.

**What is handed in** is a function. Where it is a class, say, ``prepare(answer)`` makes
the function out of it, and leaves functions as they are. That function raises
``Refused`` with the sentence that says why the answer cannot be asked.

**A rule** is a function under ``@rule``. It takes ``result`` and the inputs that it
names and returns True, or the numbers that its docstring shows, if a property of every
right answer is broken. It is asked when no mistake fits.

**A museum** shows what several versions gave and asks which one is right. When two
outputs are the same, and the wrong ways to say it, stand in ``engine/museum.py``: the
mistakes there are those of every file that imports it.

``tests/unit/test_checks.py`` then holds that the reference passes, that each wrong
version returns on every case and gets its own hint, and that the hints differ. What is
right in other words stands in ``tests/unit/test_checks_right.py``.
'''

from seqviz.checks.engine.exercise import Refused, Task
from seqviz.checks.engine.inputs import histories, marks, some
from seqviz.checks.engine.page import mistake, rule

__all__ = [
    "Refused",
    "Task",
    "histories",
    "marks",
    "mistake",
    "rule",
    "some",
]
