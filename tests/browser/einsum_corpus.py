"""Einsum equations, right and wrong, with shapes: made by chance, fixed by a seed."""

import random

import numpy as np
import torch


def corpus(count: int, seed: int = 0) -> list[tuple[str, list[list[int]]]]:
    """Return ``count`` pairs of an equation and the shapes of its operands."""
    chance = random.Random(seed)
    return [_one(chance) for _ in range(count)]


def operands(shapes):
    """Return a float64 tensor for each shape, halves from -1.5 on."""
    return [
        torch.arange(int(np.prod(shape)), dtype=torch.double).reshape(shape) % 5
        - 1.5
        + number
        for number, shape in enumerate(shapes)
    ]


def torch_says(equation, shapes):
    """Return torch's result, or None when it refuses."""
    try:
        return torch.einsum(equation, *operands(shapes))
    except (RuntimeError, ValueError):
        return None


def _one(chance):
    letters = chance.sample("abcijkABt", 4)
    sizes = {letter: chance.choice([1, 2, 2, 3]) for letter in letters}
    hidden = [chance.choice([1, 2, 3]) for _ in range(2)]
    terms, shapes = [], []
    for _ in range(chance.choice([1, 1, 2, 2, 2, 3])):
        term = [chance.choice(letters) for _ in range(chance.randint(0, 3))]
        shape = [
            sizes[letter] if chance.random() < 0.93 else chance.choice([1, 2, 3])
            for letter in term
        ]
        if chance.random() < 0.3:
            place, depth = chance.randint(0, len(term)), chance.randint(0, 2)
            term.insert(place, "...")
            known = chance.random() < 0.9
            shape[place:place] = hidden[2 - depth :] if known else [2] * depth
        terms.append("".join(term))
        shapes.append(shape)
    equation = ",".join(terms)
    if chance.random() < 0.8:
        seen = [sign for sign in dict.fromkeys("".join(terms)) if sign != "."]
        output = chance.sample(seen, chance.randint(0, len(seen)))
        if chance.random() < 0.1:
            output.insert(
                chance.randint(0, len(output)), chance.choice([*letters, "z"])
            )
        if chance.random() < 0.3:
            output.insert(chance.randint(0, len(output)), "...")
        equation += "->" + "".join(output)
    kind = chance.random()
    place = chance.randint(0, len(equation))
    if kind < 0.1:
        equation = equation[:place] + chance.choice(" .,->1é_\t") + equation[place:]
    elif kind < 0.2:
        equation = equation[:place] + equation[place + 1 :]
    elif kind < 0.25:
        spaced = "." not in equation and "-" not in equation
        equation = " ".join(equation) if spaced else f" {equation} "
    if chance.random() < 0.03:
        shapes.append([2])
    elif chance.random() < 0.03 and len(shapes) > 1:
        shapes.pop()
    return equation, shapes
