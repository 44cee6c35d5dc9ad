// TargetExplorer: one history under several candidates, a column of tiles and bars for
// each mechanism. `weigh` is the whole arithmetic.

/** Weights [M][T] of one mechanism: softmax of logit / temperature over the real. */
function weigh({ logits, real, temperature }) {
  return logits.map((row) =>
    softmax(Float64Array.from(row, (logit) => logit / temperature), real));
}

function render({ model, el: host }) {
  const names = model.get("names");
  const users = model.get("users");
  const temperatures = model.get("temperatures");
  const label = model.get("answer_label");
  const answers = model.get("answers");
  const arrays = model.get("logits").map(array);
  const M = model.get("candidates")[0].length;
  const T = model.get("histories")[0].length;
  let before = null; // the candidate that was chosen last, for the marks
  let hot = null; // the position under the hand
  let now = null; // what is drawn
  let built = null; // the user for whom the parts were built

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const user = model.get("user");
    const temperature = model.get("temperature");
    const real = model.get("mask")[user].map(Boolean);
    const logits = arrays.map(({ data }) => Array.from({ length: M }, (_, m) =>
      data.subarray((user * M + m) * T, (user * M + m + 1) * T)));
    return {
      user, temperature, real, logits, candidate: model.get("candidate"),
      titles: model.get("histories")[user], asking: model.get("candidates")[user],
      weights: logits.map((rows) => weigh({ logits: rows, real, temperature })),
    };
  }

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => put({ user: row }));
  const heat = segmented("Temperature τ", temperatures.map(String), (index) =>
    put({ temperature: temperatures[index] }));
  const asks = el("ol", { class: "sv-tiles", "data-rows": true, "aria-label": "Candidates" });
  const asksKeys = roving(asks, ".sv-tile");
  const columns = names.map((name) => {
    const list = el("ol", {
      class: "sv-tiles sv-keys", "data-rows": true,
      "aria-label": `History as ${name} weighs it, oldest behavior first`,
    });
    const column = {
      name, list, keys: roving(list, ".sv-tile"), tiles: [],
      scale: el("span", {}), says: el("p", { class: "sv-hint" }),
    };
    hand(list, ".sv-tile", (node) => touch(node && Number(node.dataset.t)));
    return column;
  });
  const none = el("p", { class: "sv-none" }, "No behaviors yet.");
  const live = sentence();
  let asked = [];

  const face = (title) => el("span", { class: "sv-face" }, el("span", { class: "sv-name" }, title));

  function build() {
    asked = now.asking.map((title, m) => el("button", {
      type: "button", class: "sv-tile sv-candidate", "data-m": m, title, tabindex: -1,
      onclick: () => put({ candidate: m }),
    }, face(title)));
    asks.replaceChildren(...asked.map((node) => el("li", {}, node)));
    const places = [...now.real.keys()].filter((t) => now.real[t]);
    columns.forEach((column) => {
      column.tiles = places.map((t) => {
        const mark = el("span", {
          hidden: true,
          style: "position:absolute;top:1px;height:12px;width:2px;background:var(--sv-accent)",
        });
        const bar = weightBar(mark);
        const node = el("span", {
          class: "sv-tile", role: "img", "data-t": t, title: now.titles[t], tabindex: -1,
        }, face(now.titles[t]), bar.node);
        return { t, node, bar, mark };
      });
      column.list.replaceChildren(...column.tiles.map(({ node }) => el("li", {}, node)));
      column.list.hidden = !places.length;
      column.keys.refresh();
    });
    none.hidden = places.length > 0;
    asksKeys.refresh();
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    if (now && next.user !== now.user) before = null;
    else if (now && next.candidate !== now.candidate) before = now.candidate;
    now = next;
    if (built !== now.user) build();
    built = now.user;
    user.set(now.user);
    heat.set(temperatures.indexOf(now.temperature));
    asked.forEach((node, m) => {
      if (m === now.candidate) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.setAttribute("aria-label", `Candidate ${m + 1} of ${M}: ${now.asking[m]}`);
    });
    columns.forEach(drawColumn);
    speak();
  }

  function drawColumn({ tiles, scale, says }, index) {
    const weights = now.weights[index];
    const row = weights[now.candidate];
    const full = Math.max(...weights.map((one) => Math.max(...one))); // one scale for all
    scale.textContent = !full ? "every weight is 0"
      : `${names.length > 2 ? "full bar:" : "a full bar is a weight of"} ${digits(full)}`;
    const answer = answers[index]?.[now.user][now.candidate];
    says.hidden = !answers.some(Boolean);
    says.textContent = answer == null ? "\u00a0"
      : now.temperature === 1 ? `${label}: ${percent(answer)}` : `${label}: known for τ = 1 only`;
    tiles.forEach(({ t, node, bar, mark }, place) => {
      const weight = row[t];
      bar.set(weight, full);
      mark.hidden = before == null;
      if (before != null) mark.style.left = `calc(2px + (100% - 6px) * ${weights[before][t] / (full || 1)})`;
      node.setAttribute("aria-label",
        `${place + 1} of ${tiles.length}: ${now.titles[t]}, weight ${digits(weight)}`);
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { candidate, asking, titles, weights, logits } = now;
    const words = ["Candidate ", el("em", {}, asking[candidate])];
    if (hot != null) {
      words.push(" on ", el("em", {}, titles[hot]), ": ");
      names.forEach((name, i) => {
        words.push(i ? "; " : "", `${name} gives it weight ${digits(weights[i][candidate][hot])}`,
          before == null ? "" : ` (for ${asking[before]} ${digits(weights[i][before][hot])})`,
          `, its logit is ${digits(logits[i][candidate][hot])}`);
      });
      return live.say(...words, ".");
    }
    words.push(": ");
    const most = names.length > 2 ? 1 : 3; // a sentence, not a paragraph
    names.forEach((name, i) => {
      const row = weights[i][candidate];
      const real = row.filter((_, t) => now.real[t]);
      const alike = real.length > 1 && Math.max(...real) - Math.min(...real) < 1e-6;
      const shown = best(row, most, (t) => row[t] > 0);
      words.push(i ? "; " : "", `${name} `);
      if (alike) return words.push(`reads all ${real.length} alike`);
      words.push(shown.length ? "reads " : "has nothing to read, every weight is 0");
      shown.forEach(([t, weight], n) => words.push(
        n ? (n === shown.length - 1 ? " and " : ", ") : "", `${percent(weight)} on `, el("em", {}, titles[t])));
    });
    return live.say(...words, ".");
  }

  // ---- Under the hand --------------------------------------------------------

  function touch(t) {
    hot = t;
    root.querySelectorAll(".sv-hot").forEach((node) => node.classList.remove("sv-hot"));
    if (hot != null) {
      columns.forEach(({ tiles }) => tiles.find((one) => one.t === hot)?.node.classList.add("sv-hot"));
    }
    speak();
  }

  // ---- The card --------------------------------------------------------------

  const root = card(model,
    el("div", { class: "sv-controls" }, users.length > 1 ? user.node : null, heat.node),
    part("Candidate", "press one"), asks, none,
    el("div", { class: names.length > 1 ? "sv-halves" : "", "data-columns": names.length }, columns.map((column) =>
      el("div", { "data-mechanism": column.name },
        part(column.name, column.scale), column.says, column.list))),
    live.node);
  root.classList.add("sv-attention-explorer", "sv-target-explorer");

  redraw(model, ["user", "candidate", "temperature"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
