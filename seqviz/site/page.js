// What scrolls sideways can be reached and scrolled with the keyboard.
(() => {
  const boxes = "pre, .sv-figure-box, .sv-scroll, div.math .katex-display, .output, .pst-scrollable-table-container";

  function reach() {
    for (const box of document.querySelectorAll(boxes)) {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      if (scrolls) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
  }

  addEventListener("resize", reach);
  document.fonts.ready.then(reach);
  reach();
})();
