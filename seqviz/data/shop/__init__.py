"""The shop: a small world whose causes are known (``world.py`` says how)."""

from seqviz.data.shop.products import shop_catalog
from seqviz.data.shop.truth import click_chances
from seqviz.data.shop.world import Shop, load_shop

__all__ = ["Shop", "click_chances", "load_shop", "shop_catalog"]
