// AttentionExplorer: a history as tiles, a heat map of the weights, one query whose
// row stands as bars under the tiles. `attend` is the whole arithmetic.

/** Weights [Q][T] of one head: softmax of scale * score / temperature, masked. */
function attend({ scores, readable, scale, temperature }) {
  return scores.map((row, q) =>
    softmax(Float64Array.from(row, (score) => (score * scale) / temperature), readable[q]));
}

/** The color of a weight's share of the largest; none for exactly 0. */
function tint(share, palette) {
  return share > 0 ? `rgb(${mix(share, palette).join(" ")})` : "";
}

/** A positive number from `least` to `most`, in steps of equal ratio. */
const byRatio = (least, most) => ({
  min: Math.log10(least), max: Math.log10(most), step: 0.05,
  to: (place) => Number((10 ** place).toPrecision(2)), from: Math.log10,
});

function render({ model, el: host }) {
  const { shape: [, , Q, T], data } = array(model.get("scores"));
  const own = model.get("queries") == null; // the behaviors ask themselves
  const mask = model.get("mask");
  const palette = model.get("palette");
  const heads = model.get("heads");
  const users = model.get("users");
  const gaps = mask?.some((row) => row.some((real) => !real));
  let hot = null; // what is under the hand: { q, k }
  let now = null; // what is drawn
  let built = null; // the user for whom the parts were built

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const user = model.get("user");
    const head = model.get("head");
    const start = (user * heads.length + head) * Q * T;
    const scores = Array.from({ length: Q }, (_, q) =>
      data.subarray(start + q * T, start + (q + 1) * T));
    const real = Array.from({ length: T }, (_, t) => (mask ? Boolean(mask[user][t]) : true));
    const why = (q, k) => [
      model.get("padding") && !real[k] && "padding mask",
      own && model.get("causal") && k > q && "causal mask",
      own && model.get("query_mask") && !real[q] && "query mask",
    ].filter(Boolean);
    const readable = scores.map((_, q) => real.map((_, k) => !why(q, k).length));
    const keys = model.get("titles")[user].map((title, t) => (real[t] ? title : "padding"));
    const scale = model.get("scale");
    return {
      user, head, real, why, readable, keys, scale, scores, query: model.get("query"),
      asking: own ? keys : model.get("queries")[user],
      weights: attend({ scores, readable, scale, temperature: model.get("temperature") }),
    };
  }

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => {
    const real = mask ? mask[row] : [];
    put({ user: row, query: own ? Math.max(real.lastIndexOf(1), 0) || T - 1 : model.get("query") });
  });
  const head = segmented(model.get("head_label"), heads, (index) => put({ head: index }));
  const heat = slider("Temperature τ", byRatio(0.01, 100), (value) => put({ temperature: value }));
  const flips = {
    causal: own && T > 1 && toggle("Causal mask", (on) => put({ causal: on })),
    padding: gaps && toggle("Padding mask", (on) => put({ padding: on })),
    query_mask: own && gaps && toggle("Query mask", (on) => put({ query_mask: on })),
  };
  const scale = el("span", {});
  const asks = el("ol", { class: "sv-tiles sv-asking", "data-rows": true, "aria-label": "Queries" });
  const list = el("ol", {
    class: "sv-tiles sv-keys", "data-rows": true, "aria-label": "History, oldest behavior first",
  });
  const grid = el("table", {
    class: "sv-heat", role: "grid", style: `--sv-count:${T}`,
    "aria-label": "Weights: a row for each query, a column for each key",
  });
  const most = el("span", {});
  const legend = el("p", { class: "sv-hint sv-key" },
    el("span", {}, "weight 0", el("i", {
      class: "sv-ramp", style: `background:linear-gradient(to right, ${palette.join(", ")})`,
    }), most),
    el("span", {}, el("i", { class: "sv-swatch sv-masked" }), "masked"),
    el("span", {}, el("i", { class: "sv-swatch" }), "exactly 0"));
  const live = sentence();
  const keysOf = { tiles: roving(list, ".sv-tile"), asks: roving(asks, ".sv-tile"), cells: roving(grid, "td") };
  let tiles = [];
  let asked = [];
  let cells = [];
  let rows = [];

  const face = (place, title, note) => el("span", { class: "sv-face" }, note,
    el("span", { class: "sv-name" }, el("small", {}, place + 1), " ", title));

  function build() {
    tiles = now.keys.map((title, k) => {
      const bar = weightBar();
      const note = el("span", { class: "sv-mark" });
      const node = el(own ? "button" : "span", {
        class: `sv-tile${now.real[k] ? "" : " sv-padding"}`, "data-k": k, title, tabindex: -1,
        ...(own ? { type: "button", onclick: () => put({ query: k }) } : { role: "img" }),
      }, face(k, title, note), bar.node);
      return { node, bar, note };
    });
    list.replaceChildren(...tiles.map(({ node }) => el("li", {}, node)));
    asked = own ? [] : now.asking.map((title, q) => el("button", {
      type: "button", class: "sv-tile sv-candidate", "data-q": q, title, tabindex: -1,
      onclick: () => put({ query: q }),
    }, face(q, title)));
    asks.replaceChildren(...asked.map((node) => el("li", {}, node)));
    cells = now.asking.map((_, q) => now.keys.map((_, k) =>
      el("td", { "data-q": q, "data-k": k, tabindex: -1 })));
    rows = now.asking.map((title, q) => el("tr", { "data-q": q },
      el("th", { scope: "row", title }, el("span", {}, `${q + 1} ${title}`)), cells[q]));
    grid.replaceChildren(
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "query ↓ key →"),
        now.keys.map((title, k) => el("th", { scope: "col", title, "aria-label": `${k + 1} ${title}` },
          k + 1)))),
      el("tbody", {}, rows));
    Object.values(keysOf).forEach((keys) => keys.refresh());
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    if (built !== now.user) build();
    built = now.user;
    user.set(now.user);
    head.set(now.head);
    heat.set(model.get("temperature"));
    Object.entries(flips).forEach(([name, flip]) => flip && flip.set(model.get(name)));
    drawRow();
    drawGrid();
    speak();
  }

  function drawRow() {
    const { query, weights, asking, keys } = now;
    const full = Math.max(...weights[query]);
    scale.textContent = full ? `a full bar is a weight of ${digits(full)}` : "every weight is 0";
    tiles.forEach(({ node, bar, note }, k) => {
      const weight = weights[query][k];
      const masked = !now.readable[query][k];
      bar.node.classList.toggle("sv-masked", masked);
      bar.set(weight, full);
      const here = own && k === query;
      note.textContent = here ? "q" : "";
      if (here) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.setAttribute("aria-label", [`${k + 1} of ${T}: ${keys[k]}`,
        masked ? "masked" : `weight ${digits(weight)}`, here && "the query"].filter(Boolean).join(", "));
    });
    asked.forEach((node, q) => {
      if (q === query) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.setAttribute("aria-label", `Query ${q + 1} of ${Q}: ${asking[q]}`);
    });
  }

  function drawGrid() {
    const top = Math.max(...now.weights.map((row) => Math.max(...row)));
    most.textContent = digits(top);
    cells.forEach((row, q) => {
      rows[q].classList.toggle("sv-chosen", q === now.query);
      row.forEach((cell, k) => {
        const weight = now.weights[q][k];
        const masked = !now.readable[q][k];
        cell.classList.toggle("sv-masked", masked);
        cell.style.backgroundColor = masked ? "" : tint(weight / (top || 1), palette);
        cell.dataset.weight = weight;
        cell.setAttribute("aria-label", masked ? "masked" : digits(weight));
      });
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { query, weights, asking, keys, real } = now;
    if (hot) {
      const q = hot.q ?? query;
      const { k } = hot;
      const score = digits(now.scores[q][k] * now.scale);
      const why = now.why(q, k);
      return live.say("Query ", el("em", {}, asking[q]), " on ", el("em", {}, keys[k]), ": ",
        why.length ? `masked (${why.join(", ")}), weight 0` : `weight ${digits(weights[q][k])}`,
        `; the score is ${score}.`);
    }
    const row = weights[query];
    const shown = best(row, 3, (k) => row[k] > 0 && real[k]);
    const words = ["Query ", el("em", {}, asking[query]), ": "];
    shown.forEach(([k, weight], i) => words.push(
      i ? (i === shown.length - 1 ? " and " : ", ") : "", `${percent(weight)} on `,
      el("em", {}, keys[k])));
    const lost = row.reduce((sum, weight, k) => sum + (real[k] ? 0 : weight), 0);
    if (lost) words.push(`${shown.length ? "; " : ""}${percent(lost)} on padding`);
    if (!shown.length && !lost) words.push("nothing to read, every weight is 0");
    return live.say(...words, ".");
  }

  // ---- Under the hand --------------------------------------------------------

  function touch(next) {
    hot = next;
    root.querySelectorAll(".sv-hot").forEach((node) => node.classList.remove("sv-hot"));
    if (hot) {
      tiles[hot.k].node.classList.add("sv-hot");
      cells[hot.q ?? now.query][hot.k].classList.add("sv-hot");
    }
    speak();
  }

  const place = (node, name) => Number(node.dataset[name]);
  hand(list, ".sv-tile", (node) => touch(node && { k: place(node, "k") }));
  hand(grid, "td", (node) => touch(node && { q: place(node, "q"), k: place(node, "k") }));
  grid.addEventListener("click", (event) => {
    const row = event.target.closest("tbody tr");
    if (row) put({ query: place(row, "q") });
  });
  grid.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td");
    if (cell && place(cell, "q") !== model.get("query")) put({ query: place(cell, "q") });
  });

  // ---- The card --------------------------------------------------------------

  const switches = Object.values(flips).filter(Boolean).map(({ node }) => node);
  const root = card(model,
    el("div", { class: "sv-controls" },
      users.length > 1 ? user.node : null, heads.length > 1 ? head.node : null, heat.node,
      switches),
    el("div", { class: "sv-halves sv-reading" },
      el("div", {},
        own ? null : [part("Query", "press one"), asks],
        part(own ? "History" : "History, the keys",
          own ? "press a tile to make it the query" : null, scale), list),
      el("div", {}, part("All weights", "pick a row: a click or the arrow keys"),
        el("div", { class: "sv-scroll" }, grid), legend)),
    live.node);
  root.classList.add("sv-attention-explorer");

  redraw(model, ["user", "head", "query", "temperature", "causal", "padding", "query_mask"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
