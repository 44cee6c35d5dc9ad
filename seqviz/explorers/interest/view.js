// InterestExplorer: one history, the weights of K interests over it, the item map,
// and what each interest retrieves. The numbers are computed in `compute`.

/** Reads the model's arrays once; item vectors may be added by Python later. */
function arrays(model) {
  const ids = array(model.get("item_ids"));
  const truth = model.get("truth");
  const cache = {};
  const once = (key, make) => (cache[key] ??= make());
  return {
    length: ids.shape[1],
    row: (user) => rowOf(ids, user),
    causes: (user) => once(`truth ${user}`, () => rowOf(array(truth.of), user)),
    logits(user, count) {
      const { shape, data } = once(`logits ${count}`, () =>
        array(model.get("readings")[count].logits));
      const size = shape[1] * shape[2];
      return rowsOf({ shape: shape.slice(1), data: data.subarray(user * size, (user + 1) * size) });
    },
    vectors: (place) => once(`vectors ${place}`, () => itemVectors(model.get("vectors")[place])),
  };
}

/** The whole arithmetic: weights [K][T], interests [K][E], the best items of each. */
function compute({ ids, kept, logits, vectors, count, exclude }) {
  const weights = logits.map((row) => softmax(row, kept));
  const interests = weights.map((row) => {
    const sum = new Float64Array(vectors.width);
    row.forEach((weight, t) => {
      if (weight) vectors.rows[ids[t]].forEach((x, e) => { sum[e] += weight * x; });
    });
    return sum;
  });
  const seen = new Set(exclude ? [...ids].filter((_, t) => kept[t]) : []);
  const scores = interests.map((interest) => vectors.rows.map((item) => dot(interest, item)));
  const found = interests.map((interest, k) => (interest.some((x) => x !== 0)
    ? best(scores[k], count, (item) => item > 0 && !seen.has(item)) : []));
  return { weights, interests, scores, found };
}

/** One true interest for each interest, so that most clicks agree: [labels, clicks]. */
function match(counts, k = 0, used = 0, memo = new Map()) {
  if (k === counts.length) return [[], 0];
  const key = `${k} ${used}`;
  if (memo.has(key)) return memo.get(key);
  const [rest, sum] = match(counts, k + 1, used, memo);
  let top = [[-1, ...rest], sum];
  counts[k].forEach((clicks, label) => {
    if (!clicks || (used >> label) & 1) return;
    const [others, more] = match(counts, k + 1, used | (1 << label), memo);
    if (clicks + more > top[1]) top = [[label, ...others], clicks + more];
  });
  memo.set(key, top);
  return top;
}

