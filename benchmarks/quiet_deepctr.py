"""deepctr-torch without its call home.

``import deepctr_torch`` starts a thread that asks PyPI for a newer version and prints.
A stand-in for the module that holds that function keeps it still; nothing else of the
package is touched.
"""

import sys
import types


def import_deepctr() -> types.ModuleType:
    """``deepctr_torch`` with its layers and models.

    Raises:
        ImportError: it is not installed.
    """
    name = "deepctr_torch.utils"
    if name not in sys.modules:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].check_version = lambda version: None
    import deepctr_torch

    return deepctr_torch
