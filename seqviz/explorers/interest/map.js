// The item map, for the explorers that name it in `uses`: items as dots, the history
// as rings, what interests retrieve as their signs, interests as large signs.

const WIDE = 400; // the map's own units
const HIGH = 320;

/** Item vectors with their place on the map: `at(vector)` in the map's units. */
function itemVectors({ items, axes, mean, share }) {
  const table = array(items);
  const plane = rowsOf(array(axes));
  const middle = array(mean).data;
  const flat = (vector) => plane.map((axis) => dot(axis, vector) - dot(axis, middle));
  const rows = rowsOf(table);
  const ends = [0, 1].map((i) => {
    const values = rows.slice(1).map((row) => flat(row)[i]);
    return [Math.min(...values), Math.max(...values)];
  });
  const spans = ends.map(([low, high]) => high - low || 1);
  const scale = Math.min((WIDE - 48) / spans[0], (HIGH - 48) / spans[1]);
  const at = (vector) => {
    const [x, y] = flat(vector);
    return [
      WIDE / 2 + (x - (ends[0][0] + ends[0][1]) / 2) * scale,
      HIGH / 2 - (y - (ends[1][0] + ends[1][1]) / 2) * scale,
    ];
  };
  const width = table.shape[1];
  return { rows, width, share, at, places: rows.map(at), zero: at(new Float64Array(width)) };
}

/** The map of items with these titles; `ontouch(item or null)` tells of the hand. */
function itemMap(titles, ontouch) {
  const label = el("div", { class: "sv-label", hidden: true, "aria-hidden": "true" });
  const picture = svg("svg", {
    class: "sv-map", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "group",
    "aria-label": "Item map. Arrow keys move between items.",
  });
  // Chromium lets Tab stop at an <svg> with listeners for focus: they are outside.
  const box = el("div", { class: "sv-map-box" }, picture, label);
  const keys = roving(box, ".sv-item");
  const share = el("p", { class: "sv-hint" });
  const cross = () => svg("path", { class: "sv-zero", d: "M-5 0H5M0-5V5" });
  const dots = () => svg("circle", { class: "sv-dot", r: 2.2 });
  const ring = () => svg("circle", { class: "sv-had", r: 5 });
  const sample = (text, ...shapes) => el("span", {}, svg("svg", {
    width: 20, height: 20, viewBox: "-10 -10 20 20", class: "sv-sign", "aria-hidden": "true",
  }, shapes), text);
  const key = el("p", { class: "sv-hint sv-key" },
    sample("item", dots()), sample("in the history", ring(), dots()),
    sample("retrieved", signPath(0, 5)), sample("interest vector", signPath(0, 9)),
    sample("zero", cross()));
  let marks = [];
  let arrows = [];
  let vectors = null;
  let touched = null;

  hand(box, ".sv-item", (node) => {
    if (!node || node === document.activeElement) ontouch(node && Number(node.dataset.item));
  });
  picture.addEventListener("pointermove", (event) => {
    const frame = picture.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * WIDE;
    const y = ((event.clientY - frame.top) / frame.height) * HIGH;
    let near = null;
    let least = 18;
    vectors.places.forEach((place, item) => {
      const far = Math.hypot(place[0] - x, place[1] - y);
      if (item && far < least) [near, least] = [item, far];
    });
    if (near !== touched) ontouch(near);
  });

  return {
    node: el("div", {}, box, key, share),
    /** Makes the marks of the items and of `count` interests. */
    build(count) {
      marks = titles.map((_, item) => item && svg("g", {
        class: "sv-item", role: "img", "data-item": item, tabindex: -1,
      })).filter(Boolean);
      arrows = Array.from({ length: count }, (_, k) => ({
        ray: svg("line", { x2: 1, class: `sv-ray sv-interest-${(k % 4) + 1}` }),
        mark: svg("g", { class: "sv-vector", "data-interest": k },
          signPath(k, 10, { class: "sv-sign-path sv-halo" }), signPath(k, 10)),
      }));
      picture.replaceChildren(cross(), ...marks,
        ...arrows.flatMap(({ ray, mark }) => [ray, mark]));
    },
    /** Draws; `history` is a set of items, `found[k]` the items of interest k. */
    draw(now) {
      vectors = now.vectors;
      marks.forEach((node) => {
        const item = Number(node.dataset.item);
        const by = now.found.flatMap((items, k) => (items.includes(item) ? [k] : []));
        const had = now.history.has(item);
        const [x, y] = vectors.places[item];
        node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
        node.setAttribute("aria-label", [now.describe(item), had && "in the history",
          by.length && `retrieved by interest ${listed(by.map((k) => k + 1))}`,
        ].filter(Boolean).join(", "));
        node.replaceChildren(svg("circle", { class: "sv-hot-ring", r: 12 }),
          ...(had ? [ring()] : []),
          ...by.map((k, i) => svg("g", {
            transform: `translate(${(i - (by.length - 1) / 2) * 10} 0)` }, signPath(k, 5))),
          ...(by.length ? [] : [dots()]));
      });
      picture.firstChild.setAttribute("transform", `translate(${vectors.zero.join(" ")})`);
      arrows.forEach(({ ray, mark }, k) => {
        const [x, y] = vectors.at(now.interests[k]);
        const [dx, dy] = [x - vectors.zero[0], y - vectors.zero[1]];
        mark.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
        ray.style.transform = `translate(${vectors.zero[0]}px, ${vectors.zero[1]}px) `
          + `rotate(${Math.atan2(dy, dx)}rad) scale(${Math.hypot(dx, dy)}, 1)`;
        [ray, mark].forEach((node) => node.classList.toggle("sv-gone", !now.shown(k)));
      });
      share.textContent = `The map shows ${percent(vectors.share)} of the variance of `
        + `${plural(vectors.width, "dimension")}.`;
      keys.refresh();
    },
    /** Names an item on the map (null: none). */
    touch(item) {
      touched = item;
      label.hidden = item == null;
      if (item == null) return;
      const [x, y] = vectors.places[item];
      const left = x <= WIDE / 2;
      label.textContent = titles[item];
      label.style.cssText = `${left ? "left" : "right"}: `
        + `${((100 * (left ? x : WIDE - x)) / WIDE).toFixed(1)}%; `
        + `top: ${((100 * y) / HIGH).toFixed(1)}%`;
      label.classList.toggle("sv-under", y < 40);
    },
  };
}
