"""What followed an item in other people's sessions."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch, Examples
from seqviz.layers import latest
from seqviz.models.counting.events import history
from seqviz.models.counting.ties import by_id


class SequentialRules:
    """What came after the latest click before: the one graph of all sessions.

    Each training row says that its truth came k clicks after an item of its history,
    which counts 1 / k, up to ``reach`` clicks; the latest click alone is asked. With a
    reach of 1 it is a Markov chain. Of what never followed, the popular comes first, as
    far as the rounding of ``ties`` can tell; ties by id.

    Args:
        train: the examples to count in.
        num_items: N.
        reach: how many clicks back.

    Source: Ludewig and Jannach 2018 (arXiv 1803.09587), section 3.1, SR.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> batch = next(iter(batches(train, 4, 20)))
        >>> list(SequentialRules(train, 240).scores(batch).shape)  # [B, N + 1]
        [4, 241]
    """

    def __init__(self, train: Examples, num_items: int, reach: int = 10) -> None:
        require_whole(reach=reach)
        self.num_items = num_items
        ids, _ = train.histories.pad(reach, "left")  # [B, reach]
        lengths = train.truths.lengths
        truth, ids = train.truths.flat(), ids.repeat(lengths, 0)
        clicked = np.concatenate([train.histories.flat(), truth])
        require_ids("the items of train", torch.from_numpy(clicked), 1, num_items)
        weights = np.broadcast_to(1 / np.arange(reach, 0, -1), ids.shape)
        places = (ids.ravel(), truth.repeat(reach))
        size = num_items + 1
        self.popularity = np.bincount(truth, minlength=size) / (1 + len(truth))
        self.follows = sp.csr_array((weights.ravel(), places), shape=(size, size))

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: how often each item came after the latest click."""
        ids = history(batch, self.num_items)
        rows = torch.arange(len(ids))
        last = ids[rows, latest(ids != 0)]  # 0 where nobody clicked
        known = self.follows[last.numpy()].toarray() * (last != 0).numpy()[:, None]
        return by_id(known + 1e-6 * self.popularity, batch.item_ids.device)
