"""Parts of ours, with RecBole's weights and in its order, are RecBole's models."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.quiet_recbole import import_recbole

pytest.importorskip("recbole", reason="make test-peers")
import_recbole()

from recbole.model.layers import MultiHeadAttention
from recbole.model.sequential_recommender.bert4rec import BERT4Rec as RecboleBERT4Rec
from recbole.model.sequential_recommender.gru4rec import GRU4Rec
from recbole.model.sequential_recommender.narm import NARM
from recbole.model.sequential_recommender.sasrec import SASRec as RecboleSASRec
from recbole.model.sequential_recommender.shan import SHAN
from recbole.model.sequential_recommender.srgnn import SRGNN

from benchmarks.bert4rec import copy_weights as copy_bert4rec
from seqviz.layers import GRU, SelfAttention
from seqviz.models import SRGNN as OurSRGNN
from seqviz.models import BERT4Rec, SASRec
from seqviz.models import GRU4Rec as OurGRU4Rec

B, T, E, HEADS, BLOCKS, ITEMS = 6, 9, 8, 2, 2, 40
seeds = pytest.mark.parametrize("seed", range(3))
SETTINGS = {
    "USER_ID_FIELD": "user_id",
    "ITEM_ID_FIELD": "item_id",
    "LIST_SUFFIX": "_list",
    "ITEM_LIST_LENGTH_FIELD": "item_length",
    "NEG_PREFIX": "neg_",
    "MAX_ITEM_LIST_LENGTH": T,
    "device": "cpu",
    "n_layers": BLOCKS,
    "n_heads": HEADS,
    "hidden_size": E,
    "inner_size": 4 * E,
    "hidden_dropout_prob": 0.0,
    "attn_dropout_prob": 0.0,
    "hidden_act": "relu",
    "layer_norm_eps": 1e-12,
    "initializer_range": 0.3,
    "loss_type": "CE",
    # GRU4Rec
    "embedding_size": E,
    "num_layers": 1,
    "dropout_prob": 0.0,
    # BERT4Rec
    "mask_ratio": 0.2,
    "MASK_ITEM_SEQ": "masked",
    "POS_ITEMS": "positive",
    "NEG_ITEMS": "negative",
    "MASK_INDEX": "places",
    # NARM
    "dropout_probs": (0.0, 0.0),
    # SHAN
    "INVERSE_ITEM_SEQ": True,
    "short_item_length": 3,
    "reg_weight": (0.0, 0.0),
}
BOOK = Path(__file__).resolve().parents[2] / "book"


def copy_weights(ours, theirs):
    """RecBole's weights into ours; its biases of the messages become the GRU's."""
    gnn, cell, read_out = theirs.gnn, ours.step.cell, ours.read_out
    with torch.no_grad():
        # a node without an edge hears no bias in ours
        gnn.linear_edge_in.bias.zero_(), gnn.linear_edge_out.bias.zero_()
        theirs.linear_transform.bias.zero_()
        # ours scales its items up by √E
        ours.embedding.weight.copy_(theirs.item_embedding.weight / E**0.5)
        ours.step.incoming.weight.copy_(gnn.linear_edge_in.weight)
        ours.step.outgoing.weight.copy_(gnn.linear_edge_out.weight)
        # its update gate is the share of the new state, ours that of the old one
        sign = torch.ones(3, E, 1)
        sign[1] = -1
        sign = sign.view(-1, 1)
        cell.weight_ih.copy_(sign * gnn.w_ih)
        cell.weight_hh.copy_(sign * gnn.w_hh)
        messages = torch.cat([gnn.b_iah, gnn.b_ioh])
        cell.bias_ih.copy_(sign[:, 0] * (gnn.b_ih + gnn.w_ih @ messages))
        cell.bias_hh.copy_(sign[:, 0] * gnn.b_hh)
        read_out.of_latest.load_state_dict(theirs.linear_one.state_dict())
        read_out.of_latest.bias += theirs.linear_two.bias
        read_out.of_click.weight.copy_(theirs.linear_two.weight)
        read_out.question.weight.copy_(theirs.linear_three.weight)
        # its linear layer reads the sum first, ours the latest click
        read_out.join.weight.copy_(theirs.linear_transform.weight.roll(E, 1))


def from_the_page(chapter, *names):
    """Functions of a notebook, run without the rest of it."""
    cells = json.loads((BOOK / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    found = {"torch": torch, "F": F}
    for cell in cells:
        if cell["cell_type"] == "code":
            for part in ast.parse("".join(cell["source"])).body:
                if isinstance(part, ast.FunctionDef) and part.name in names:
                    module = ast.Module([part], type_ignores=[])
                    exec(compile(module, chapter, "exec"), found)  # noqa: S102
    assert set(names) <= set(found)
    return SimpleNamespace(**found)


page = from_the_page("systems/next_item", "masked_softmax", "look", "narm", "shan")


class Items:
    """All that its models ask a dataset: how many ids a field has."""

    def num(self, field):
        return ITEMS + 1


def case(seed):
    """Histories of random length on the left, padding on the right; none is empty."""
    torch.manual_seed(seed)
    lengths = torch.randint(1, T + 1, (B,))
    mask = torch.arange(T) < lengths[:, None]
    return torch.randint(1, ITEMS + 1, (B, T)) * mask, mask, lengths


def copy_attention(ours, theirs):
    """Its weights into ours, which has no bias: its own start at 0."""
    with torch.no_grad():
        parts = (theirs.query, theirs.key, theirs.value)
        ours.query_key_value.weight.copy_(torch.cat([part.weight for part in parts]))
        ours.output.weight.copy_(theirs.dense.weight)
        for part in (*parts, theirs.dense):
            part.bias.zero_()


def norm(vectors):
    return F.layer_norm(vectors, vectors.shape[-1:], eps=1e-12)


@seeds
@pytest.mark.parametrize("heads", [1, 2, 8])
@pytest.mark.parametrize("causal", [False, True])
def test_self_attention(seed, heads, causal):
    ids, mask, _ = case(seed)
    states = torch.randn(B, T, E)
    ours = SelfAttention(E, heads, causal=causal)
    theirs = MultiHeadAttention(heads, E, 0.0, 0.0, 1e-12)
    copy_attention(ours, theirs)
    hidden = RecboleSASRec.get_attention_mask(None, ids, bidirectional=not causal)
    expected = theirs(states, hidden)[mask]
    for read in (ours(states, mask), ours(states, mask, need_weights=True)[0]):
        torch.testing.assert_close(
            norm(states + read)[mask], expected, atol=1e-5, rtol=1e-4
        )


@seeds
def test_sasrec(seed):
    """It norms the input and after each sum; ours before each part and the output."""
    ids, mask, lengths = case(seed)
    theirs = RecboleSASRec(SETTINGS, Items()).eval()
    ours = SASRec(
        ITEMS, E, num_heads=HEADS, num_blocks=BLOCKS, max_length=T, hidden_dim=4 * E
    ).eval()
    for block, other in zip(ours.blocks, theirs.trm_encoder.layer, strict=True):
        copy_attention(block.attention, other.multi_head_attention)
        network = other.feed_forward
        linear = [part for part in block.feed_forward if isinstance(part, nn.Linear)]
        for mine, layer in zip(linear, (network.dense_1, network.dense_2), strict=True):
            mine.load_state_dict(layer.state_dict())
    states = norm(theirs.item_embedding(ids) + theirs.position_embedding.weight)
    for block in ours.blocks:
        states = norm(states + block.attention(states, mask))
        states = norm(states + block.feed_forward(states))
    latest = states[torch.arange(B), lengths - 1]
    torch.testing.assert_close(latest, theirs(ids, lengths), atol=1e-5, rtol=1e-4)


@seeds
def test_bert4rec(seed):
    """Its ``forward`` with the mask behind the history; what it serves with is not."""
    ids, _, lengths = case(seed)
    ids[:, -1], lengths = 0, lengths.clamp(max=T - 1)  # room for the mask
    settings = {**SETTINGS, "hidden_act": "gelu"}
    theirs = RecboleBERT4Rec(settings, Items()).eval()
    ours = BERT4Rec(ITEMS, E, HEADS, BLOCKS, max_length=T - 1).eval()
    copy_bert4rec(ours, theirs)
    rows = torch.arange(B)
    asked = ids.clone()
    asked[rows, lengths] = theirs.mask_token
    expected = theirs(asked)[rows, lengths]
    table = theirs.position_embedding.weight.detach()
    for row, length in enumerate(lengths.tolist()):
        # ours counts positions back from the mask, theirs from the first slot
        with torch.no_grad():
            ours.positions.weight[: length + 1] = table[: length + 1].flip(0)
        found = ours.interests(ids[row, None, : T - 1])[0, 0]
        torch.testing.assert_close(found, expected[row], atol=1e-5, rtol=1e-4)
    served = theirs.full_sort_predict(
        {"item_id_list": ids, "item_length": lengths}
    )  # without the oldest item
    by_forward = expected @ theirs.item_embedding.weight[:-1].T + theirs.output_bias
    assert (served - by_forward)[:, 1:].abs().max() > 0.1


@seeds
def test_gru4rec(seed):
    """Its linear layer follows every state, and its cell has no bias."""
    ids, mask, lengths = case(seed)
    theirs = GRU4Rec(SETTINGS, Items()).eval()
    ours = OurGRU4Rec(ITEMS, E, E).eval()
    with torch.no_grad():
        ours.embedding.weight.copy_(theirs.item_embedding.weight)
        layer = theirs.gru_layers
        # ours scales its input up by √E
        ours.recurrent.input_weight.copy_(layer.weight_ih_l0 / E**0.5)
        ours.recurrent.state_weight.copy_(layer.weight_hh_l0)
        ours.output.load_state_dict(theirs.dense.state_dict())
    latest = theirs(ids, lengths)
    found = ours.states(*ours.behaviors(ids))[torch.arange(B), lengths - 1]
    torch.testing.assert_close(found, latest, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(ours.interests(ids)[:, 0], latest, atol=1e-5, rtol=1e-4)
    assert latest.std() > 1e-2


def graph_models(count_repeats):
    """RecBole's SR-GNN and ours with its weights."""
    theirs = SRGNN({**SETTINGS, "step": 2}, Items()).eval()
    ours = OurSRGNN(ITEMS, E, num_steps=2, count_repeats=count_repeats).eval()
    copy_weights(ours, theirs)
    return ours, theirs


