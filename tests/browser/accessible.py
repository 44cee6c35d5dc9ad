"""What axe finds on a page: every rule in one theme, in the other those of color."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# All that a theme changes, as long as the outline is the same in both.
OF_COLOR = {"runOnly": ["color-contrast", "link-in-text-block"], "preload": False}


def axe_report(page: Page, theme: str = "light", within: str | None = None) -> str:
    """Return axe's report, empty if it finds nothing; in the dark of the colors alone.

    Of the whole page, or of what the selector ``within`` finds. Axe is brought to a
    page once, since reading it takes as long as a small page.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], **(OF_COLOR if theme == "dark" else {})}
    results = AxeResults(
        page.evaluate(
            """([within, options]) =>
              axe.run(within ? { include: [[within]] } : document, options)""",
            [within, options],
        )
    )
    return results.generate_report() if results.violations_count else ""


def outline(page: Page) -> list[str]:
    """Return what is shown, by its tag and its words for who does not see it."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')]
          .filter((e) => e.checkVisibility({ visibilityProperty: true }))
          .map((e) => [e.tagName, ...[...e.attributes].filter((a) =>
            /^(aria-(?!labelledby|describedby|controls)|alt$|role$|tabindex$|title$)/
              .test(a.name)).map((a) => `${a.name}=${a.value}`)].join(' '))"""
    )
