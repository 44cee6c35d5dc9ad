"""Interactive figures: one Python file and one ES module each, for two hosts.

``MODULES``, ``STYLE`` and ``HOST`` are what the book writes beside its pages: the
module sources by file name (without ``.js``; ``name.file`` is the classic script for
pages opened from the disk), the style sheet and the page host.
"""

from seqviz.explorers.activation import ActivationExplorer
from seqviz.explorers.activation_unit import DenseLayer, dense_layers
from seqviz.explorers.attention import AttentionExplorer
from seqviz.explorers.base import Explorer, read, script, source, style
from seqviz.explorers.diversity import DiversityExplorer
from seqviz.explorers.einsum import EinsumExplorer, show_einsum
from seqviz.explorers.interest import InterestExplorer
from seqviz.explorers.quiz import Option, Question, Quiz
from seqviz.explorers.reading import Reading
from seqviz.explorers.routing import RoutingExplorer
from seqviz.explorers.routing_steps import Routing
from seqviz.explorers.sequence import SequenceExplorer
from seqviz.explorers.target import TargetExplorer

#: Every explorer of the book. A new one is added here and nowhere else.
EXPLORERS: tuple[type[Explorer], ...] = (
    SequenceExplorer,
    InterestExplorer,
    AttentionExplorer,
    EinsumExplorer,
    TargetExplorer,
    ActivationExplorer,
    RoutingExplorer,
    DiversityExplorer,
    Quiz,
)

MODULES: dict[str, str] = {
    name: text
    for explorer in EXPLORERS
    for name, text in (
        (explorer.module, source(explorer)),
        (f"{explorer.module}.file", script(explorer)),
    )
}
STYLE: str = style()
HOST: str = read("host.js")

__all__ = [
    "EXPLORERS",
    "HOST",
    "MODULES",
    "STYLE",
    "ActivationExplorer",
    "AttentionExplorer",
    "DenseLayer",
    "DiversityExplorer",
    "EinsumExplorer",
    "Explorer",
    "InterestExplorer",
    "Option",
    "Question",
    "Quiz",
    "Reading",
    "Routing",
    "RoutingExplorer",
    "SequenceExplorer",
    "TargetExplorer",
    "dense_layers",
    "show_einsum",
]