@seeds
def test_srgnn(seed):
    """Few items, so that clicks repeat; it counts an edge once."""
    ids, mask, lengths = case(seed)
    ids = (1 + ids % 4) * mask
    ours, theirs = graph_models(count_repeats=False)
    expected = theirs(ids, lengths)
    found = ours.interests(ids)[:, 0]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    assert expected.std() > 1e-2


def test_srgnn_with_counted_edges_differs_where_a_step_repeats():
    rows = [[1, 2, 1, 2, 1, 3, 4, 1, 0], [1, 2, 3, 4, 2, 5, 0, 0, 0]]
    ids = torch.tensor(rows)
    torch.manual_seed(0)
    ours, theirs = graph_models(count_repeats=True)
    found = ours.interests(ids)[:, 0]
    apart = (found - theirs(ids, (ids != 0).sum(1))).abs().amax(1)
    assert apart[0] > 1e-3  # 1 to 2 twice
    assert apart[1] < 1e-5  # no step twice


def padded_in_front(ids, lengths):
    """The same histories, padding on the left."""
    return torch.stack(
        [row.roll(T - n) for row, n in zip(ids, lengths.tolist(), strict=True)]
    )


@seeds
def test_narm(seed):
    """One GRU gives the latest state and all states; the paper draws two.

    Its decoder's matrix reads the sum first, ours has the latest state first.
    """
    ids, _, lengths = case(seed)
    theirs = NARM({**SETTINGS, "hidden_size": E + 1, "n_layers": 1}, Items()).eval()
    gru = GRU(E, E + 1)
    with torch.no_grad():
        gru.input_weight.copy_(theirs.gru.weight_ih_l0)
        gru.state_weight.copy_(theirs.gru.weight_hh_l0)
        gru.bias.zero_(), gru.state_bias.zero_()  # its cell has none
    front = padded_in_front(ids, lengths)
    mask = front != 0
    states, _ = gru(theirs.item_embedding(front), mask)
    of_latest, of_each = theirs.a_2.weight.T, theirs.a_1.weight.T
    found = page.narm(states, mask, of_latest, of_each, theirs.v_t.weight[0])
    expected = theirs(ids, lengths)
    decoder = theirs.b.weight.T.roll(E + 1, 0)
    torch.testing.assert_close(found @ decoder, expected, atol=1e-5, rtol=1e-4)
    assert expected.std() > 1e-3


