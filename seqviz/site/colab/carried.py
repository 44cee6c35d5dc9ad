"""What an edition carries in its first cell: the package and stored results."""

import base64
import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from seqviz.site.inputs import ROOT

#: What only the press reads, and the faces of the pages, stay at home.
_LEFT_OUT = re.compile(r"seqviz/site/|.*\.woff2$|.*\.dist-info/RECORD$")
_PRESET = 3  # of xz: four times as fast as its own, a tenth larger
_WIDTH = 1000  # of a line: few of them, none that an editor chokes on

_UNPACK = '''\
import base64
import io
import sys
import tarfile
import tempfile


def unpack(carried):
    """Put seqviz and the stored results into a temporary folder, to import from."""
    folder = tempfile.mkdtemp(prefix="seqviz-")
    for packed in carried:
        files = io.BytesIO(base64.b64decode(packed))
        with tarfile.open(fileobj=files, mode="r:xz") as archive:
            archive.extractall(folder, filter="data")
    sys.path.insert(0, folder)


'''


def unpacking(*packed: str) -> str:
    """Return the lines that unpack archives before seqviz is imported."""
    texts = "".join(f'        """\n{_lines(one)}        """,\n' for one in packed)
    call = f"    unpack(\n      [\n{texts}      ]\n    )\n"
    return f'{_UNPACK}if "seqviz" not in sys.modules:\n{call}'


def pack(files: Mapping[str, bytes]) -> str:
    """Return files by their paths as a tar.xz in base64, always the same text."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    small = lzma.compress(packed.getvalue(), preset=_PRESET)
    return base64.b64encode(small).decode("ascii")


def package(wheel: Path) -> dict[str, bytes]:
    """Return the files of the wheel that a notebook may ask for."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            name: archive.read(name)
            for name in archive.namelist()
            if not _LEFT_OUT.match(name)
        }


def stored(name: str, root: Path = ROOT) -> dict[str, bytes]:
    """Return a stored file at the place where seqviz looks for it."""
    content = (root / "book" / name).read_bytes()
    return {f"book/{name}": _loose(content) if name.endswith(".npz") else content}


def _lines(text: str) -> str:
    starts = range(0, len(text), _WIDTH)
    return "".join(f"{text[start : start + _WIDTH]}\n" for start in starts)


def _loose(npz: bytes) -> bytes:
    """Return the same arrays uncompressed: xz then makes them half as large."""
    loose = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(npz)) as there,
        zipfile.ZipFile(loose, "w") as here,
    ):
        for name in there.namelist():
            here.writestr(zipfile.ZipInfo(name), there.read(name))
    return loose.getvalue()


@cache
def packed_results(names: tuple[str, ...], root: Path = ROOT) -> str:
    """Return stored files, packed."""
    files: dict[str, bytes] = {}
    for name in names:
        files |= stored(name, root)
    return pack(files)
