"""The exercises of the ComiRec-SA chapter, from a one-liner to a small project."""

from seqviz.checks.comirec_sa import interests, ndcg, read_out, sampled_loss, weights

EXERCISES = (
    interests.EXERCISE,
    weights.EXERCISE,
    read_out.EXERCISE,
    ndcg.EXERCISE,
    sampled_loss.EXERCISE,
)