def shan_case(seed):
    """Its model, ids with padding in front, users, and its weights for our ``shan``."""
    ids, _, lengths = case(seed)
    theirs = SHAN(SETTINGS, Items()).eval()
    with torch.no_grad():  # its own start hardly tells users apart
        theirs.item_embedding.weight[1:].normal_()
        theirs.user_embedding.weight.normal_()
    levels = [
        (layer.weight.T, layer.bias + more)  # two biases where the paper has one
        for layer, more in (
            (theirs.long_w, theirs.long_b),
            (theirs.long_short_w, theirs.long_short_b),
        )
    ]
    return theirs, padded_in_front(ids, lengths), torch.arange(1, B + 1), levels


@seeds
def test_shan(seed):
    """The past that it reads holds the session, too; in the paper it ends before it."""
    theirs, ids, users, levels = shan_case(seed)
    vectors, mask = theirs.item_embedding(ids), ids != 0
    session = slice(T - SETTINGS["short_item_length"], T)
    found = page.shan(
        vectors,
        mask,
        vectors[:, session],
        mask[:, session],
        theirs.user_embedding(users),
        *levels,
    )
    expected = theirs(ids, users)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    assert expected.std() > 1e-2


def test_shan_with_the_past_of_the_paper_differs():
    """Where there is a past: the clicks before the session alone, or nothing."""
    theirs, ids, users, levels = shan_case(0)
    ids[0, :-2] = 0  # somebody without a past
    vectors, mask = theirs.item_embedding(ids), ids != 0
    past = slice(T - SETTINGS["short_item_length"])
    session = slice(T - SETTINGS["short_item_length"], T)
    found = page.shan(
        vectors[:, past],
        mask[:, past],
        vectors[:, session],
        mask[:, session],
        theirs.user_embedding(users),
        *levels,
    )
    apart = (found - theirs(ids, users)).abs().amax(1)
    assert mask[:, past].any(1).sum() >= 2
    assert apart.max() > 1e-2
    # its past of somebody without one is her session, which is so asked twice
    assert apart[0] > 1e-3


def test_shan_of_nobody_is_the_vector_of_padding():
    """Its initializer fills that vector, and no gradient reaches it: ours gives 0."""
    theirs, ids, users, levels = shan_case(0)
    nobody = torch.zeros_like(ids)
    padding = theirs.item_embedding.weight[0]
    assert padding.abs().max() > 0
    torch.testing.assert_close(theirs(nobody, users), padding.expand(B, E))
    vectors, off = theirs.item_embedding(nobody), nobody != 0
    found = page.shan(vectors, off, vectors, off, theirs.user_embedding(users), *levels)
    assert (found == 0).all()
