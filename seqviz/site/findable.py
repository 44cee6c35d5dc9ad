"""What search engines and shared links show: descriptions, addresses, all pages.

Addresses are given only once the book is published: until then they lead nowhere.
"""

from collections.abc import Iterable
from html import escape

from seqviz.figures import fonts, tokens

#: Letters of a description; search engines show about as many.
MOST = 200


def description(opening: str) -> str:
    """Return the first words of a page, whole, in at most ``MOST`` letters."""
    words = " ".join(opening.split())
    return words if len(words) <= MOST else words[: MOST - 1].rsplit(" ", 1)[0] + "…"


def head(
    title: str,
    about: str,
    site: str,
    address: str | None,
    picture: str | None = None,
) -> str:
    """Return the elements that describe a page.

    Args:
        title: of the page.
        about: a sentence or two.
        site: the title of the book.
        address: the page's own, where it is published.
        picture: the address of what a shared link shows, 1200 by 630.
    """
    named = {"og:type": "article", "og:title": title, "og:description": about}
    named["og:site_name"] = site
    if address:
        named["og:url"] = address
    if picture:
        named["og:image"] = picture
        named["og:image:alt"] = "Six clicks, the weights of four interests, a list."
        named["twitter:card"] = "summary_large_image"
    shown = [f'<meta name="description" content="{escape(about)}">']
    shown += [
        f'<meta property="{name}" content="{escape(text)}">'
        for name, text in named.items()
    ]
    return "\n".join(shown)


def sitemap(address: str, names: Iterable[str]) -> str:
    """Return the list of all pages for search engines, as XML."""
    urls = "".join(
        f"<url><loc>{escape(f'{address}/{name}.html')}</loc></url>\n" for name in names
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?>\n<urlset xmlns="{space}">\n{urls}</urlset>\n'


def lost(address: str, title: str) -> str:
    """Return the page that a host shows for an address that is not there.

    It may be shown at any depth, so it carries its own style.
    """
    home = escape(address)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>No such page: {escape(title)}</title>"
        f"<style>{fonts.UPRIGHT.css(f'{home}/_static/fonts/')}"
        ":root { color-scheme: light dark; }\n"
        f"body {{ background: {_color('page')}; color: {_color('ink')}; "
        f"font: 18px/1.6 {tokens.SCALE['font-text']}; margin: 15vh auto; "
        "max-width: 34rem; padding: 0 1.5rem; }\n"
        "h1 { font-size: 2.1rem; line-height: 1.2; }\n"
        f"a {{ color: {_color('accent')}; text-underline-offset: 0.15em; }}</style>"
        f"</head><body><h1>There is no such page</h1><p>It may have moved. "
        f'<a href="{home}/intro.html">{escape(title)}</a> lists all chapters, '
        f'and <a href="{home}/search.html">the search</a> looks into each.</p>'
        "</body></html>\n"
    )


def _color(name: str) -> str:
    return f"light-dark({tokens.LIGHT[name]}, {tokens.DARK[name]})"
