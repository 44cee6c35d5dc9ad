"""Another squash: with 1/2 in the place of 1, along the middle axis."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="a length that changes, a direction that does not",
    shapes="pulled [B, E, K] -> [B, E, K]",
    vary="an interest of length zero",
)


def reference(pulled, half=0.5, axes=1):
    length = torch.linalg.vector_norm(pulled, dim=axes, keepdim=True)
    return pulled * (length / (half + length.square()))


def cases():
    def draw(B=2, E=4, K=3, scale=1.0):
        return scale * torch.randn(B, E, K)

    yield "a few vectors", draw(E=5)
    yield "short vectors", draw(scale=0.05)
    yield "long vectors", draw(scale=20.0)
    zero = draw(B=3, E=5, K=2)
    zero[1, :, 0], zero[2] = 0, 0
    yield "an interest of length zero", zero
    yield "as many interests as coordinates", draw(K=4)


def lengths(pulled):
    return torch.linalg.vector_norm(pulled, dim=1, keepdim=True)


@mistake(symptom="vectors that point elsewhere than before", axes=2)
def over_the_interests():
    """you take the length over the interests of a user. A vector lies along the axis of
    its coordinates, here the middle one."""


@mistake(half=1.0)
def one_instead_of_a_half():
    """this is the squash of the chapter, with 1. Here a half stands in its place."""


@mistake
def unit_length(pulled):
    """all your vectors have length 1: how sure an interest is has been lost. A short
    one should stay short."""
    length = lengths(pulled)
    return pulled / length.masked_fill(length == 0, 1.0)


@mistake
def not_divided_by_the_length(right, pulled):
    """the factor is right, but the vector that it multiplies is not brought to length 1
    first: long vectors stay long."""
    return right * lengths(pulled)


@mistake
def length_not_squared(pulled):
    """the length stands where its square belongs: short vectors stay too long."""
    return pulled / (0.5 + lengths(pulled))


@mistake(axes=(1, 2))
def one_length_for_all():
    """all interests of a user share one length. Each has its own."""


@mistake
def each_coordinate_alone(pulled):
    """you squash each coordinate by itself: the direction changes."""
    return pulled * pulled.abs() / (0.5 + pulled.square())


@mistake(symptom="NaN for the zero vector")
def nan_zero_vector(pulled):
    """only the zero vector is wrong: its length is divided by its length. Cancel one
    length on paper first."""
    square = pulled.square().sum(1, keepdim=True)
    return square / (0.5 + square) * pulled / square.sqrt()


@mistake(seen_in="torch-rechub 0.9.0")
def epsilon_vanishes(pulled):
    """right in single precision. In half precision the small number under the root is
    rounded to 0, and the zero vector is 0 / 0 again."""
    square = pulled.square().sum(1, keepdim=True)
    return square / (0.5 + square) * pulled / (square + 1e-9).sqrt()


@mistake
def nan_gradient(pulled):
    """the numbers are right, but the gradient of a zero vector is NaN: the root has an
    infinite slope at 0. A norm function knows better."""
    length = pulled.square().sum(1, keepdim=True).sqrt()
    return pulled * (length / (0.5 + length.square()))
