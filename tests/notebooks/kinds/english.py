"""A small list of odd English, each with the better word."""

import re

from kinds.prose import Text

NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|once|twice|\d+(?:[.,]\d+)*|…)"
)
# "one dot a click", "252 lists a user"; but "1 for an interest" is right.
LITTLE = r"(?:and|as|at|by|for|from|in|is|of|on|or|per|so|than|that|to|was|when|with)"
EACH = (
    r"(?:behavior|bin|candidate|category|cell|click|epoch|head|history|interest|item"
    r"|list|place|price band|problem|question|row|step|unit|user)"
)

# "one item a user liked" is right, too: a verb follows.
EACH_A = (
    rf"\b{NUMBER} (?:(?!{LITTLE}\b)[\w-]+ )?an? {EACH}\b"
    r"(?! (?!is\b|was\b)\w+(?:s|ed)\b)"
)

# Pattern -> what to write.
ODD = {
    r"\bstands? in (?:the (?:documentation|README)|`seqviz)": "is described in",
    r"\bforetell(?:s|ing)?\b": "predict",
    r"\bforetold\b": "predicted",
    r"\bw[io]ns? the mask back\b": "recover the mask",
    r"\bNothing of (?:this|that|these|it)\b": "None of this",
    r"\bis no [“\"'‘]no\b": "does not mean no",
    r"\b(?:made|drawn|chosen) by chance\b": "random",
    r"\bdearest\b": "most expensive",
    r"\bdearer\b": "more expensive",
    r"\bin turns\b": "in turn, alternately",
    r"\bmend(?:s|ed|ing)?\b": "repair, fix, correct",
    EACH_A: "per, for each: 'one dot per click'",
}


def faults_of_english(texts: list[Text]) -> list[str]:
    """Return every odd phrase with its place and the better word."""
    return [
        f"{text.where}: '{text.around(hit)}': write {better}"
        for text in texts
        for pattern, better in ODD.items()
        for hit in re.finditer(pattern, text.words, re.IGNORECASE)
    ]
