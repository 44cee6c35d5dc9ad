// SequenceExplorer: ragged histories, the batch [B, T] that they become, its mask and
// its embeddings. The arithmetic is `cutAndPad`, the same as Ragged.pad.

const SEQUENCE_STYLE = `
.sv-sequence { --sv-cell: 50px; }
.sv-sequence .sv-part code { font-size: 13px; }
@container (max-width: 520px) { .sv-sequence .sv-card { --sv-cell: 66px; } }
.sv-sequence .sv-segmented span { padding: 0 8px; }
.sv-sequence .sv-slider input { width: 190px; max-width: 100%; height: 36px; margin: 0; accent-color: var(--sv-ink); cursor: pointer; }
.sv-sequence .sv-slider output { color: var(--sv-ink); font-family: var(--sv-font-mono); }
.sv-sequence .sv-frame-box { overflow-x: auto; padding: 3px 3px 5px; }
.sv-sequence .sv-grid { display: grid; gap: 4px; }
.sv-sequence .sv-grid-row { display: contents; }
.sv-sequence .sv-grid-name { position: sticky; left: 0; z-index: 1; box-shadow: -4px 0 0 var(--sv-page); align-self: center; height: 100%; display: grid; align-items: center; overflow: hidden; background: var(--sv-page); font-size: var(--sv-size-small); }
.sv-sequence .sv-place { color: var(--sv-ink-soft); font: 12px/1.4 var(--sv-font-mono); text-align: center; }
.sv-sequence .sv-frame { z-index: 0; margin: -3px; border: 2px solid var(--sv-ink); border-radius: var(--sv-radius); pointer-events: none; }
.sv-sequence .sv-cell { min-width: 0; overflow: hidden; border: 1px solid var(--sv-line); border-radius: 4px; background: var(--sv-page); font-size: 12px; line-height: 1.25; scroll-margin: 5rem 0 8rem 4rem; }
.sv-sequence .sv-cell-face { display: grid; place-content: center stretch; height: 48px; padding: 1px; overflow: hidden; }
.sv-sequence .sv-cell-face span { display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow-wrap: anywhere; hyphens: auto; }
.sv-sequence [data-face="ids"] .sv-cell-face, .sv-sequence [data-face="mask"] .sv-cell-face { font: 13px/1.25 var(--sv-font-mono); text-align: center; }
.sv-sequence .sv-strip { height: 10px; }
.sv-sequence .sv-cell[data-kind="padding"] { background: repeating-linear-gradient(135deg, var(--sv-hatch) 0 1px, transparent 1px 7px) var(--sv-page); }
.sv-sequence .sv-cell[data-kind="padding"] .sv-cell-face span { justify-self: center; padding: 0 3px; background: var(--sv-page); color: var(--sv-ink-soft); }
.sv-sequence .sv-cell[data-kind="cut"] { border-style: dashed; color: var(--sv-ink-soft); }
.sv-sequence .sv-cell[data-kind="cut"] .sv-cell-face span { text-decoration: line-through; }
.sv-sequence .sv-cell.sv-hot { outline: 2px solid var(--sv-accent); outline-offset: -1px; }
.sv-sequence .sv-legend { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; min-height: 26px; color: var(--sv-ink-soft); font-size: var(--sv-size-small); }
.sv-sequence .sv-legend i { width: 90px; height: 10px; }
@media (pointer: coarse) { .sv-sequence .sv-slider input { height: 44px; } }
@media print { .sv-sequence .sv-cell, .sv-sequence .sv-strip, .sv-sequence .sv-legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@media (forced-colors: active) { .sv-sequence .sv-strip, .sv-sequence .sv-legend i { forced-color-adjust: none; } }
`;

/** One history as T cells and what was cut: { cells, lost }; a cell is a place or null. */
function cutAndPad(history, length, side, cut) {
  const places = history.map((_, place) => place);
  const lost = Math.max(0, places.length - length);
  const kept = cut === "oldest" ? places.slice(lost) : places.slice(0, length);
  const padding = Array(length - kept.length).fill(null);
  return {
    cells: side === "left" ? [...padding, ...kept] : [...kept, ...padding],
    lost: cut === "oldest" ? places.slice(0, lost) : places.slice(places.length - lost),
  };
}

