// Shared by every explorer: Python puts this text in front of the module's own.
// No exports, no imports, no globals: plain functions in the module's scope.

// ---- Arrays ------------------------------------------------------------------

/** The number that 16 bits stand for. */
function half(bits) {
  const size = (bits >> 10) & 31;
  const part = bits & 1023;
  return (bits >> 15 ? -1 : 1)
    * (size ? (1 + part / 1024) * 2 ** (size - 15) : part * 2 ** -24);
}

/** Reads what codec.py wrote: { shape, data } with a typed array. */
function array(encoded) {
  const { buffer } = Uint8Array.from(atob(encoded.data), (c) => c.charCodeAt(0));
  const data = {
    float16: () => Float32Array.from(new Uint16Array(buffer), half),
    float32: () => new Float32Array(buffer),
    int32: () => new Int32Array(buffer),
  }[encoded.dtype]();
  return { shape: encoded.shape, data };
}

/** Masked softmax in Float64: exactly 0 where not kept, all 0 if nothing is. */
function softmax(logits, kept) {
  const weights = new Float64Array(logits.length);
  let top = -Infinity;
  let total = 0;
  logits.forEach((x, t) => { if (kept[t] && x > top) top = x; });
  logits.forEach((x, t) => {
    if (kept[t]) total += weights[t] = Math.exp(x - top);
  });
  return total ? weights.map((w) => w / total) : weights;
}

/** Row `row` of a matrix { shape: [.., E], data }. */
function rowOf({ shape, data }, row) {
  const width = shape[shape.length - 1];
  return data.subarray(row * width, (row + 1) * width);
}

/** All rows of a matrix. */
const rowsOf = (matrix) =>
  Array.from({ length: matrix.shape[0] }, (_, row) => rowOf(matrix, row));

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The `count` largest scores as [index, score]; ties go to the lower index. */
function best(scores, count, allowed = () => true) {
  return Array.from(scores, (score, index) => [index, score])
    .filter(([index]) => allowed(index))
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, count);
}

// ---- Numbers and words -------------------------------------------------------

/** Two significant digits, never an exponent. */
function digits(x) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < 1e-4) return x < 0 ? "> −0.0001" : "< 0.0001";
  const places = Math.max(0, 1 - Math.floor(Math.log10(size)));
  return x.toFixed(Math.min(places, 5)).replace("-", "−");
}

function percent(x) {
  return x > 0 && x < 0.005 ? "< 1%" : `${Math.round(100 * x)}%`;
}

function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

function listed(words) {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

// ---- Elements ----------------------------------------------------------------

let lastId = 0;
const newId = () => `sv-id-${++lastId}-${Math.random().toString(36).slice(2, 7)}`;

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(3).filter((child) => child != null));
  return node;
}

