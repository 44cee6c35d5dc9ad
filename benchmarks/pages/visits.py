"""Visits of a page: bytes, what goes wrong, without scripts, at 200%, the controls."""

from statistics import quantiles
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page

from benchmarks.pages.faults import faults

WIDE = {"width": 1280, "height": 800}
#: A touch of each control, then the time until the next frame is drawn.
_TOUCH = """async ({ figure, times }) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  }));
  const root = document.querySelectorAll('.sv-explorer')[figure];
  root.scrollIntoView({ block: 'center' });
  const kinds = 'input, select, [role=slider],'
    + ' button:not([aria-disabled=true]):not([disabled])';
  const tell = (one, ...kinds) => kinds.forEach((kind) =>
    one.dispatchEvent(new Event(kind, { bubbles: true })));
  // Asked for anew: many figures draw their controls again after a touch.
  const all = () => [...root.querySelectorAll(kinds)].filter((e) =>
    e.checkVisibility() && !/^(Start|Pause)/.test(e.textContent));
  const found = [];
  for (let place = 0; place < all().length; place++) {
    const spent = [];
    let name = '';
    for (let i = 0; i < times; i++) {
      const one = all()[place];
      if (!one) break;
      name ||= one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent
        ?? one.textContent;
      await frame();
      const begin = performance.now();
      if (one.type === 'range') {
        const step = Number(one.step) || 1, at = Number(one.value);
        one.value = String(at + step > Number(one.max) ? Number(one.min) : at + step);
        tell(one, 'input', 'change');
      } else if (['text', 'search'].includes(one.type)) {
        one.value = one.value.endsWith('a') ? one.value.slice(0, -1) : `${one.value}a`;
        tell(one, 'input', 'change');
      } else if (one.localName === 'select') {
        one.selectedIndex = (one.selectedIndex + 1) % one.options.length;
        tell(one, 'input', 'change');
      } else if (one.role === 'slider') {
        const key = i % 2 ? 'ArrowLeft' : 'ArrowRight';
        one.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      } else one.click();
      await frame();
      spent.push(performance.now() - begin);
    }
    if (spent.length) found.push([name.trim().slice(0, 40), spent]);
  }
  return found;
}"""

#: What a window shows is there: its faces, and the figures that are made when near it.
_SHOWN = """() => {
  const made = (kind, near, mark) => [...document.querySelectorAll(kind)].every((e) =>
    mark in e.dataset || !e.checkVisibility()
    || e.getBoundingClientRect().top > innerHeight + near);
  return made('.sv-chart', 300, 'drawn') && made('.sv-explorer', innerHeight, 'svReady')
    && document.fonts.status === 'loaded';
}"""


class Visit(NamedTuple):
    """A first look at a page, without a scroll.

    Attributes:
        bytes: received, compressed.
        parts: the same by kind of file.
        wrong: warnings and errors of the console, failed and foreign requests.
    """

    bytes: int
    parts: dict[str, int]
    wrong: list[str]


def first_look(context: BrowserContext, address: str, name: str) -> Visit:
    """Open a page in a context, whose cache tells a first from a later visit."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    coming: dict[str, str] = {}  # the kinds of the files that have not come yet
    parts: dict[str, int] = {}
    wrong = faults(page, address)

    def asked(event: Any) -> None:
        url = event["request"]["url"]
        if not url.startswith(("data:", "blob:")):
            coming[event["requestId"]] = url.split("?")[0].rsplit(".", 1)[-1]

    def came(event: Any) -> None:
        kind = coming.pop(event["requestId"], None)
        if kind:
            parts[kind] = parts.get(kind, 0) + int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    session.on("Network.loadingFailed", lambda one: coming.pop(one["requestId"], None))
    page.goto(f"{address}/{name}.html", wait_until="load")
    page.wait_for_function(_SHOWN)
    while coming:
        page.wait_for_timeout(20)
    page.close()
    return Visit(sum(parts.values()), parts, wrong)


def without_scripts(browser: Browser, address: str, name: str) -> tuple[int, int]:
    """Return how many still figures are seen without scripts, and of how many."""
    context = browser.new_context(viewport=WIDE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{name}.html")
    found = page.evaluate(
        """() => { const all = [...document.querySelectorAll('.sv-still')];
          return [all.filter((e) => e.checkVisibility({ visibilityProperty: true })
            && e.getBoundingClientRect().height > 40).length, all.length]; }"""
    )
    context.close()
    return tuple(found)


def doubled(browser: Browser, address: str, name: str) -> list[str]:
    """Return what 200% zoom cuts: a window of half the width, two dots a pixel."""
    half = {"width": WIDE["width"] // 2, "height": WIDE["height"] // 2}
    context = browser.new_context(viewport=half, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{address}/{name}.html", wait_until="load")
    page.wait_for_function("!document.querySelector('.sv-opening')")
    cut = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(
            '.bd-article *')].filter((e) => e.scrollWidth > e.clientWidth + 1
            && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline'
            && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
            && !e.closest('.sv-unseen, .katex, .sv-root [aria-hidden=true]')
            && e.checkVisibility({ visibilityProperty: true }))
          .map((e) => e.outerHTML.slice(0, 80))"""
    )
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    return [*cut, *([f"the page is {wide} px too wide"] if wide > 0 else [])]


def answers(page: Page, slow: int, times: int = 6) -> dict[str, float]:
    """Return the 95th percentile in ms from an input to its frame, by control.

    Args:
        page: open, at full speed.
        slow: how many times slower the processor is to be.
        times: touches of a control.
    """
    session = page.context.new_cdp_session(page)
    figures = page.locator(".sv-explorer").count()
    found: dict[str, float] = {}
    for figure in range(figures):
        one = page.locator(".sv-explorer").nth(figure)
        one.scroll_into_view_if_needed()
        page.wait_for_function(
            "n => 'svReady' in document.querySelectorAll('.sv-explorer')[n].dataset",
            arg=figure,
        )
        session.send("Emulation.setCPUThrottlingRate", {"rate": slow})
        touched = page.evaluate(_TOUCH, {"figure": figure, "times": times})
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        module = one.get_attribute("data-module")
        for name, spent in touched:
            label = f"{module}: {name}"
            found[label] = max(_p95(spent), found.get(label, 0.0))
    return found


def _p95(spent: list[float]) -> float:
    return quantiles(spent, n=20, method="inclusive")[-1] if spent[1:] else spent[0]
