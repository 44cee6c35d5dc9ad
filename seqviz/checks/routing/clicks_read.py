"""How many clicks an interest reads: the effective number of a row of the coupling."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(coupling: Tensor) -> Tensor:
    """``[B, K, T] -> [B, K]``."""
    number = _entropy(_shares(coupling)).exp()
    return number.masked_fill((coupling == 0).all(-1), 0.0)


def cases(generator: Generator) -> Iterator[Case]:
    """Shares over the interests, padding, an interest that reads nothing."""

    def draw(name: str, B: int, K: int, T: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        mask[:, -1] = True
        if real < 1:
            mask[0, 0] = False
        coupling = (2 * torch.randn(B, K, T, generator=generator)).softmax(1)
        return Case(name, {"coupling": coupling * mask[:, None]})

    first = draw("full histories", 2, 3, 5)
    yield first
    padded = draw("padded histories", 4, 3, 6, real=0.6)
    yield padded
    single = draw("an interest that reads one click", 2, 3, 5)
    single.inputs["coupling"][0, 1] = torch.tensor([0.0, 0.0, 0.7, 0.0, 0.0])
    yield single
    silent = draw("an interest that reads nothing", 3, 3, 5, real=0.7)
    silent.inputs["coupling"][1, 2] = 0
    silent.inputs["coupling"][2] = 0
    yield silent
    yield draw("one click", 2, 3, 1)
    yield draw("as many interests as clicks", 2, 4, 4)
    yield silent.strided()
    yield silent.cast(torch.float64)
    yield silent.cast(torch.float16)


def _shares(coupling: Tensor) -> Tensor:
    total = coupling.sum(-1, keepdim=True)
    return coupling / total.masked_fill(total == 0, 1.0)


def _entropy(shares: Tensor) -> Tensor:
    safe = shares.masked_fill(shares == 0, 1.0)
    return -(shares * safe.log()).sum(-1)


def _silent(coupling: Tensor, number: Tensor) -> Tensor:
    return number.masked_fill((coupling == 0).all(-1), 0.0)


def _not_divided(coupling: Tensor) -> Tensor:
    return _silent(coupling, _entropy(coupling).exp())


def _no_exponential(coupling: Tensor) -> Tensor:
    return _entropy(_shares(coupling))


def _base_two(coupling: Tensor) -> Tensor:
    number = (_entropy(_shares(coupling)) / torch.log(torch.tensor(2.0))).exp()
    return _silent(coupling, number.to(coupling))


def _negative(coupling: Tensor) -> Tensor:
    return _silent(coupling, (-_entropy(_shares(coupling))).exp())


def _nan(coupling: Tensor) -> Tensor:
    shares = _shares(coupling)
    return _silent(coupling, (-(shares * shares.log()).sum(-1)).exp())


def _nan_silent(coupling: Tensor) -> Tensor:
    shares = coupling / coupling.sum(-1, keepdim=True)
    return _entropy(shares).exp()


def _one_for_nothing(coupling: Tensor) -> Tensor:
    return _entropy(_shares(coupling)).exp()


def _squares(coupling: Tensor) -> Tensor:
    return _silent(coupling, 1 / _shares(coupling).square().sum(-1).clamp(min=1e-4))


def _total(coupling: Tensor) -> Tensor:
    return coupling.sum(-1)


def _counted(coupling: Tensor) -> Tensor:
    return (coupling > 0).sum(-1).to(coupling)


def _softmax(coupling: Tensor) -> Tensor:
    return _silent(coupling, _entropy(coupling.softmax(-1)).exp())


def _mean_click(coupling: Tensor) -> Tensor:
    total = coupling.sum((1, 2), keepdim=True)
    shares = coupling / total.masked_fill(total == 0, 1.0)
    return _silent(coupling, _entropy(shares).exp())


EXERCISE = Exercise(
    name="routing/clicks-read",
    title="The other collapse",
    minutes=30,
    difficulty="project",
    inputs={"coupling": "B K T"},
    output="B K",
    reference=reference,
    cases=cases,
    dtype_of="coupling",
    mistakes=(
        Mistake(
            "row-not-divided",
            "the entropy is taken of the coupling as it stands. Its rows do not sum "
            "to 1: divide each by its sum first.",
            _not_divided,
        ),
        Mistake(
            "divided-by-the-whole",
            "you divide by the sum over all interests of the user. Each interest has "
            "a row of its own to make shares of.",
            _mean_click,
        ),
        Mistake(
            "no-exponential",
            "this is the entropy. Its exponential is a number of clicks.",
            _no_exponential,
        ),
        Mistake(
            "two-bases",
            "you take the logarithm to base 2 and then the exponential to base e. "
            "One base for both.",
            _base_two,
        ),
        Mistake(
            "sign-of-the-entropy",
            "your numbers are below 1: the minus of the entropy is missing.",
            _negative,
        ),
        Mistake(
            "inverse-sum-of-squares",
            "you take 1 over the sum of the squared shares: another effective number, "
            "which counts small shares less. Asked is the one by entropy.",
            _squares,
        ),
        Mistake(
            "sum-of-the-row",
            "you sum the row: that is how much the interest got, from however many "
            "clicks.",
            _total,
        ),
        Mistake(
            "positive-shares-counted",
            "you count every click with a share above 0, however small it is.",
            _counted,
        ),
        Mistake(
            "softmax-again",
            "the coupling has been through a softmax. Another one pulls the shares "
            "together and gives padding a part.",
            _softmax,
        ),
        Mistake(
            "nan-at-zero",
            "where a share is 0 you have 0 times the logarithm of 0, which is NaN. "
            "Its limit is 0.",
            _nan,
        ),
        Mistake(
            "nan-for-nothing",
            "only an interest that reads nothing is wrong: its row is divided by 0.",
            _nan_silent,
        ),
        Mistake(
            "one-for-nothing",
            "only an interest that reads nothing is wrong: the exponential of 0 is 1, "
            "but it reads no click.",
            _one_for_nothing,
        ),
    ),
)