function render({ model, el: host }) {
  const users = model.get("users");
  const histories = model.get("histories");
  const items = model.get("items");
  const titles = model.get("titles");
  const scale = model.get("scale");
  const most = model.get("max_length");
  const encoded = model.get("embeddings");
  const table = encoded && array(encoded);
  const place = new Map(items.map((item, index) => [item, index]));
  const title = (item) => titles[place.get(item)];
  const longest = Math.max(...histories.map((row) => row.length));
  const total = histories.reduce((sum, row) => sum + row.length, 0);
  const largest = table ? Math.max(...table.data.map(Math.abs)) || 1 : 1;
  const sides = ["left", "right"];
  const cuts = ["oldest", "newest"];
  const faces = ["titles", "ids", "mask"];
  let hot = null;

  const put = writer(model);

  // ---- Parts -----------------------------------------------------------------

  const shown = el("output", {});
  const range = el("input", {
    type: "range", id: newId(), min: 1, max: most, step: 1,
    oninput: () => put({ length: Number(range.value) }),
  });
  const slider = el("div", { class: "sv-control sv-slider" },
    el("label", { for: range.id }, "Length ", shown), range);
  const side = segmented("Padding", sides, (index) => put({ side: sides[index] }));
  const cut = segmented("Cut the", cuts, (index) => put({ cut: cuts[index] }));
  const face = segmented("Show", faces, (index) => put({ face: faces[index] }));
  const shape = el("code", {});
  const grid = el("div", { class: "sv-grid", role: "grid", "aria-label": "The batch, a row a user" });
  const keys = roving(grid, ".sv-cell");
  const live = sentence();
  const legend = table ? el("div", { class: "sv-legend" },
    "strip: the embedding, ", plural(table.shape[1], "number"), " from ",
    `−${digits(largest)}`, el("i", { style: `background:linear-gradient(90deg,${scale.join(",")})` }),
    digits(largest), "; zero is left empty") : null;

  /** The strip of an embedding: one square a coordinate, zero left empty. */
  function strip(item) {
    const vector = rowOf(table, place.get(item));
    const step = 100 / vector.length;
    const stops = Array.from(vector, (x, e) => {
      const color = x === 0 ? "transparent"
        : scale[Math.round(((x / largest + 1) / 2) * (scale.length - 1))];
      return `${color} ${(e * step).toFixed(2)}% ${((e + 1) * step).toFixed(2)}%`;
    });
    return el("div", { class: "sv-strip", style: `background:linear-gradient(90deg,${stops.join(",")})` });
  }

  // ---- Drawing ---------------------------------------------------------------

  function cell(row, column, at, kind, t) {
    const item = at == null ? 0 : histories[row][at];
    const real = kind === "real";
    const text = {
      titles: kind === "padding" ? "" : title(item),
      ids: String(item),
      mask: kind === "cut" ? "–" : String(real ? 1 : 0),
    }[model.get("face")];
    const words = wordsOf({ row, at, kind, t });
    return el("div", {
      class: "sv-cell", role: "gridcell", tabindex: -1, style: `grid-column:${column + 2};grid-row:${row + 2}`,
      "data-kind": kind, "data-row": row, "data-at": at, "data-t": t,
      "data-id": kind === "cut" ? null : item, "data-mask": kind === "cut" ? null : String(real),
      "data-item": item, "aria-label": words, title: kind === "padding" ? "padding" : title(item),
    }, el("div", { class: "sv-cell-face" }, text ? el("span", {}, text) : null),
    table && kind !== "cut" ? strip(item) : null);
  }

  function draw() {
    const length = model.get("length");
    const [way, end] = [model.get("side"), model.get("cut")];
    const columns = Math.max(longest, length);
    const begin = end === "oldest" ? columns - length : 0;
    range.value = length;
    range.setAttribute("aria-valuetext", `T = ${length}`);
    shown.textContent = `T = ${length}`;
    side.set(sides.indexOf(way));
    cut.set(cuts.indexOf(end));
    face.set(faces.indexOf(model.get("face")));
    shape.textContent = `[B, T] = [${histories.length}, ${length}]`;
    grid.style.gridTemplateColumns = `46px repeat(${columns}, minmax(var(--sv-cell), 1fr))`;
    grid.dataset.face = model.get("face");
    grid.setAttribute("aria-rowcount", histories.length + 1);
    const focused = grid.contains(document.activeElement)
      ? document.activeElement.dataset : null;
    let cutAway = 0;
    let padded = 0;
    const head = el("div", { class: "sv-grid-row", role: "row" },
      el("span", { class: "sv-place", role: "columnheader", style: "grid-column:1;grid-row:1" }, "t"),
      Array.from({ length }, (_, t) => el("span", {
        class: "sv-place", role: "columnheader", style: `grid-column:${begin + t + 2};grid-row:1`,
      }, String(t))));
    const rows = histories.map((history, row) => {
      const { cells, lost } = cutAndPad(history, length, way, end);
      cutAway += lost.length;
      padded += cells.filter((at) => at == null).length;
      const inside = cells.map((at, t) => cell(row, begin + t, at, at == null ? "padding" : "real", t));
      const first = end === "oldest" ? begin - lost.length : length;
      const outside = lost.map((at, n) => cell(row, first + n, at, "cut", null));
      return el("div", { class: "sv-grid-row", role: "row" },
        el("span", { class: "sv-grid-name", role: "rowheader", style: `grid-column:1;grid-row:${row + 2}` }, users[row]),
        end === "oldest" ? [outside, inside] : [inside, outside]);
    });
    const frame = el("div", {
      class: "sv-frame", "aria-hidden": "true",
      style: `grid-column:${begin + 2}/span ${length};grid-row:2/span ${histories.length}`,
    });
    grid.replaceChildren(head, ...rows);
    frames.replaceChildren(grid);
    grid.append(frame);
    summary = `T = ${length}, padding ${way}${end === "oldest" ? "" : ", newest clicks cut"}: `
      + `${cutAway} of ${plural(total, "click")} ${cutAway === 1 ? "is" : "are"} cut, `
      + `${plural(padded, "cell")} ${padded === 1 ? "is" : "are"} padding.`;
    keys.refresh();
    if (focused) {
      const same = [...grid.querySelectorAll(".sv-cell")].find((node) =>
        node.dataset.row === focused.row && node.dataset.at === focused.at && node.dataset.t === focused.t);
      (same ?? grid.querySelector(`.sv-cell[data-row="${focused.row}"]`))?.focus();
    } else {
      touch(null);
      // On a phone the grid scrolls: begin at the frame, what was cut lies beside it.
      requestAnimationFrame(() => {
        const [inner, outer] = [frame, frames].map((node) => node.getBoundingClientRect());
        frames.scrollLeft += inner.left - outer.left - 52;
      });
    }
  }

  // ---- Words -----------------------------------------------------------------

  function wordsOf({ row, at, kind, t }) {
    const of = histories[row].length;
    if (kind === "padding") {
      return `${users[row]}, place t = ${t}: padding. Id 0, mask 0${table ? ", and the embedding of item 0" : ""}.`;
    }
    const item = histories[row][at];
    const name = `${title(item)}, id ${item}, click ${at + 1} of ${of}`;
    return kind === "cut" ? `${users[row]}: ${name}, is cut. The batch does not hold it.`
      : `${users[row]}, place t = ${t}: ${name}. Mask 1.`;
  }

  function touch(node) {
    hot = node;
    grid.querySelectorAll(".sv-hot").forEach((other) => other.classList.remove("sv-hot"));
    if (!hot) return live.say(summary);
    if (hot.dataset.kind !== "padding") { // the same item wherever it stands
      grid.querySelectorAll(`[data-item="${hot.dataset.item}"]`).forEach((other) => other.classList.add("sv-hot"));
    } else hot.classList.add("sv-hot");
    return live.say(hot.getAttribute("aria-label"));
  }

  let summary = "";
  const frames = el("div", { class: "sv-frame-box" });
  hand(grid, ".sv-cell", touch);

  // ---- The card --------------------------------------------------------------

  const root = card(model,
    el("style", {}, SEQUENCE_STYLE),
    el("div", { class: "sv-controls" }, slider, side.node, cut.node, face.node),
    el("p", { class: "sv-part" }, el("b", {}, "Batch"), " · ", shape,
      " · inside the frame; the dashed cells are cut"),
    frames, legend, live.node);
  root.classList.add("sv-sequence");

  redraw(model, ["length", "side", "cut", "face"], draw);
  host.replaceChildren(root);
  draw();
}

export default { render };
