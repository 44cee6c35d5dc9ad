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

// The reading map: three choices and a name hide the systems that do not fit.
(() => {
  const form = document.querySelector(".sv-map-choices");
  if (!form) return;
  const systems = [...document.querySelectorAll(".sv-system")];
  const status = form.querySelector("[role=status]");

  function choose() {
    const { ask, changes, data, name } = Object.fromEntries(new FormData(form));
    const wanted = Object.entries({ ask, changes, data }).filter(([, word]) => word);
    let count = 0;
    for (const system of systems) {
      const title = system.querySelector("h2").firstChild.textContent.toLowerCase();
      const fits =
        title.includes(name.trim().toLowerCase()) &&
        wanted.every(([key, word]) => system.dataset[key].split(" ").includes(word));
      system.hidden = !fits;
      if (fits) count++;
    }
    status.textContent = count
      ? `${count} of ${systems.length} systems`
      : "No system fits. Set one choice back to any.";
  }

  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  choose();
})();
