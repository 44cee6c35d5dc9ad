// ActivationExplorer: a candidate in the plane of the items, the weights that each
// mechanism gives the history for it, and one weight as a surface over the plane.
// `localUnit` and `softmax` are the whole arithmetic.

const MAP_WIDE = 400; // the map's own units
const MAP_HIGH = 320;
const COLUMNS = 50; // of the surface
const ROWS = 40;

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** The local activation unit on some behaviors: `score(query, t)` is a logit.
 * The first layer is split over the four parts of its input: what the behavior adds
 * alone is computed here, once, and the candidate's own part once a query. */
function localUnit(layers, behaviors) {
  const width = behaviors[0].length;
  const [first, ...rest] = layers;
  const parts = rowsOf(first.weight).map((row) =>
    [0, 1, 2, 3].map((part) => row.subarray(part * width, (part + 1) * width)));
  const has = behaviors.map((k) => parts.map(([, own, gap], unit) =>
    first.bias.data[unit] + k.reduce((sum, x, i) => sum + (own[i] - gap[i]) * x, 0)));
  const inner = rest.map((layer) => ({ ...layer, rows: rowsOf(layer.weight) }));
  const activate = ({ alpha, mean, variance, eps }, values) => values.forEach((x, unit) => {
    if (!alpha) {
      values[unit] = sigmoid(x);
      return;
    }
    const gate = mean
      ? sigmoid((x - mean.data[unit]) / Math.sqrt(variance.data[unit] + eps))
      : Number(x > 0);
    values[unit] = gate * x + (1 - gate) * alpha.data[unit] * x;
  });
  return {
    /** What the candidate adds alone, a number a unit. */
    ask: (q) => parts.map(([own, , gap]) =>
      q.reduce((sum, x, i) => sum + (own[i] + gap[i]) * x, 0)),
    score(q, asked, t) {
      const both = behaviors[t].map((x, i) => x * q[i]);
      let values = asked.map((x, unit) => x + has[t][unit] + dot(parts[unit][3], both));
      let layer = first;
      for (const next of inner) {
        activate(layer, values);
        const from = values;
        values = next.rows.map((row, unit) => next.bias.data[unit] + dot(row, from));
        layer = next;
      }
      return values[0];
    },
  };
}

