"""The session after the LSTM: states read one another, then the user reads them."""

import torch

from seqviz.checks.engine import Case, Task, mistake
from seqviz.layers import masked_softmax

TASK = Task(
    title="From the states to the session",
    difficulty="project",
    minutes=40,
    shapes="states [B, T, E], mask [B, T], user [B, E] -> [B, E]",
    gradients=("states", "user"),
    vary="padded sessions",
)


def look(states, mask):
    """The weights of self-attention ``[B, T, T]``; padding is not read."""
    scores = states @ states.mT / states.shape[-1] ** 0.5
    return masked_softmax(scores, mask[:, None].expand_as(scores))


def ask(related, mask, user):
    """The weights of the user ``[B, T]``."""
    return masked_softmax((related @ user[..., None])[..., 0], mask)


def reference(states, mask, user, weights=None, asked=None, read=None, shift=0.0):
    weights = look(states, mask) if weights is None else weights
    related = weights @ states + shift
    asked = ask(related, mask, user) if asked is None else asked
    read = related if read is None else read
    return torch.einsum("bt,bte->be", asked, read)


def cases():
    def draw(name, B=3, T=5, E=4, real=1.0, side=None):
        states, user = torch.randn(B, T, E), torch.randn(B, E)
        mask = torch.rand(B, T) < real
        mask[:, 0 if side == "right" else -1] = True
        if side:
            length = mask.sum(1, keepdim=True)
            place = torch.arange(T)
            mask = place < length if side == "right" else place >= T - length
        # what stands at padding means nothing
        states = states.where(mask[..., None], 3 + states.abs())
        return Case(name, {"states": states, "mask": mask, "user": user})

    yield draw("full sessions")
    yield draw("padded sessions", B=5, T=6, real=0.6, side="right")
    yield draw("padding on the left", B=4, T=6, real=0.5, side="left")
    yield draw("padding within", B=4, T=6, real=0.6)
    empty = draw("an empty session", B=4, real=0.7)
    empty.inputs["mask"][1] = False
    yield empty
    yield draw("one click", B=3, T=1)
    single = draw("one click among padding", B=3, T=5, real=0.0, side="left")
    yield single


@mistake
def last_state_read(states, mask):
    """you read the last place, where a padded session has padding. And the user is not
    asked."""
    return (look(states, mask) @ states)[:, -1]


@mistake
def latest_state_read(states, mask):
    """you read the latest click: the user is not asked."""
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    related = look(states, mask) @ states
    return related[torch.arange(len(place)), place] * mask.any(1, keepdim=True)


@mistake
def states_do_not_meet(states, mask):
    """the user reads the states themselves. First they are to read one another."""
    return {"weights": torch.eye(mask.shape[1]).to(states).expand(len(mask), -1, -1)}


@mistake
def asks_before_they_meet(states, mask, user):
    """the user's weights come from the states before they have read one another."""
    return {"asked": ask(states, mask, user)}


@mistake
def reads_the_first_states(states):
    """the user's weights are right, but they add up the states of before, not what the
    self-attention made of them."""
    return {"read": states}


@mistake
def padding_is_read(states):
    """clicks read padding in your self-attention: no mask before its softmax."""
    scores = states @ states.mT / states.shape[-1] ** 0.5
    return {"weights": scores.softmax(-1)}


@mistake
def user_reads_padding(states, mask, user):
    """the user reads padding: no mask before her softmax."""
    related = look(states, mask) @ states
    return {"asked": (related @ user[..., None])[..., 0].softmax(-1)}


@mistake
def looks_back_only(states, mask):
    """a click reads only what came before it. The session is over when it is read: each
    reads all."""
    scores = states @ states.mT / states.shape[-1] ** 0.5
    earlier = torch.ones(scores.shape[1:]).bool().tril()
    return {"weights": masked_softmax(scores, mask[:, None] & earlier)}


@mistake
def no_scale(states, mask):
    """the scores of the self-attention are not divided by the root of E."""
    scores = states @ states.mT
    return {"weights": masked_softmax(scores, mask[:, None].expand_as(scores))}


@mistake
def user_scaled(states, mask, user):
    """you divide the user's scores by the root of E, too. SDM divides those of the
    self-attention only."""
    related = look(states, mask) @ states
    return {"asked": ask(related, mask, user / user.shape[-1] ** 0.5)}


@mistake
def state_added(states):
    """you add the state itself to what it has read. This exercise has no residual."""
    return {"shift": states}


@mistake
def mean_of_the_session(states, mask):
    """you average the session: the user is not asked."""
    related = look(states, mask) @ states
    count = mask.sum(1, keepdim=True).clamp(min=1)
    return (related * mask[..., None]).sum(1) / count


@mistake
def softmax_over_who_reads(states, mask):
    """the softmax of your self-attention runs over who reads. It runs over who is
    read: the shares of one reader sum to 1."""
    scores = states @ states.mT / states.shape[-1] ** 0.5
    pairs = mask[:, :, None].expand_as(scores)
    return {"weights": masked_softmax(scores, pairs, 1) * mask[:, None]}


@mistake
def nan_if_empty(states, mask, user):
    """only the empty session is wrong: a softmax over nothing is NaN. It should give
    zeros."""
    related = look(states, mask) @ states
    scores = (related @ user[..., None])[..., 0].masked_fill(~mask, -torch.inf)
    return {"asked": scores.softmax(-1)}
