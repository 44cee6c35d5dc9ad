"""The numbers of the page on scale, from what ``make experiments`` stored.

The page writes them as ``{{ scale.name }}``; a name that is not here stops the build.
"""

import json
from math import ceil
from pathlib import Path

from seqviz.experiments import claim, read_study
from seqviz.experiments.model_adam import ROWS_FROM
from seqviz.experiments.scale import CALLS, FOR_TABLE, Machine, Plan, Work, plan

CHAPTER = "systems/scale"
EVENTS, ITEMS = 10**10, 10**8
#: A machine's memory in bytes, its threads, and its network in bytes a second.
MEMORY, THREADS, NETWORKS = 64e9, 16, (1.25e9, 12.5e9)
PROBED = 0.01  # of the catalog, by an index


def numbers(book: Path) -> dict[str, str]:
    """Return name -> words.

    Args:
        book: the folder of the chapters.

    Raises:
        NotCarried: rows and dense are told apart on a data set.
    """
    found = json.loads((book / f"{CHAPTER}_measured.json").read_text("utf-8"))
    machine = Machine(**found["machine"])
    told = {"made_by": found["made_by"].removeprefix("command: make experiments; ")}
    ratios = []
    for number, point in enumerate(found["points"], 1):
        seconds = point.pop("seconds")
        predicted = Work(**point).step_seconds(machine)
        ratios.append(seconds / predicted)
        told |= {
            f"measured_{number}": _milliseconds(seconds),
            f"predicted_{number}": _milliseconds(predicted),
            f"ratio_{number}": f"{ratios[-1]:.2f}",
            f"items_{number}": f"{point['items']:,}",
            f"batch_{number}": str(point["batch"]),
            f"length_{number}": str(point["length"]),
        }
    told |= {"least": f"{min(ratios):.2f}", "most": f"{max(ratios):.2f}"}
    told |= _parts(machine)
    told |= _paper(machine)
    return told | _quality()


def _parts(machine: Machine) -> dict[str, str]:
    """What a step is made of, in its first point."""
    work = Work(1_000_000)
    alone = {
        name: work.step_seconds(machine._replace(**dict.fromkeys(_others(name), 0.0)))
        for name in _COSTS
    }
    return {
        **{f"part_{name}": _milliseconds(seconds) for name, seconds in alone.items()},
        "ids": f"{work.ids:,}",
        "rows": f"{work.rows:,.0f}",
        "share": f"{work.rows / work.items:.1%}",
        "products": f"{work.products / 1e6:,.0f} million",
        "numbers": f"{work.numbers / 1e6:.0f} million",
        "tanhs": f"{work.tanhs / 1e6:.1f} million",
        "calls": str(CALLS),
        "rows_from": f"{ROWS_FROM:,}",
    }


_COSTS = ("product", "number", "tanh", "row", "sort", "call")


def _others(name: str) -> list[str]:
    return [other for other in _COSTS if other != name]


def _paper(machine: Machine) -> dict[str, str]:
    """What the large log needs."""
    work = Work(ITEMS)
    told = {
        "row_bytes": f"{3 * work.dim * 4 + 4}",
        "vectors_bytes": _bytes(4.0 * ITEMS * work.dim),
        "exchange_bytes": _bytes(work.exchange_bytes(10**9)),
        "memory": _bytes(MEMORY),
        "threads": str(THREADS),
        # alone it is reading that takes the time; many share what was read
        "alone": f"{ITEMS * work.dim * machine.number:.1f} seconds",
        "together": f"{ITEMS * work.dim * machine.product:.2f} seconds",
        "probed": f"{PROBED:.0%}",
        "probed_alone": _milliseconds(PROBED * ITEMS * work.dim * machine.number),
    }
    for name, network in zip(("slow", "fast"), NETWORKS, strict=True):
        options = {"memory": MEMORY, "threads": THREADS, "network": network}
        needs = plan(work, machine, EVENTS, **options)
        told |= {f"{name}_{key}": words for key, words in _needs(needs).items()}
        told[f"{name}_network"] = f"{8 * network / 1e9:.0f} Gbit/s"
    return told


def _needs(needs: Plan) -> dict[str, str]:
    return {
        "log": _bytes(needs.log_bytes),
        "table": _bytes(needs.table_bytes),
        "days": f"{needs.thread_seconds / 86_400:.0f}",
        "floor": str(ceil(needs.table_bytes / (FOR_TABLE * MEMORY))),
        "machines": str(needs.machines),
        "hours": f"{needs.seconds / 3600:.0f}",
        "exchange": f"{needs.exchange_share:.0%}",
    }


def _quality() -> dict[str, str]:
    """Rows against dense, by data set."""
    study = read_study(CHAPTER)
    told = {}
    for name, data in (("retail", "Online Retail"), ("shop", "large shop")):
        found = study.compare(data, "recall@50", "by rows", "dense", cut_off=True)
        told |= {
            f"{name}_rows": f"{study.mean(data, 'by rows', 'recall@50'):.4f}",
            f"{name}_dense": f"{study.mean(data, 'dense', 'recall@50'):.4f}",
            f"{name}_claim": claim("not told apart", found, digits=4),
        }
    return told


def _milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.1f} ms"


def _bytes(count: float) -> str:
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        units.pop(0)
    return f"{count:.0f} {units[0]}" if count >= 10 else f"{count:.1f} {units[0]}"
