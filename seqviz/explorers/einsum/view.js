// EinsumExplorer: any einsum equation over small shapes, and the cells that meet.

const MOST_CELLS = 64;
const MOST_TERMS = 6; // that the sentence writes out

const LOOK = `
.sv-einsum input[type="text"] {
  width: 100%; min-height: 36px; padding: 0 var(--sv-space);
  border: 1px solid var(--sv-line); border-radius: var(--sv-radius);
  background: var(--sv-page); color: var(--sv-ink);
  font: var(--sv-size-caption) / 1.2 var(--sv-font-mono);
}
.sv-einsum input[type="text"]:hover { border-color: var(--sv-accent); }
.sv-einsum input[aria-invalid="true"] { border: 2px dashed var(--sv-ink); }
.sv-einsum .sv-controls { gap: calc(1.5 * var(--sv-space)); }
.sv-einsum .sv-write { flex: 1 1 130px; }
.sv-einsum select { width: 216px; }
.sv-einsum .sv-tensors { display: flex; flex-wrap: wrap; align-items: flex-start;
  gap: calc(1.5 * var(--sv-space)) calc(3 * var(--sv-space)); }
.sv-einsum .sv-tensor { min-width: 0; max-width: 100%; }
.sv-einsum .sv-card .sv-tensor > p { font-size: var(--sv-size-small); margin-bottom: 2px; }
.sv-einsum .sv-card code { font-size: max(12px, .92em); }
.sv-einsum .sv-tensor code { white-space: nowrap; }
.sv-einsum .sv-blocks { display: flex; flex-wrap: wrap; gap: var(--sv-space) calc(1.5 * var(--sv-space)); }
.sv-einsum .sv-block { display: grid; justify-content: start; align-items: center; padding: 0 1px 1px 0; }
.sv-einsum .sv-axis, .sv-einsum .sv-block-name { color: var(--sv-ink-soft); font: 12px / 18px var(--sv-font-mono);
  text-align: center; white-space: nowrap; }
.sv-einsum .sv-block-name { text-align: left; }
.sv-einsum .sv-axis.sv-sum { color: var(--sv-ink); font-weight: 700; }
.sv-einsum .sv-axis.sv-down { padding-right: 4px; }
.sv-einsum .sv-cell { display: grid; place-items: center; box-sizing: border-box;
  min-width: 35px; height: 29px; margin: 0 -1px -1px 0; padding: 0 3px;
  border: 1px solid var(--sv-line); border-radius: 0;
  background: var(--sv-page); color: var(--sv-ink);
  font: var(--sv-size-small) / 1 var(--sv-font-text); font-variant-numeric: tabular-nums; }
.sv-einsum button.sv-cell { cursor: pointer; background: var(--sv-tile); }
.sv-einsum .sv-cell.sv-hot { background: var(--sv-accent); color: var(--sv-on-accent); }
.sv-einsum .sv-cell:focus-visible { position: relative; z-index: 1; }
.sv-einsum pre.sv-code { margin: 0; padding: var(--sv-space); overflow-x: auto;
  border: 1px solid var(--sv-faint); border-radius: var(--sv-radius);
  background: var(--sv-tile); color: var(--sv-ink);
  font: var(--sv-size-small) / 1.4 var(--sv-font-mono); }
.sv-einsum p.sv-remarks { margin-top: var(--sv-space); font-size: var(--sv-size-small); }
@media (pointer: coarse) {
  .sv-einsum input[type="text"] { min-height: 44px; }
  .sv-einsum button.sv-cell { min-width: 45px; height: 45px; }
}
@media (forced-colors: active) { .sv-einsum .sv-cell.sv-hot { outline: 3px solid Highlight; } }
@media print { .sv-einsum .sv-cell { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;

/** The cells of an operand that Python sent no numbers for: whole, from -2 to 5. */
function filled(operand, shape) {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Array.from({ length: count }, (_, n) =>
    ((n * n + 3 * n + 5 * operand + Math.floor(n / 7)) % 8) - 2) };
}

/** Shapes that fit the letters: sizes 2, 3, 4 in order of appearance. */
function fittingShapes(equation) {
  const cut = equation.indexOf("->");
  const terms = (cut < 0 ? equation : equation.slice(0, cut)).split(",");
  const letters = unique(terms.flatMap((term) => [...term].filter(isLetter)));
  const make = (size) => terms.map((term) => (term.match(/\.\.\.|[A-Za-z]/g) ?? [])
    .map((axis) => (axis === ELLIPSIS ? 2 : size(letters.indexOf(axis)))));
  const fits = make((n) => 2 + (n % 3));
  try {
    if (tooLarge(readEquation(equation, fits))) return make(() => 2);
  } catch { /* the reason is told later */ }
  return fits;
}

/** Why a valid equation is not drawn, or null. */
function tooLarge(reading) {
  const tensors = [...reading.shapes.map((shape, n) => [nameOf(n), shape]), ["out", reading.shape]];
  for (const [name, shape] of tensors) {
    const cells = shape.reduce((product, size) => product * size, 1);
    if (cells > MOST_CELLS) {
      return `${name} would have ${cells} cells; the picture holds ${MOST_CELLS} a tensor`;
    }
    if (cells === 0) return `${name} has no cell: a size is 0`;
  }
  const terms = reading.summed.reduce((product, axis) => product * reading.sizes.get(axis), 1);
  return terms > 512 ? `${terms} terms a cell are too many for the picture` : null;
}

/** Reads "[2, 3] [3, 4]"; throws an EquationError. */
function readShapes(text) {
  const found = text.match(/\[[^[\]]*\]/g) ?? [];
  const shapes = found.map((one) => one.slice(1, -1).split(/[\s,]+/).filter(Boolean));
  const strange = text.replace(/\[[^[\]]*\]/g, "").replace(/[\s,]/g, "");
  if (strange || !found.length || !shapes.flat().every((size) => /^\d\d?$/.test(size))) {
    throw new EquationError("the shapes are read like [2, 3] [3, 4], one for each operand");
  }
  return shapes.map((shape) => shape.map(Number));
}

const written = (shapes) => shapes.map(shapeText).join(" ");
const shown = (x) => (Number.isInteger(x) ? String(x).replace("-", "−") : digits(x));
const factor = (x) => (x < 0 ? `(${shown(x)})` : shown(x));

/** A labelled line to write in: { node, input }. */
function field(label, oninput) {
  const id = newId();
  const input = el("input", { id, type: "text", spellcheck: "false", autocomplete: "off",
    autocapitalize: "off", oninput: () => oninput(input.value) });
  return { input, node: el("div", { class: "sv-control sv-write" },
    el("label", { for: id }, label), input) };
}

/** One tensor as grids: the last two axes are columns and rows, the others blocks. */
function grids({ name, axes, values, summed, pick }) {
  const { shape, data } = values;
  const rank = shape.length;
  const [rows, columns] = [rank > 1 ? shape[rank - 2] : 1, rank ? shape[rank - 1] : 1];
  const axisName = (axis, down) => el("span", {
    class: `sv-axis${summed.includes(axis) ? " sv-sum" : ""}${down ? " sv-down" : ""}`,
  }, summed.includes(axis) ? `Σ${axis}` : axis);
  const cells = [];
  const blocks = [];
  eachCell(shape.slice(0, -2), (outer) => {
    const block = el("div", { class: "sv-block",
      style: `grid-template-columns:${rank > 1 ? "auto " : ""}repeat(${columns},auto)` });
    const place = (node, row, column) => {
      node.style.gridArea = `${row} / ${column}`;
      block.append(node);
      return node;
    };
    const left = rank > 1 ? 2 : 1;
    if (outer.length) {
      place(el("span", { class: "sv-block-name" },
        outer.map((index, n) => `${axes[n]} = ${index}`).join(", ")), 1, `${1} / span 1 / -1`);
    }
    if (rank) place(axisName(axes[rank - 1]), 2, `${left} / span 1 / -1`);
    if (rank > 1) place(axisName(axes[rank - 2], true), `3 / 1 / span ${rows}`, "2");
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = [...outer, ...(rank > 1 ? [row] : []), ...(rank ? [column] : [])];
        const value = data[flatIndex(shape, at)];
        const text = shown(value);
        const node = pick
          ? el("button", { type: "button", class: "sv-cell", tabindex: -1,
            "aria-label": `${name}[${at.join(", ")}] is ${text}`, onclick: () => pick(at) }, text)
          : el("span", { class: "sv-cell" }, text);
        node.dataset.at = at.join();
        node.dataset.value = value;
        cells.push(place(node, row + 3, column + left));
      }
    }
    blocks.push(block);
  });
  const label = `${name} ${shapeText(axes)} = ${shapeText(shape)}`;
  return { cells, node: el("div", { class: "sv-tensor", role: "group", "aria-label": label },
    el("p", {}, el("b", {}, name), " ", el("code", {}, label.slice(name.length + 1))),
    el("div", { class: "sv-blocks" }, blocks)) };
}

function render({ model, el: host }) {
  const examples = model.get("examples");
  const given = model.get("operands").map(array);
  let ownShapes = false; // written by hand: a new equation leaves them alone
  let problem = null;
  let now = null; // what is drawn
  let hot = null; // the output cell under the hand
  let tensors = [];

  // ---- Parts -----------------------------------------------------------------

  const put = writer(model);
  const named = select("Named ones", [...examples.map((one) => one.name), "your own"], (index) => {
    const one = examples[index];
    if (!one) return equation.input.focus();
    ownShapes = false;
    return put({ cell: null, shapes: one.shapes, equation: one.equation });
  });
  const equation = field("Equation", (text) => {
    const shapes = model.get("shapes");
    put({ cell: null, equation: text, shapes: fitsLeft(text, shapes) || ownShapes
      ? shapes : fittingShapes(text) });
  });
  const shapesField = field("Shapes", (text) => {
    ownShapes = true;
    try {
      put({ cell: null, shapes: readShapes(text) });
      draw();
    } catch (error) {
      problem = error.message;
      mark();
      speak();
    }
  });
  const fit = el("button", { type: "button", class: "sv-button", onclick: () => {
    ownShapes = false;
    put({ cell: null, shapes: fittingShapes(model.get("equation")) });
    shapesField.input.value = written(model.get("shapes"));
    draw();
  } }, "Fit shapes");
  const heading = el("p", { class: "sv-part" });
  const picture = el("div", { class: "sv-tensors" });
  const code = el("pre", { class: "sv-code", tabindex: 0, role: "region",
    "aria-label": "The loops and the call" });
  const remarks = el("p", { class: "sv-remarks", hidden: true });
  const live = sentence();
  live.node.id = newId();
  [equation, shapesField].forEach(({ input }) =>
    input.setAttribute("aria-describedby", live.node.id));
  const keys = roving(picture, "button.sv-cell");

  /** Whether the operands alone can have these shapes. */
  function fitsLeft(text, shapes) {
    try {
      readEquation(`${text.split("->")[0]}->`, shapes);
      return true;
    } catch { return false; }
  }

  // ---- State and drawing -----------------------------------------------------

  function look() {
    const text = model.get("equation");
    const shapes = model.get("shapes");
    const reading = readEquation(text, shapes);
    const large = tooLarge(reading);
    if (large) throw new EquationError(large);
    const arrays = shapes.map((shape, n) =>
      (String(given[n]?.shape) === String(shape) ? given[n] : filled(n, shape)));
    return { text, reading, arrays, out: contract(reading, arrays) };
  }

  function draw() {
    try {
      const next = look();
      const same = now && now.text === next.text
        && written(now.reading.shapes) === written(next.reading.shapes);
      now = next;
      problem = null;
      if (!same) build();
    } catch (error) {
      if (!(error instanceof EquationError)) throw error;
      problem = error.message;
    }
    mark();
    light();
    speak();
  }

  function mark() {
    const text = model.get("equation");
    if (document.activeElement !== equation.input || equation.input.value !== text) {
      equation.input.value = text;
    }
    if (document.activeElement !== shapesField.input) {
      shapesField.input.value = written(model.get("shapes"));
    }
    const place = examples.findIndex((one) => one.equation === text
      && written(one.shapes) === written(model.get("shapes")));
    named.set(place < 0 ? examples.length : place);
    [equation, shapesField].forEach(({ input }) =>
      input.setAttribute("aria-invalid", String(problem != null)));
    heading.replaceChildren(...(now ? [el("b", {}, problem ? "The last one that held: " : "Picture of "),
      el("code", {}, now.text), " · ", letters()] : []));
  }

  function letters() {
    const { output, summed } = now.reading;
    const kept = output.length ? `kept: ${output.join(", ")}` : "no letter is kept: one number";
    return `${kept} · ${summed.length ? `summed: ${summed.join(", ")}` : "nothing is summed"}`;
  }

  function build() {
    const { reading, arrays, out } = now;
    hot = null;
    tensors = [
      ...reading.operands.map((axes, n) => grids({
        name: nameOf(n), axes, values: arrays[n], summed: reading.summed })),
      grids({ name: "out", axes: reading.output, values: out, summed: [],
        pick: (at) => put({ cell: at }) }),
    ];
    picture.replaceChildren(...tensors.map(({ node }) => node));
    keys.refresh();
    code.textContent = `${loopsOf(reading)}\n\n# the same\n${torchCall(now.text, arrays.length)}`;
    const found = remarksOn(now.text, reading);
    remarks.hidden = !found.length;
    remarks.textContent = found.length ? `Mind: ${found.join(". ")}.` : "";
  }

  /** The cell that is explained: under the hand, else picked, else the first. */
  function cell() {
    const picked = model.get("cell");
    const fits = (at) => at && at.length === now.reading.shape.length
      && at.every((index, n) => index < now.reading.shape[n]);
    return [hot, picked].find(fits) ?? now.reading.shape.map(() => 0);
  }

  function light() {
    if (!now) return;
    const at = cell();
    const terms = meetings(now.reading, at);
    tensors.forEach(({ cells }, n) => {
      const meeting = new Set(n < now.arrays.length
        ? terms.map((places) => places[n].join()) : [at.join()]);
      cells.forEach((node) => node.classList.toggle("sv-hot", meeting.has(node.dataset.at)));
    });
  }

  function speak() {
    if (problem) {
      return live.say(el("b", {}, "✗ Does not hold: "), `${problem}.`);
    }
    const { reading, arrays, out } = now;
    const at = cell();
    const terms = meetings(reading, at).map((places) => places.map((place, n) =>
      arrays[n].data[flatIndex(reading.shapes[n], place)]));
    const total = shown(out.data[flatIndex(reading.shape, at)]);
    const products = terms.slice(0, MOST_TERMS).map((values) => (values.length === 1
      ? factor(values[0]) : values.map(factor).join("·")));
    const more = terms.length - products.length;
    const sum = `${products.join(" + ")}${more > 0 ? ` + … (${more} more)` : ""}`;
    const index = reading.output.map((axis, n) => `${axis} = ${at[n]}`).join(", ");
    const what = arrays.length > 1 ? "product" : "cell";
    const why = reading.summed.length
      ? `${plural(terms.length, what)}, one for each ${reading.summed.join(" and ")}.`
      : `one ${what}, nothing is summed.`;
    const equal = sum === total || sum === `(${total})` ? "" : `${sum} = `;
    return live.say(el("b", {}, index ? `out[${index}]` : "out"), ` = ${equal}${total}: ${why}`);
  }

  // ---- Under the hand and the card -------------------------------------------

  hand(picture, "button.sv-cell", (node) => {
    hot = node ? node.dataset.at.split(",").filter(Boolean).map(Number) : null;
    light();
    speak();
  });
  const root = card(model, el("style", {}, LOOK),
    el("div", { class: "sv-controls" }, named.node, equation.node, shapesField.node, fit),
    heading, picture, el("p", { class: "sv-part" }, el("b", {}, "The same as loops and as a call")),
    code, remarks, live.node);
  root.classList.add("sv-einsum");

  redraw(model, ["equation", "shapes", "cell"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