function render({ model, el: host }) {
  const data = arrays(model);
  const titles = model.get("titles");
  const { names, of } = model.get("categories");
  const category = (item) => names[of[item]] ?? "";
  const truth = model.get("truth");
  const choices = model.get("choices");
  const hidden = new Set();
  let solo = null;
  let showTruth = false;
  let hot = null; // what is under the hand: { item, position } or { interest }
  let now = null; // what is drawn
  let built = {}; // for which user and K the parts were built

  // ---- Parts -----------------------------------------------------------------

  const put = writer(model);
  const user = select("User", model.get("users"), (row) =>
    put({ removed: [], selected: null, user: row }));
  const number = segmented("Interests", choices.map(String), (index) =>
    put({ num_interests: choices[index] }));
  const reveal = toggle("Show the true interest", (on) => { showTruth = on; draw(); });
  const reset = el("button", {
    type: "button", class: "sv-button sv-reset",
    "aria-label": "Reset: put all clicks back", onclick: () => {
      put({ removed: [] });
      list.querySelector(".sv-tile")?.focus();
    },
  }, "Reset");
  const hint = el("span", { id: newId() }, "press a tile to leave its click out",
    el("span", { class: "sv-unseen" }, "; the arrow keys move between tiles"));
  const scale = el("span", {});
  const list = el("ol", {
    class: "sv-tiles", "data-rows": true, "aria-label": "History, oldest click first",
  });
  const tilesKeys = roving(list, ".sv-tile");
  const map = itemMap(titles, (item) => touch(item && { item }));
  const rows = el("div", { class: "sv-rows" });
  const live = sentence();
  let tiles = [];
  let interestRows = [];

  const visible = (k) => (solo == null ? !hidden.has(k) : solo === k);

  function buildTiles() {
    const ids = data.row(model.get("user"));
    const clicks = [...ids.keys()].filter((t) => ids[t] > 0);
    tiles = clicks.map((t, n) => ({ t, n, item: ids[t], of: clicks.length, ...tile({
      title: titles[ids[t]], category: category(ids[t]),
      count: model.get("num_interests"), "data-item": ids[t], "data-position": t,
      "aria-describedby": hint.id, onclick: () => flip(t),
    }) }));
    list.replaceChildren(...tiles.map((one) => el("li", {}, one.node)));
    list.hidden = !tiles.length;
    none.hidden = Boolean(tiles.length);
    tilesKeys.refresh();
  }

  function flip(t) {
    const removed = model.get("removed");
    const next = removed.includes(t) ? removed.filter((p) => p !== t) : [...removed, t];
    put({ selected: t, removed: next.sort((a, b) => a - b) });
  }

  function buildRows(count) {
    interestRows = Array.from({ length: count }, (_, k) => {
      const press = (text, act) => el("button", {
        type: "button", class: "sv-button", onclick: act,
        "aria-label": `${text} interest ${k + 1}`,
      }, text);
      const hide = press("Hide", () => {
        if (solo != null) solo = null;
        else if (!hidden.delete(k)) hidden.add(k);
        draw();
      });
      const alone = press("Solo", () => { solo = solo === k ? null : k; draw(); });
      const cause = el("span", { class: "sv-cause" });
      const chips = el("ol", { class: "sv-chips", "aria-label": `Interest ${k + 1} retrieves` });
      const node = el("div", {
        class: "sv-row", role: "group", "aria-label": `Interest ${k + 1}`, "data-interest": k,
      }, el("div", { class: "sv-row-head" },
        el("span", { class: "sv-row-name" }, sign(k, 18), `Interest ${k + 1}`), cause,
        el("span", { class: "sv-row-keys" }, hide, alone)), chips);
      return { node, hide, alone, cause, chips };
    });
    rows.replaceChildren(...interestRows.map(({ node }) => node));
  }

  // ---- State -----------------------------------------------------------------

  /** What to draw, or what is missing. */
  function look() {
    const row = model.get("user");
    const count = model.get("num_interests");
    const removed = model.get("removed");
    const ids = data.row(row);
    const kept = Array.from(ids, (item, t) => item > 0 && !removed.includes(t));
    const reading = model.get("readings")[count];
    const answer = model.get("answer") ?? {};
    const asked = model.get("asks") && kept.some(Boolean) && (!reading || removed.length > 0);
    const answered = asked && answer.user === row && answer.num_interests === count
      && String(answer.removed) === String([...removed].sort((a, b) => a - b));
    let logits = reading && data.logits(row, count);
    let place = reading && reading.vectors;
    if (answered && !answer.problem) {
      const small = rowsOf(array(answer.logits));
      logits = small.map((values) => {
        const wide = new Float32Array(ids.length);
        answer.positions.forEach((t, i) => { wide[t] = values[i]; });
        return wide;
      });
      place = answer.vectors;
    }
    if (!logits && !kept.some(Boolean)) { // nothing to weigh: any vectors will do
      logits = Array.from({ length: count }, () => new Float32Array(ids.length));
      place = 0;
    }
    const state = { row, count, removed, ids, kept, asked, waits: asked && !answered,
      problem: answered ? answer.problem : null };
    if (!logits) return state;
    state.vectors = data.vectors(place);
    return { ...state, logits, ...compute({ ids, kept, logits, vectors: state.vectors,
      count: model.get("num_retrieved"), exclude: model.get("exclude_history") }) };
  }

  /** Which interest has the largest weight on position t. */
  const strongest = (t) => best(now.weights.map((row) => row[t]), 1)[0][0];

  function judge() {
    if (!truth) return null;
    const causes = data.causes(now.row);
    const here = [...new Set(causes)].filter((cause) => cause >= 0);
    const judged = [...now.ids.keys()].filter((t) => now.kept[t] && causes[t] >= 0);
    const counts = now.weights.map(() => here.map(() => 0));
    judged.forEach((t) => { counts[strongest(t)][here.indexOf(causes[t])] += 1; });
    const [labels, right] = match(counts);
    return { right, of: judged.length,
      labels: labels.map((l) => (l < 0 ? null : truth.labels[here[l]])) };
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    user.set(next.row);
    number.set(choices.indexOf(next.count));
    reveal.set(showTruth);
    if (!next.weights) { // Python is asked and the page has nothing of its own
      live.say(next.problem ? `Python could not answer: ${next.problem}`
        : `Asking Python for ${plural(next.count, "interest")} …`);
      return;
    }
    now = next;
    if (built.count !== now.count) {
      map.build(now.count);
      buildRows(now.count);
      hidden.clear();
      solo = null;
    }
    if (built.count !== now.count || built.row !== now.row) buildTiles();
    built = { count: now.count, row: now.row };
    now.judged = showTruth ? judge() : null;
    drawTiles();
    drawMap();
    drawRows();
    reset.disabled = !now.removed.length;
    speak();
  }

  function drawTiles() {
    const full = Math.max(0, ...now.weights.map((row) => Math.max(...row)));
    list.classList.toggle("sv-noted", showTruth);
    scale.textContent = full ? `a full bar is a weight of ${digits(full)}` : "";
    const causes = showTruth && truth ? data.causes(now.row) : null;
    tiles.forEach((one) => {
      const kept = now.kept[one.t];
      const k = kept ? strongest(one.t) : null;
      one.win(k != null && visible(k) ? k : null);
      one.bars.set(now.weights.map((row) => row[one.t]), full, (i) => !visible(i));
      const cause = causes && (causes[one.t] < 0 ? "no interest" : truth.labels[causes[one.t]]);
      one.note(cause);
      one.node.setAttribute("aria-pressed", String(!kept));
      one.node.setAttribute("aria-label", [
        `Click ${one.n + 1} of ${one.of}: ${titles[one.item]}`, category(one.item),
        kept ? `strongest: interest ${k + 1}` : "left out", cause && `true: ${cause}`,
      ].filter(Boolean).join(", "));
      one.node.title = titles[one.item];
    });
  }

  const drawMap = () => map.draw({
    vectors: now.vectors,
    interests: now.interests,
    history: new Set([...now.ids].filter((_, t) => now.kept[t])),
    found: now.found.map((items, k) => (visible(k) ? items.map(([item]) => item) : [])),
    shown: (k) => visible(k) && now.found[k].length > 0,
    describe: (item) => [titles[item], category(item)].filter(Boolean).join(", "),
  });

  function drawRows() {
    interestRows.forEach(({ node, hide, alone, cause, chips }, k) => {
      node.classList.toggle("sv-off", !visible(k));
      hide.setAttribute("aria-pressed", String(!visible(k)));
      alone.setAttribute("aria-pressed", String(solo === k));
      cause.textContent = now.judged ? `≈ ${now.judged.labels[k] ?? "none"}` : "";
      chips.replaceChildren(...now.found[k].map(([item, score]) => el("li", {
        class: "sv-chip", "data-item": item, "data-score": score, title: titles[item],
      }, el("span", {}, titles[item]), el("b", {}, score.toFixed(2).replace("-", "−")))));
      if (!now.found[k].length) {
        chips.replaceChildren(el("li", { class: "sv-hint" },
          "nothing: a zero vector scores every item 0"));
      }
    });
  }

  // ---- Words -----------------------------------------------------------------

  function reads(k) {
    const heavy = best(now.weights[k], 3, (t) => now.weights[k][t] > 0);
    return listed(heavy.map(([t, weight]) => `${percent(weight)} on ${titles[now.ids[t]]}`));
  }

  const finds = (k) => listed(now.found[k].slice(0, 3).map(([item]) => titles[item]));

  function speak() {
    const { row, count, removed, kept } = now;
    if (hot?.position != null) return live.say(...clickWords(hot));
    if (hot?.item != null) return live.say(...itemWords(hot.item));
    const who = `User ${model.get("users")[row]}`;
    if (!kept.some(Boolean)) {
      return live.say(tiles.length
        ? `${who}: every click is left out. Every weight is 0, the interests are zero vectors.`
        : `${who}: no clicks yet. Every weight is 0, the interests are zero vectors.`);
    }
    const k = hot?.interest ?? [...Array(count).keys()].find(visible);
    const words = k == null ? [`${who}: all interests are hidden.`]
      : [`${who}: `, named(k), visible(k)
        ? ` reads ${reads(k)}; it retrieves ${finds(k)}.` : " is hidden."];
    if (removed.length) words.push(` ${plural(removed.length, "click")} left out.`);
    if (now.problem) words.push(` Python could not answer: ${now.problem}`);
    else if (now.waits) words.push(" Asking Python …");
    const { judged } = now;
    if (judged) {
      words.push(judged.of ? ` With each interest matched to one true interest, ${judged.right} of `
        + `${plural(judged.of, "click")} (${percent(judged.right / judged.of)}) agree.`
        : " No click has a true interest.");
    }
    return live.say(...words);
  }

  function clickWords({ position, item }) {
    const one = tiles.find(({ t }) => t === position);
    const head = `${titles[item]} (${category(item)}), click ${one.n + 1} of ${one.of}: `;
    const each = (weights) => weights.flatMap((weight, k) => [
      k ? ", " : "", named(k), `:\u00a0${digits(weight)}`]);
    if (now.kept[position]) return [head, ...each(now.weights.map((row) => row[position])), "."];
    if (now.asked) return [head, "left out, so its weight is 0. Press to put it back."];
    const back = now.kept.map((kept, t) => kept || t === position);
    return [head, "left out, so its weight is 0. Put back, it gets ",
      ...each(now.logits.map((row) => softmax(row, back)[position])), "."];
  }

  function itemWords(item) {
    const places = now.found.flatMap((items, k) => {
      const rank = items.findIndex(([other]) => other === item);
      return rank < 0 ? [] : [[k, rank + 1]];
    });
    return [`${titles[item]} (${category(item)}): scores `,
      ...now.scores.flatMap((row, k) => [k ? ", " : "", named(k), `:\u00a0${digits(row[item])}`]),
      places.length ? `; retrieved by ${listed(places.map(([k, rank]) =>
        `interest ${k + 1} as number ${rank}`))}.` : "; not retrieved."];
  }

  // ---- Under the hand --------------------------------------------------------

  function touch(next) {
    hot = next;
    root.querySelectorAll(".sv-hot").forEach((node) => node.classList.remove("sv-hot"));
    const item = hot?.item ?? null;
    if (item != null) {
      root.querySelectorAll(`[data-item="${item}"]`).forEach((node) => node.classList.add("sv-hot"));
    }
    map.touch(item);
    if (now) speak();
  }

  const touchTile = (node) => touch(node
    && { item: Number(node.dataset.item), position: Number(node.dataset.position) });
  const touchItem = (node) => touch(node && { item: Number(node.dataset.item) });
  const touchRow = (node) => touch(node && { interest: Number(node.dataset.interest) });
  hand(list, ".sv-tile", touchTile);
  list.addEventListener("focusin", (event) => {
    const node = event.target.closest(".sv-tile");
    if (node && model.get("selected") !== Number(node.dataset.position)) {
      put({ selected: Number(node.dataset.position) });
    }
  });
  hand(rows, ".sv-chip, .sv-row", (node) =>
    (node?.matches(".sv-chip") ? touchItem : touchRow)(node));
  // ---- The card --------------------------------------------------------------

  const none = el("p", { class: "sv-none" }, "No clicks yet.");
  const root = card(model,
    el("div", { class: "sv-controls" },
      user.node, choices.length > 1 ? number.node : null, truth ? reveal.node : null, reset),
    part("History", "oldest first", hint, scale), list, none,
    el("div", { class: "sv-halves" },
      el("div", {}, part("Item map"), map.node),
      el("div", {}, part("What each interest retrieves"), rows,
        el("p", { class: "sv-hint sv-foot" }, "Score: dot product of interest and item.",
          model.get("exclude_history") ? " Items of the history are left out." : null))),
    live.node);
  root.classList.add("sv-interest-explorer");

  redraw(model, ["user", "num_interests", "removed", "answer"], draw);
  model.on("change:selected", () => {
    const node = list.querySelector(`[data-position="${model.get("selected")}"]`);
    if (now) touchTile(node);
  });
  draw();
  host.replaceChildren(root);
}

export default { render };
