// What scrolls sideways can be reached and scrolled with the keyboard.
(() => {
  const boxes = "pre, .sv-figure-box, .sv-scroll, div.math .katex-display, .output, .pst-scrollable-table-container";

  // All are read before one is changed, or each would be laid out anew.
  const watch = new ResizeObserver((seen) => {
    const wide = seen.map(({ target }) => target.scrollWidth > target.clientWidth + 1);
    for (const [n, { target }] of seen.entries()) {
      if (wide[n]) target.tabIndex = 0;
      else if (target.tabIndex === 0) target.removeAttribute("tabindex");
    }
  });

  function reach() {
    watch.disconnect();
    for (const box of document.querySelectorAll(boxes)) watch.observe(box);
  }

  document.fonts.ready.then(reach);
  reach();
})();

// A menu of the head opens and closes with its button, closes with Escape and elsewhere.
(() => {
  const buttons = [...document.querySelectorAll('[data-bs-toggle="dropdown"]')];

  function show(open) {
    for (const button of buttons) {
      button.setAttribute("aria-expanded", String(button === open));
      button.nextElementSibling.classList.toggle("show", button === open);
    }
  }

  addEventListener("click", ({ target }) => {
    const button = buttons.find((one) => one.contains(target));
    show(button?.ariaExpanded === "false" ? button : null);
  });
  addEventListener("keydown", ({ key }) => {
    const open = buttons.find((one) => one.ariaExpanded === "true");
    if (key !== "Escape" || !open) return;
    show(null);
    open.focus();
  });
})();

// The legend of a chapter stays open while its reader reads; Escape closes it, too.
(() => {
  const legend = document.querySelector("#sv-legend");
  addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !legend?.matches(":popover-open")) return;
    const inside = legend.contains(document.activeElement);
    legend.hidePopover();
    if (inside) document.querySelector(".sv-legend-button").focus();
  });
})();

// What is wider than a column of paper is made smaller by as much.
(() => {
  const column = 793; // paper.css: 168 mm at its zoom
  const wide = ".sv-figure-box > *, .sv-scroll > *, .pst-scrollable-table-container > *, .output.text_html > *, .katex-html, .sv-still > *";

  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll(wide)) {
      if (box.scrollWidth > column) box.style.setProperty("--sv-fit", String(column / box.scrollWidth));
    }
  });
})();

// On paper no paragraph of three lines is parted, nor what is lower than a third of a page.
(() => {
  const low = { p: 90, li: 90, pre: 420, table: 420 };

  addEventListener("beforeprint", () => {
    const found = [...document.querySelectorAll(Object.keys(low).join())];
    const whole = found.filter((one) => one.offsetHeight < low[one.localName]);
    for (const one of whole) one.classList.add("sv-whole");
  });
})();

// The map of the chapters: under the hand or the focus, the lines that lead to a chapter.
(() => {
  const rows = [...document.querySelectorAll(".sv-way.sv-chapter")];

  function light(row) {
    const to = String(rows.indexOf(row));
    for (const line of document.querySelectorAll(".sv-lanes g")) {
      line.classList.toggle("sv-lit", line.dataset.to.split(" ").includes(to));
    }
  }

  for (const row of rows) {
    for (const event of ["pointerenter", "focusin"]) row.addEventListener(event, () => light(row));
    for (const event of ["pointerleave", "focusout"]) row.addEventListener(event, () => light(null));
  }
})();

// The reading map: three choices and a name hide the systems that do not fit.
(() => {
  const form = document.querySelector(".sv-map-choices:not(.sv-find)");
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
  choose();
})();

// The glossary: what is typed, in either language, hides the terms without it.
(() => {
  const form = document.querySelector(".sv-find");
  if (!form) return;
  const terms = [...document.querySelectorAll(".sv-term")];
  const status = form.querySelector("[role=status]");

  function find() {
    const words = new FormData(form).get("words").trim().toLowerCase();
    let count = 0;
    for (const term of terms) {
      term.hidden = !term.textContent.toLowerCase().includes(words);
      if (!term.hidden) count++;
    }
    status.textContent = count
      ? `${count} of ${terms.length} terms`
      : "No term has these words. Try fewer letters.";
  }

  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  find();
})();

// A word of the glossary: what it means, below it. A press of the link, by mouse, finger
// or Enter, opens it; Escape or a press elsewhere closes it.
(() => {
  const said = document.querySelector("template.sv-words");
  if (!said || !HTMLElement.prototype.showPopover) return;
  const box = document.createElement("div");
  box.className = "sv-word-box";
  box.popover = "auto";
  box.tabIndex = -1;
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", "What the word means");
  document.body.append(box);
  const links = [...document.querySelectorAll("a.sv-word")];
  let opener = null;

  function place() {
    const { left, bottom, top } = opener.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.offsetWidth - 12;
    const below = bottom + 6;
    const fits = below + box.offsetHeight < innerHeight;
    box.style.left = `${Math.max(12, Math.min(left, room))}px`;
    box.style.top = `${fits ? below : Math.max(12, top - box.offsetHeight - 6)}px`;
  }

  for (const link of links) {
    const term = new URL(link.href).hash.slice(1);
    const words = said.content.querySelector(`[data-term="${term}"]`);
    if (!words) continue;
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const more = document.createElement("a");
      more.href = link.href;
      more.textContent = "Glossary";
      box.replaceChildren(words.cloneNode(true), more);
      opener = link;
      box.showPopover();
      place();
      box.focus();
    });
  }
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.hidePopover();
    opener.focus();
  });
  addEventListener("scroll", () => opener && box.matches(":popover-open") && place(), true);
})();

// What the search quotes of a page is its text, not its listings.
(() => {
  if (typeof Search === "undefined") return;
  const { htmlToText } = Search;
  Search.htmlToText = (html, anchor) =>
    htmlToText(html.replace(/<(pre|svg|script)\b.*?<\/\1>/gs, ""), anchor);
})();
