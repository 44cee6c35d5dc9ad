"""The commands: ``python -m seqviz report LOG``."""

import sys

from seqviz.report.command import main

if __name__ == "__main__":
    sys.exit(main())
