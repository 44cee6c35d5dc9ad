"""One Chromium for the browser tests, and a quiet page in it."""

import os
from pathlib import Path

import matplotlib
import pytest
from chromium import find
from explorer_pages import write_page
from playwright.sync_api import sync_playwright
from serving import serve

from benchmarks.pages.faults import faults

ARGUMENTS = [
    "--no-sandbox",
    "--font-render-hinting=slight",  # as in a window; the shell asks nobody
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: For Linux; elsewhere Chromium does not ask. Without hintslight letters there are
#: whole pixels wide, and lines break elsewhere.
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias>
    <family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer>
  </alias>
  <alias>
    <family>serif</family><prefer><family>DejaVu Serif</family></prefer>
  </alias>
  <alias>
    <family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer>
  </alias>
  <match target="pattern">
    <edit name="hintstyle" mode="assign"><const>hintslight</const></edit>
  </match>
</fontconfig>
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Return a headless Chromium, closed at the end.

    In the place of the machine's fonts it sees those that Matplotlib brings to each:
    where there is none, Chromium crashes at the first word in no face of its page.
    """
    folder = tmp_path_factory.mktemp("fonts")
    known = folder / "fonts.conf"
    brought = Path(matplotlib.get_data_path(), "fonts", "ttf")
    known.write_text(FONTCONFIG.format(fonts=brought, cache=folder))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find(),  # None: the one that Playwright brought
            args=ARGUMENTS,
            env={**os.environ, "FONTCONFIG_FILE": str(known)},
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser):
    """Return ``new_page(**options)``: a page whose errors fail the test at its end.

    ``page.problems`` lists them: see :func:`benchmarks.pages.faults.faults`.
    """
    contexts, pages = [], []

    def make(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.problems = faults(page, "http://127.0.0.1:", "file:")
        pages.append(page)
        return page

    yield make
    problems = [problem for page in pages for problem in page.problems]
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="module")
def address(request, tmp_path_factory):
    """Return the address of a page with what the module's ``explorer()`` makes."""
    folder = tmp_path_factory.mktemp("page")
    write_page(folder, request.module.explorer())
    url, stop = serve(folder)
    yield url
    stop()


@pytest.fixture
def page(new_page, address):
    """Return the page at the module's ``address`` with its explorer alive."""
    page = new_page(viewport={"width": 900, "height": 900})
    page.goto(address)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    return page


@pytest.fixture
def open_page(new_page, tmp_path):
    """Return ``open_page(explorer, **options)``: a page with that one figure."""
    stops = []

    def make(figure, **options):
        write_page(tmp_path, figure)
        url, stop = serve(tmp_path)
        stops.append(stop)
        page = new_page(**{"viewport": {"width": 900, "height": 900}, **options})
        page.goto(url)
        page.wait_for_selector(".sv-explorer[data-sv-ready]")
        return page

    yield make
    for stop in stops:
        stop()