function render({ model, el: host }) {
  const history = model.get("history");
  const titles = model.get("candidates");
  const names = model.get("names");
  const palette = model.get("palette");
  const [[left, right], [bottom, top]] = model.get("frame");
  const wide = (row) => Float64Array.from(row);
  const behaviors = rowsOf(array(model.get("behaviors"))).map(wide);
  const vectors = rowsOf(array(model.get("vectors"))).map(wide);
  const keys = model.get("beside").map((matrix) => rowsOf(array(matrix)).map(wide));
  const axes = rowsOf(array(model.get("axes"))).map(wide);
  const middle = array(model.get("mean")).data;
  const unit = localUnit(model.get("unit").map((layer) => Object.fromEntries(
    Object.entries(layer).map(([name, part]) => [name, part?.data ? array(part) : part]))), behaviors);
  const all = history.map(() => true);
  let hot = null; // the behavior under the hand
  let now = null; // what is drawn
  let painted = ""; // the surface that is drawn
  let area = null; // its lowest and highest weight

  const put = writer(model);

  // ---- Arithmetic ------------------------------------------------------------

  const placeOf = (vector) => axes.map((axis) =>
    axis.reduce((sum, x, i) => sum + x * (vector[i] - middle[i]), 0));
  const ownPlaces = vectors.map(placeOf);
  const readPlaces = behaviors.map(placeOf);
  /** The vector of an item that was moved to (x, y). */
  const moved = (item, x, y) => vectors[item].map((value, i) =>
    value + (x - ownPlaces[item][0]) * axes[0][i] + (y - ownPlaces[item][1]) * axes[1][i]);

  function logits(query, mechanism) {
    if (mechanism) return wide(keys[mechanism - 1].map((key) => dot(key, query)));
    const asked = unit.ask(query);
    return wide(history.map((_, t) => unit.score(query, asked, t)));
  }
  const isRaw = (mechanism) => !mechanism && !model.get("softmax");
  const weigh = (query, mechanism) => {
    const row = logits(query, mechanism);
    return isRaw(mechanism) ? row : softmax(row, all);
  };
  const sum = (row) => row.reduce((total, x) => total + x, 0);

  /** The weights of the real items: the scale that all bars of a mechanism share. */
  const known = new Map();
  function scaleOf(mechanism) {
    const name = `${mechanism} ${isRaw(mechanism)}`;
    if (!known.has(name)) {
      const rows = vectors.map((vector) => weigh(vector, mechanism));
      known.set(name, [
        Math.min(0, ...rows.map((row) => Math.min(...row))),
        Math.max(0, ...rows.map((row) => Math.max(...row))),
      ]);
    }
    return known.get(name);
  }

  function look() {
    const item = model.get("candidate");
    const point = model.get("point");
    const own = ownPlaces[item];
    const place = point.length ? point : own;
    const query = point.length ? moved(item, ...place) : vectors[item];
    return {
      item, place, query, away: point.length > 0,
      behavior: model.get("behavior"), surface: model.get("surface"),
      weights: names.map((_, mechanism) => weigh(query, mechanism)),
    };
  }

  // ---- The map ---------------------------------------------------------------

  const toMap = ([x, y]) => [
    ((x - left) / (right - left)) * MAP_WIDE, ((top - y) / (top - bottom)) * MAP_HIGH];
  const toPlane = (u, v) => [
    left + (u / MAP_WIDE) * (right - left), top - (v / MAP_HIGH) * (top - bottom)];
  const edge = ((right - left) / MAP_WIDE) * 16; // the candidate's tile stays whole
  const inside = ([x, y]) => [
    Math.min(Math.max(x, left + edge), right - edge),
    Math.min(Math.max(y, bottom + edge), top - edge)];
  const shift = (place) => `translate(${toMap(place).map((x) => x.toFixed(1)).join(" ")})`;

  const canvas = el("canvas", { width: COLUMNS, height: ROWS, "aria-hidden": "true" });
  const label = el("div", { class: "sv-label", hidden: true, "aria-hidden": "true" });
  const dots = ownPlaces.map((place, item) => svg("g", {
    class: "sv-place", "data-item": item, transform: shift(place),
  }, svg("circle", { r: 4 })));
  const rings = readPlaces.map((place, t) => svg("g", {
    class: "sv-place sv-read", "data-t": t, transform: shift(place),
  }, svg("circle", { r: 11 }), svg("text", { y: 5 }, t + 1)));
  const handle = svg("g", {
    class: "sv-handle", tabindex: 0, role: "slider", "aria-label": "Candidate in the plane",
    "aria-roledescription": "point in a plane", "aria-valuemin": left, "aria-valuemax": right,
  }, svg("circle", { class: "sv-grip", r: 28 }),
  svg("rect", { class: "sv-halo", x: -11, y: -11, width: 22, height: 22, rx: 4 }),
  svg("rect", { x: -13.5, y: -13.5, width: 27, height: 27, rx: 6 }),
  svg("rect", { x: -8.5, y: -8.5, width: 17, height: 17, rx: 3 }));
  const picture = svg("svg", {
    class: "sv-plane", viewBox: `0 0 ${MAP_WIDE} ${MAP_HIGH}`, role: "group",
    "aria-label": "Plane of the items. Arrow keys move the candidate, Home brings it back.",
  }, dots, rings, handle);
  const box = el("div", { class: "sv-map-box sv-plane-box" }, canvas, picture, label);

  const underHand = (event) => {
    const frame = picture.getBoundingClientRect();
    return toPlane(((event.clientX - frame.left) / frame.width) * MAP_WIDE,
      ((event.clientY - frame.top) / frame.height) * MAP_HIGH);
  };
  /** The item whose dot is within `reach` of a place (null: none). */
  const itemAt = (place, reach) => {
    const [u, v] = toMap(place);
    const far = ownPlaces.map((other) => Math.hypot(...toMap(other).map((x, i) => x - [u, v][i])));
    const near = far.indexOf(Math.min(...far));
    return far[near] <= reach ? near : null;
  };
  const name = (text, place) => {
    label.hidden = text == null;
    if (text == null) return;
    const [u, v] = toMap(place);
    label.textContent = text;
    label.style.cssText = `${u <= MAP_WIDE / 2 ? "left" : "right"}: `
      + `${((100 * (u <= MAP_WIDE / 2 ? u : MAP_WIDE - u)) / MAP_WIDE).toFixed(1)}%; `
      + `top: ${((100 * v) / MAP_HIGH).toFixed(1)}%`;
    label.classList.toggle("sv-under", v < 40);
  };

  let drag = null; // where the hand took hold: the gap to the candidate's place
  picture.addEventListener("pointerdown", (event) => {
    const held = event.target.closest(".sv-handle");
    // A finger beside the handle may want to scroll the page; its tap is a click.
    if (event.button || (!held && event.pointerType !== "mouse")) return;
    const at = underHand(event);
    drag = held ? now.place.map((x, i) => x - at[i]) : [0, 0];
    drag.taken = Boolean(held);
    drag.from = [event.clientX, event.clientY];
    picture.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.focus({ preventScroll: true, focusVisible: false });
  });
  picture.addEventListener("pointermove", (event) => {
    const at = underHand(event);
    if (!drag) {
      const item = itemAt(at, 10);
      const ring = event.target.closest(".sv-read");
      if (event.target.closest(".sv-handle")) name(null);
      else if (item != null) name(titles[item], ownPlaces[item]);
      else if (ring) name(history[ring.dataset.t], readPlaces[ring.dataset.t]);
      else name(null);
      return;
    }
    if (Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) < 4 && !drag.gone) return;
    drag.gone = true;
    name(null);
    put({ point: inside(at.map((x, i) => x + drag[i])) });
  });
  const release = () => { drag = null; };
  picture.addEventListener("pointerup", (event) => {
    const still = drag && !drag.gone && !drag.taken;
    release();
    if (still) jump(underHand(event));
  });
  picture.addEventListener("pointercancel", release);
  picture.addEventListener("pointerleave", () => name(null));
  picture.addEventListener("click", (event) => {
    if (event.pointerType && event.pointerType !== "mouse" && !event.target.closest(".sv-handle")) {
      jump(underHand(event));
    }
  });
  /** To the item at a place, or to the place itself. */
  function jump(at) {
    const item = itemAt(at, 10);
    put(item == null ? { point: inside(at) } : { candidate: item, point: [] });
  }
  // Chromium heeds `touch-action` on an <svg>, not on its parts.
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  handle.addEventListener("keydown", (event) => {
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || (!way && event.key !== "Home")) return;
    event.preventDefault();
    if (!way) return put({ point: [] });
    const step = ((right - left) / 40) * (event.shiftKey ? 5 : 1);
    put({ point: inside(now.place.map((x, i) => x + step * way[i])) });
  });

  // ---- Parts -----------------------------------------------------------------

  const asks = select("Candidate", titles, (item) => put({ candidate: item, point: [] }));
  const home = el("button", {
    class: "sv-button", type: "button", onclick: () => put({ point: [] }),
  }, "Back to the item");
  const kind = segmented(`Weights of ${names[0]}`, ["raw", "softmax"], (index) =>
    put({ softmax: index === 1 }));
  const shows = segmented("Color of the map", names, (index) => put({ surface: index }));
  const least = el("span", {});
  const most = el("span", {});
  const legend = el("p", { class: "sv-hint sv-key" },
    el("span", {}, least, el("i", {
      class: "sv-ramp", style: `background:linear-gradient(to right, ${palette.join(", ")})`,
    }), most));
  const note = el("p", { class: "sv-hint" });
  const lines = history.map((title, t) => {
    const weights = names.map(() => weightBar());
    const node = el("button", {
      type: "button", class: "sv-tile sv-line", "data-t": t, title, tabindex: -1,
      onclick: () => put({ behavior: t }),
    }, el("span", { class: "sv-face" }, el("span", { class: "sv-name" }, el("small", {}, t + 1), " ", title)),
    weights.map((bar) => bar.node));
    return { node, weights };
  });
  const list = el("ol", {
    class: "sv-lines", "data-rows": true, "aria-label": "History, oldest behavior first",
  }, lines.map(({ node }) => el("li", {}, node)));
  const listKeys = roving(list, ".sv-line");
  const full = el("p", { class: "sv-hint" });
  const totals = names.map(() => el("b", {}));
  const live = sentence();
  hand(list, ".sv-line", (node) => touch(node && Number(node.dataset.t)));

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    asks.set(now.item);
    home.disabled = !now.away;
    kind.set(model.get("softmax") ? 1 : 0);
    shows.set(now.surface);
    drawMap();
    drawLines();
    speak();
  }

  function drawMap() {
    const wanted = [now.item, now.behavior, now.surface, isRaw(now.surface)].join(" ");
    if (wanted !== painted) paint();
    painted = wanted;
    handle.setAttribute("transform", shift(now.place));
    handle.setAttribute("aria-valuenow", now.place[0]);
    handle.setAttribute("aria-valuetext", now.away
      ? `${digits(now.place[0])} across, ${digits(now.place[1])} up` : titles[now.item]);
    rings.forEach((node, t) => node.classList.toggle("sv-chosen", t === now.behavior));
    const same = digits(area[0]) === digits(area[1]); // a nearly flat surface
    [least, most].forEach((end, i) => {
      end.textContent = same ? area[i].toPrecision(4).replace("-", "−") : digits(area[i]);
    });
    note.replaceChildren("The color is the weight that ", names[now.surface], " gives ",
      el("em", {}, history[now.behavior]), `. The plane shows ${percent(model.get("share"))} of the variance of `
      + `${plural(middle.length, "dimension")}; the rest stays that of `, el("em", {}, titles[now.item]), ".");
  }

  /** The surface: the chosen weight for the candidate at each place of the plane. */
  function paint() {
    const values = new Float64Array(COLUMNS * ROWS);
    const raw = isRaw(now.surface);
    values.forEach((_, cell) => {
      const u = (((cell % COLUMNS) + 0.5) / COLUMNS) * MAP_WIDE;
      const v = ((Math.floor(cell / COLUMNS) + 0.5) / ROWS) * MAP_HIGH;
      const query = moved(now.item, ...toPlane(u, v));
      values[cell] = raw ? unit.score(query, unit.ask(query), now.behavior)
        : weigh(query, now.surface)[now.behavior];
    });
    area = [Math.min(...values), Math.max(...values)];
    const pixels = new ImageData(COLUMNS, ROWS);
    values.forEach((value, cell) => {
      pixels.data.set([...mix((value - area[0]) / (area[1] - area[0] || 1), palette), 255], 4 * cell);
    });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    [canvas.dataset.least, canvas.dataset.most] = area;
  }

  function drawLines() {
    const scales = names.map((_, mechanism) => {
      const [low, high] = scaleOf(mechanism);
      return [Math.min(low, ...now.weights[mechanism]), Math.max(high, ...now.weights[mechanism])];
    });
    lines.forEach(({ node, weights }, t) => {
      weights.forEach((bar, mechanism) =>
        bar.set(now.weights[mechanism][t], scales[mechanism][1], scales[mechanism][0]));
      if (t === now.behavior) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.setAttribute("aria-label", `${t + 1} of ${history.length}: ${history[t]}, weights: `
        + names.map((mechanism, i) => `${mechanism} ${digits(now.weights[i][t])}`).join(", "));
    });
    totals.forEach((node, mechanism) => {
      const total = sum(now.weights[mechanism]);
      node.textContent = digits(Number(total.toPrecision(6)));
      node.dataset.total = total;
    });
    full.textContent = `The bars run ${listed(names.map((mechanism, i) =>
      `${scales[i][0] < 0 ? `from ${digits(scales[i][0])} ` : ""}to ${digits(scales[i][1])} (${mechanism})`))}`
      + `${scales.some(([low]) => low < 0) ? "; hollow: below zero" : ""}.`;
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { item, away, weights } = now;
    const words = ["Candidate ", el("em", {}, titles[item]), away ? ", moved" : ""];
    if (hot != null) {
      words.push(" on ", el("em", {}, history[hot]), ": ");
      names.forEach((mechanism, i) => words.push(i ? ", " : "",
        `${mechanism} gives it weight ${digits(weights[i][hot])}`));
      return live.say(...words, ".");
    }
    words.push(": ");
    names.forEach((mechanism, i) => {
      const [t] = best(weights[i].map(Math.abs), 1)[0];
      words.push(i ? "; " : "", `${mechanism} weighs `, el("em", {}, history[t]),
        ` most, ${digits(weights[i][t])}`);
      if (!i) words.push(`, and the whole history ${digits(Number(sum(weights[i]).toPrecision(6)))}`);
    });
    return live.say(...words, ".");
  }

  // ---- Under the hand --------------------------------------------------------

  function touch(t) {
    hot = t;
    lines.forEach(({ node }, place) => node.classList.toggle("sv-hot", place === hot));
    rings.forEach((node, place) => node.classList.toggle("sv-hot", place === hot));
    speak();
  }

  // ---- The card --------------------------------------------------------------

  const row = (kindOf, head, cells) => el("p", { class: `sv-line ${kindOf}` }, head, cells);
  const root = card(model,
    el("div", { class: "sv-controls" }, asks.node, kind.node, shows.node),
    el("div", { class: "sv-halves" },
      el("div", {}, part("Plane", "drag the candidate or press a dot"), box,
        el("div", { class: "sv-under-plane" }, legend, home), note),
      el("div", { style: `--sv-count:${names.length}` },
        part("History", "press one to see its weight on the map"),
        row("sv-heads", el("span", {}, ""), names.map((text) => el("span", {}, text))),
        list,
        row("sv-totals", el("span", {}, "strength, their sum"), totals),
        full)),
    live.node);
  root.classList.add("sv-attention-explorer", "sv-activation-explorer");
  listKeys.refresh();

  redraw(model, ["candidate", "point", "behavior", "surface", "softmax"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
