"""What the loss sees: what is hidden, and nothing else."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="a loss over marked places",
    shapes="logits [B, T, N], item_ids [B, T], hidden [B, T] -> []",
    vary="some rows hide nothing",
)


def reference(logits, item_ids, hidden, columns=None, asked=None, log=None):
    columns = item_ids - 1 if columns is None else columns
    asked = hidden if asked is None else asked
    log = logits.log_softmax(-1) if log is None else log
    return -told(log, columns)[asked].mean()


def told(log, columns):
    """``[B, T]``: the entry of each place's own item."""
    columns = columns.clamp(0, log.shape[-1] - 1)
    return log.gather(-1, columns[..., None])[..., 0]


def cases():
    def draw(*rows, N=7):
        """``?`` is a hidden item, ``x`` another one, ``.`` padding."""
        signs = [list(row) for row in rows]
        hidden = torch.tensor([[sign == "?" for sign in row] for row in signs])
        real = torch.tensor([[sign != "." for sign in row] for row in signs])
        ids = torch.randint(1, N + 1, hidden.shape) * real
        return 2 * torch.randn(*hidden.shape, N), ids, hidden

    yield "full rows", *draw("x?x?x", "?xx?x", "xx??x")
    yield "padded rows", *draw("..x?x", ".?xx?", "x?x..", "?xxx?")
    yield "some rows hide nothing", *draw("xxx?", "xxxx", "?x??", "....")
    yield "everything hidden", *draw("???", "???", N=4)
    yield "one hidden item", *draw("xx?", N=4)
    yield "the first place hidden", *draw("?xxx", "?x.?", N=5)


@mistake(symptom="a loss that hears what is not hidden")
def all_places(item_ids):
    """you take the mean over every real place. Where the item is there to be read, to
    name it is no art: the loss is of what is hidden."""
    return {"asked": item_ids != 0}


@mistake
def what_is_seen(item_ids, hidden):
    """you have the loss of what is seen; that of what is hidden is wanted."""
    seen = (item_ids != 0) & ~hidden
    return {"asked": seen} if seen.any() else torch.zeros((), dtype=torch.float64)


@mistake
def over_all_places(logits, item_ids, hidden):
    """you divide by all B times T places: the sum is right, but its mean is over the
    hidden ones."""
    log = logits.log_softmax(-1)
    return -(told(log, item_ids - 1) * hidden).mean()


@mistake(symptom="the right loss only if rows hide equally many")
def row_by_row(logits, item_ids, hidden):
    """you average within each row first, then over the rows. A row with one hidden item
    counts then as much as one with ten; each hidden item should count alike."""
    loss = -told(logits.log_softmax(-1), item_ids - 1) * hidden
    count = hidden.sum(1)
    some = count > 0
    return (loss.sum(1)[some] / count[some]).mean()


@mistake
def a_sum(logits, item_ids, hidden):
    """you add up the losses; their mean is wanted, or more hidden items would be a
    larger step."""
    return -(told(logits.log_softmax(-1), item_ids - 1) * hidden).sum()


@mistake
def the_next_item(item_ids):
    """you compare each place with the item after it, as SASRec does. The cloze asks for
    the item of the place itself."""
    following = item_ids.roll(-1, 1)
    return {"columns": following - 1}


@mistake
def one_column_off(item_ids):
    """you look one column too far: there is no column for padding, so item 1 is the
    first."""
    return {"columns": item_ids}


@mistake
def over_the_places(logits):
    """your softmax runs over the places. It runs over the items: of each place the
    chances sum to 1."""
    return {"log": logits.log_softmax(1)}


@mistake
def no_softmax(logits):
    """these are the logits themselves, without a softmax: nothing pushes the other
    items down."""
    return {"log": logits}


@mistake
def chances_not_logarithms(logits):
    """you average the chances; the loss is of their logarithms."""
    return {"log": logits.softmax(-1)}


@mistake(seen_in="RecBole 1.2.1")
def first_place_left_out(hidden):
    """what is hidden at the first place of a row has no loss: its number 0 was taken
    for padding."""
    asked = hidden.clone()
    asked[:, 0] = False
    return {"asked": asked} if asked.any() else {"asked": hidden}


@mistake(right=torch.neg)
def wrong_sign():
    """the sign is turned round: this grows as the model gets better."""