const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** Text with `code` and *emphasis*, as seqviz/figures/markup.py reads it. */
function inline(text) {
  const parts = text.split(/`([^`]+)`|(?<!\w)\*(\S|\S[^*`]*[^\s*`])\*(?!\w)/);
  return parts.map((part, i) => (part && i % 3 ? el(i % 3 === 1 ? "code" : "em", {}, part) : part))
    .filter((part) => part != null);
}

// The signs ● ▲ ■ ◆ within a box of -1..1; from the fifth on they are hollow.
const SIGNS = ["M0-.9A.9.9 0 1 1 0 .9A.9.9 0 1 1 0-.9Z", "M0-1L1 .8H-1Z",
  "M-.8-.8H.8V.8H-.8Z", "M0-1.05L1.05 0L0 1.05L-1.05 0Z"];

/** The sign of interest k as an SVG path of radius `radius`. */
function signPath(k, radius, attributes = {}) {
  return svg("path", {
    d: SIGNS[k % 4], transform: `scale(${k < 4 ? radius : radius * 0.85})`,
    class: `sv-sign-path sv-interest-${(k % 4) + 1}${k < 4 ? "" : " sv-hollow"}`,
    ...attributes,
  });
}

/** The sign of interest k as a picture of its own beside text. */
function sign(k, size = 12) {
  return svg("svg", {
    class: "sv-sign", width: size, height: size, viewBox: "-6 -6 12 12",
    "aria-hidden": "true", focusable: "false",
  }, signPath(k, 5));
}

/** The color at `share` (0 to 1) of the palette as [red, green, blue]. */
function mix(share, palette) {
  const place = Math.min(Math.max(share, 0), 1) * (palette.length - 1);
  const low = Math.min(Math.floor(place), palette.length - 2);
  const [a, b] = [palette[low], palette[low + 1]].map((color) =>
    [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)));
  return a.map((x, i) => Math.round(x + (b[i] - x) * (place - low)));
}

// ---- Controls ----------------------------------------------------------------

/** A labelled drop-down list: { node, value }. */
function select(label, options, onpick) {
  const id = newId();
  const list = el("select", { id, onchange: () => onpick(list.selectedIndex) },
    options.map((text) => el("option", {}, text)));
  const node = el("div", { class: "sv-control" }, el("label", { for: id }, label), list);
  return { node, set: (index) => { list.selectedIndex = index; } };
}

/** Buttons of which one is chosen (radio buttons, so arrow keys work). */
function segmented(label, options, onpick) {
  const name = newId();
  const inputs = options.map((text, index) => el("input", {
    type: "radio", name, value: text, onchange: () => onpick(index),
  }));
  const node = el("fieldset", { class: "sv-control sv-segmented" },
    el("legend", {}, label),
    el("div", {}, inputs.map((input, i) =>
      el("label", {}, input, el("span", {}, options[i])))));
  return { node, set: (index) => inputs.forEach((input, i) => { input.checked = i === index; }) };
}

/** A switch with its label: { node, set }. */
function toggle(label, onflip) {
  const input = el("input", {
    type: "checkbox", role: "switch", onchange: () => onflip(input.checked),
  });
  const node = el("label", { class: "sv-control sv-switch" }, input, el("span", {}, label));
  return { node, set: (on) => { input.checked = on; } };
}

/** A slider with its number: { node, set }. `to` makes the number from the slider's
 * place, `from` the place from the number. */
function slider(label, { min, max, step, to = Number, from = Number, words = digits }, onmove) {
  const id = newId();
  const shown = el("output", { for: id });
  const input = el("input", {
    id, type: "range", min, max, step, oninput: () => onmove(to(Number(input.value))),
  });
  const node = el("div", { class: "sv-control sv-slider" },
    el("label", { for: id }, label, " ", shown), input);
  return { node, set(value) {
    if (to(Number(input.value)) !== value) input.value = from(value);
    shown.textContent = words(value);
    input.setAttribute("aria-valuetext", words(value));
  } };
}

/** One stop for Tab; arrow keys go to the nearest neighbour in that direction. */
function roving(container, selector) {
  const all = () => [...container.querySelectorAll(selector)];
  const centre = (node) => {
    const box = node.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const enter = (node) => {
    all().forEach((other) => other.setAttribute("tabindex", other === node ? 0 : -1));
  };
  container.addEventListener("focusin", (event) => {
    const node = event.target.closest(selector);
    if (node) enter(node);
  });
  container.addEventListener("keydown", (event) => {
    const nodes = all();
    const here = event.target.closest(selector);
    if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
    let next = { Home: nodes[0], End: nodes[nodes.length - 1] }[event.key];
    const way = ways[event.key];
    if (way) {
      const [x, y] = centre(here);
      let shortest = Infinity;
      for (const node of nodes) {
        const [dx, dy] = centre(node).map((c, i) => c - [x, y][i]);
        const along = dx * way[0] + dy * way[1];
        const across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
        if (node !== here && along > 1 && along + 2 * across < shortest) {
          shortest = along + 2 * across;
          next = node;
        }
      }
      // At the end of a row of tiles reading goes on in the next one.
      const onward = nodes[nodes.indexOf(here) + way[0]];
      if (container.hasAttribute("data-rows") && way[0]) next = onward ?? here;
    }
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return { refresh() {
    const nodes = all();
    if (nodes.length && !nodes.some((node) => node.getAttribute("tabindex") === "0")) {
      nodes[0].setAttribute("tabindex", 0);
    }
  } };
}

/** The one live sentence: parts are texts and nodes; the same words are said once. */
function sentence() {
  const node = el("p", { class: "sv-sentence", "aria-live": "polite" });
  let said = "";
  return { node, say(...parts) {
    const words = parts.flat().filter((part) => part != null);
    const text = words.map((part) => part.textContent ?? part).join("");
    if (text === said) return;
    said = text;
    node.replaceChildren(...words);
  } };
}

/** Interest k in a sentence: its sign, its number. */
function named(k, start = false) {
  return el("span", { class: "sv-named" }, sign(k), `${start ? "I" : "i"}nterest ${k + 1}`);
}

// ---- Tiles and bars ----------------------------------------------------------

/** A bar per interest: its sign, then a length; `set(weights, full, hidden)`. */
function bars(count) {
  const lengths = Array.from({ length: count }, () => el("i"));
  const rows = lengths.map((length, k) => el("span", {
    class: `sv-bar sv-interest-${(k % 4) + 1}${k < 4 ? "" : " sv-hollow"}`,
  }, sign(k, 12), el("span", {}, length)));
  return {
    node: el("span", { class: "sv-bars", "aria-hidden": "true" }, rows),
    set(weights, full, hidden = () => false) {
      weights.forEach((weight, k) => {
        rows[k].classList.toggle("sv-off", hidden(k));
        rows[k].dataset.weight = weight;
        lengths[k].style.width = `${(100 * weight) / (full || 1)}%`;
        lengths[k].hidden = weight === 0;
      });
    },
  };
}

/** The length of one weight, with its number: `set(weight, full, least)`.
 * A bar of `full` fills the room; where `least` is below 0 the bar of a negative
 * weight is hollow and runs to the left of a zero line. */
function weightBar(...marks) {
  const length = el("i");
  const number = el("b");
  const node = el("span", { class: "sv-weight", "aria-hidden": "true" },
    el("span", {}, length), marks, number);
  return { node, set(weight, full, least = 0) {
    const unit = 100 / (full - least || 1);
    node.dataset.weight = weight;
    node.style.setProperty("--sv-zero", `${-least * unit}%`);
    node.classList.toggle("sv-signed", least < 0);
    length.style.width = `${Math.abs(weight) * unit}%`;
    length.style.marginLeft = `${(Math.min(weight, 0) - least) * unit}%`;
    length.classList.toggle("sv-minus", weight < 0);
    length.hidden = weight === 0;
    number.textContent = digits(weight);
  } };
}

/** A behaviour: category, name, the sign of its interest; a button with bars below. */
function tile({ title, category, count, ...attributes }) {
  const mark = el("span", { class: "sv-mark" });
  const note = el("span", { class: "sv-note", hidden: true });
  const weights = bars(count);
  const node = el("button", { type: "button", class: "sv-tile", tabindex: -1, ...attributes },
    el("span", { class: "sv-face" },
      el("span", { class: "sv-top" }, el("span", { class: "sv-category" }, category), mark),
      el("span", { class: "sv-name" }, title), note),
    weights.node);
  return {
    node, bars: weights,
    /** Interest k has the largest weight here (null: none to show). */
    win(k) {
      node.dataset.interest = k == null ? "" : (k % 4) + 1;
      mark.replaceChildren(...(k == null ? [] : [sign(k, 14)]));
    },
    note(text) {
      note.hidden = text == null;
      note.textContent = text ?? "";
    },
  };
}

/** Calls `show(node)` for what is under the pointer or focused, `show(null)` after. */
function hand(container, selector, show) {
  const node = (event) => event.target.closest?.(selector);
  const leave = () => {
    const focused = document.activeElement;
    show(container.contains(focused) && focused.matches(":focus-visible")
      ? focused.closest(selector) : null);
  };
  container.addEventListener("pointerover", (event) => {
    if (node(event)) show(node(event));
  });
  container.addEventListener("pointerleave", leave);
  container.addEventListener("focusin", (event) => {
    if (node(event)) show(node(event));
  });
  container.addEventListener("focusout", (event) => {
    if (!container.contains(event.relatedTarget)) show(null);
  });
}

/** A function that writes some traits in one message. */
function writer(model) {
  return (changes) => {
    Object.entries(changes).forEach(([name, value]) => model.set(name, value));
    model.save_changes();
  };
}

/** Draws anew, once, when some of the traits change together. */
function redraw(model, names, draw) {
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    queueMicrotask(() => { due = false; draw(); });
  };
  names.forEach((name) => model.on(`change:${name}`, soon));
}

/** The heading of a part of the card, with notes behind it. */
function part(title, ...notes) {
  return el("p", { class: "sv-part" }, el("b", {}, title),
    notes.filter(Boolean).map((note) => [" · ", note]));
}

/** Title, children, and (with a kernel, where no page writes it) the caption. What
 * comes after the controls has a box of its own: the sentence sticks to the bottom of
 * the window inside it, and so never covers the controls. */
function card(model, ...children) {
  const controls = children.findIndex((child) => child?.classList?.contains("sv-controls"));
  return el("div", { class: "sv-root" },
    el("div", { class: "sv-card" },
      el("p", { class: "sv-title" }, inline(model.get("title"))),
      children.slice(0, controls + 1),
      el("div", {}, children.slice(controls + 1)),
      model.get("live") ? el("p", { class: "sv-caption" }, inline(model.get("caption"))) : null));
}
