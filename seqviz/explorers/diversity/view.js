// DiversityExplorer: one user's candidates and the list that a weight makes of them.
// `rank` and `greedy` are the whole arithmetic.

const STEPS = 100; // of the slider

/** Columns by score, and for each its place in its category; category -1: no candidate. */
function rank({ scores, categories }) {
  const order = best(scores, scores.length, (i) => categories[i] >= 0).map(([i]) => i);
  const met = {};
  const places = {};
  order.forEach((i) => { places[i] = met[categories[i]] = (met[categories[i]] ?? -1) + 1; });
  return { order, places };
}

/** The greedy list. Within a category the best come first whatever happens elsewhere,
 * so an item's place there is known before: lower each score by weight times place,
 * sort once; of equal numbers the lower column. */
function greedy({ scores, categories, places }, count, weight) {
  const lowered = Array.from(scores, (score, i) => score - weight * (places[i] ?? 0));
  const met = {};
  return best(lowered, count, (i) => categories[i] >= 0).map(([column], p) => {
    const own = met[categories[column]] ?? 0;
    met[categories[column]] = own + 1;
    const others = p - own;
    return { column, others, score: scores[column], gain: scores[column] + weight * others };
  });
}

/** The share of the pairs of a list that differ in category. */
function variety(picks) {
  const pairs = (picks.length * (picks.length - 1)) / 2;
  return pairs ? sum(picks.map(({ others }) => others)) / pairs : 0;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);
const middle = (picks) => sum(picks.map(({ score }) => score)) / picks.length;

/** A, B, ..., Z, AA, AB, ... */
function letter(place) {
  return (place < 26 ? "" : letter(Math.floor(place / 26) - 1)) + String.fromCharCode(65 + (place % 26));
}

/** λ in words, three significant digits. */
const short = (weight) => String(Number(weight.toPrecision(3)));

function render({ model, el: host }) {
  const titles = model.get("titles");
  const kinds = model.get("kinds");
  const users = model.get("users");
  const lengths = model.get("lengths");
  const largest = model.get("largest");
  const curves = model.get("curves");
  const owner = model.get("curve_label");
  const table = (name) => model.get(name) && array(model.get(name));
  const [items, scores, categories, interests, relevant] =
    ["items", "scores", "categories", "interests", "relevant"].map(table);
  const known = {}; // what does not change with the weight, by user
  let hot = null; // the column under the hand
  let now = null; // what is drawn
  let built = {}; // for whom the tiles and the plots were built
  let tiles = new Map(); // column to tile

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function about(user) {
    if (known[user]) return known[user];
    const one = { scores: rowOf(scores, user), categories: rowOf(categories, user), paths: {} };
    Object.assign(one, rank(one));
    one.letters = {};
    one.order.forEach((i) => {
      one.letters[one.categories[i]] ??= letter(Object.keys(one.letters).length);
    });
    const real = one.order.map((i) => one.scores[i]);
    one.most = Math.max(...real);
    one.least = Math.min(...real);
    return (known[user] = one);
  }

  // Decimals that tell the scores apart.
  const span = Math.max(...users.map((_, user) => about(user).most - about(user).least));
  const places = Math.min(5, Math.max(2, 2 - Math.floor(Math.log10(span || 1))));
  const plain = (x) => x.toFixed(places).replace("-", "−");

  function look() {
    const [user, n, weight] = ["user", "n", "diversity_weight"].map((name) => model.get(name));
    const data = about(user);
    const picks = greedy(data, n, weight);
    const hits = relevant && rowOf(relevant, user);
    return {
      user, n, weight, data, picks, plain: new Set(data.order.slice(0, n)),
      ideal: middle(greedy(data, n, 0)), mean: middle(picks), share: variety(picks),
      count: new Set(picks.map(({ column }) => data.categories[column])).size,
      hit: (column) => Boolean(hits?.[column]),
      title: (column) => titles[rowOf(items, user)[column]],
      kind: (column) => kinds[data.categories[column]],
      letter: (column) => data.letters[data.categories[column]],
      interest: (column) => (interests ? rowOf(interests, user)[column] : -1),
    };
  }

  /** The user's own line: diversity in percent and mean score, by rising weight. */
  function pathOf({ data, n }) {
    return (data.paths[n] ??= [
      ...Array.from({ length: STEPS + 1 }, (_, i) => (i * largest) / STEPS),
      // From here on a place counts more than any difference of scores.
      2 * (data.most - data.least) + largest,
    ].map((weight) => {
      const picks = greedy(data, n, weight);
      return [100 * variety(picks), middle(picks)];
    }));
  }

  /** Recall and diversity of all users at the weight, by straight lines; null: unknown. */
  function average({ n, weight }) {
    const points = curves[n];
    if (!points) return null;
    const next = points.findIndex(([at]) => at >= weight);
    if (next <= 0) return { past: next < 0, pair: points[next < 0 ? points.length - 1 : 0].slice(1) };
    const [a, b] = [points[next - 1], points[next]];
    const part = (weight - a[0]) / (b[0] - a[0]);
    return { past: false, pair: [1, 2].map((i) => a[i] + part * (b[i] - a[i])) };
  }

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => put({ user: row }));
  const size = segmented("List length n", lengths.map(String), (index) => put({ n: lengths[index] }));
  const dial = slider("Diversity weight λ", {
    min: 0, max: STEPS, step: 1, words: short,
    to: (place) => Number(((place * largest) / STEPS).toPrecision(9)),
    from: (weight) => Math.round((Math.min(weight, largest) / largest) * STEPS),
  }, (weight) => put({ diversity_weight: weight }));
  const list = el("ol", {
    class: "sv-tiles sv-list", "data-rows": true, "aria-label": "The list, in the order of choosing",
  });
  const keys = roving(list, ".sv-tile");
  const shaded = el("span", {});
  const all = { ...plot(), says: el("span", {}) };
  const own = { ...plot(), says: el("span", {}) };
  const live = sentence();
  hand(list, ".sv-tile", (node) => touch(node && Number(node.dataset.column)));

  function make(column) {
    const k = now.interest(column);
    const bar = weightBar();
    const place = el("small", {});
    const [score, gain] = [el("b", {}), el("b", {})];
    const node = el("span", {
      class: "sv-tile sv-candidate", role: "img", tabindex: -1, "data-column": column,
      title: `${now.title(column)} (${now.kind(column)})`,
    },
    el("span", { class: "sv-face" },
      el("span", { class: "sv-top" },
        el("span", { class: "sv-category" }, el("b", {}, now.letter(column)), " ", now.kind(column)),
        now.hit(column) ? el("span", {}, "✓") : null),
      el("span", { class: "sv-name" }, place, " ", now.title(column))),
    bar.node,
    el("span", { class: "sv-sum" }, el("span", {}, k < 0 ? null : [sign(k, 12), " "], "score"), score),
    el("span", { class: "sv-sum" }, "gain", gain));
    bar.set(now.data.scores[column], Math.max(now.data.most, 0), Math.min(now.data.least, 0));
    score.textContent = plain(now.data.scores[column]);
    return { node: el("li", {}, node), tile: node, place, gain };
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    user.set(now.user);
    size.set(lengths.indexOf(now.n));
    dial.set(now.weight);
    if (!now.picks.some(({ column }) => column === hot)) hot = null;
    drawList();
    drawPlots();
    speak();
    built = { user: now.user, n: now.n };
  }

  function drawList() {
    const same = built.user === now.user;
    if (!same) tiles = new Map();
    const before = new Map([...list.children].map((node) => [node, node.getBoundingClientRect()]));
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    now.picks.forEach(({ column }) => { if (!tiles.has(column)) tiles.set(column, make(column)); });
    const rows = now.picks.map(({ column }) => tiles.get(column));
    now.picks.forEach((pick, p) => {
      const { tile: node, place, gain } = rows[p];
      place.textContent = p + 1;
      gain.textContent = plain(pick.gain);
      [node.dataset.score, node.dataset.gain] = [pick.score, pick.gain];
      node.classList.toggle("sv-brought", !now.plain.has(pick.column));
      node.setAttribute("aria-label", words(pick, p).map((part) => part.textContent ?? part).join(""));
    });
    list.replaceChildren(...rows.map(({ node }) => node));
    if (focused?.isConnected) focused.focus({ preventScroll: true });
    if (same) slide(before);
    keys.refresh();
    shaded.textContent = `shaded: not among the ${plural(now.n, "best score")}`;
  }

  /** Moves each tile from where it was to where it is. */
  function slide(before) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    [...list.children].forEach((node) => {
      node.getAnimations().forEach((one) => one.cancel());
      const from = before.get(node);
      const to = node.getBoundingClientRect();
      const [dx, dy] = from ? [from.left - to.left, from.top - to.top] : [0, 0];
      if (from && !dx && !dy) return;
      node.animate(from ? [{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }]
        : [{ opacity: 0 }, { opacity: 1 }], { duration: 200, easing: "ease-out" });
    });
  }

  function drawPlots() {
    const points = curves[now.n];
    everyone.hidden = !points;
    if (points && built.n !== now.n) {
      const last = points[points.length - 1];
      all.build({
        label: `${owner}: recall over diversity for lists of ${now.n}, from λ = ${short(points[0][0])} to λ = ${short(last[0])}`,
        axes: [`Diversity@${now.n}, %`, `Recall@${now.n}, %`], dots: points.length <= 30,
        points: points.map(([, recall, diversity]) => [100 * diversity, 100 * recall]),
        ends: [`λ = ${short(points[0][0])}`, `λ = ${short(last[0])}`],
      });
    }
    if (points) {
      const { pair: [recall, diversity], past } = average(now);
      all.move([100 * diversity, 100 * recall]);
      all.says.textContent = past ? "the end of the curve" : `at λ = ${short(now.weight)}`;
    }
    if (built.n !== now.n || built.user !== now.user) {
      own.build({
        label: `${users[now.user]}: mean score over diversity for lists of ${now.n}, from λ = 0 to a large λ`,
        axes: [`Diversity@${now.n}, %`, "mean score"], points: pathOf(now), ends: ["λ = 0", "large λ"],
      });
    }
    own.move([100 * now.share, now.mean]);
    own.says.textContent = `at λ = ${short(now.weight)}`;
  }

  // ---- Words -----------------------------------------------------------------

  /** One pick, its score and how its gain came about. */
  function words({ column, score, others, gain }, p) {
    const k = now.interest(column);
    return [`Pick ${p + 1} of ${now.n}: `, el("em", {}, now.title(column)),
      `, category ${now.letter(column)} ${now.kind(column)}`,
      ...(k < 0 ? [] : [", found by ", named(k)]), now.hit(column) ? ", clicked next" : "",
      `. Score ${plain(score)}, number ${now.data.order.indexOf(column) + 1} by score. `
      + `Chosen before it from other categories: ${others}, so its gain is `
      + `${plain(score)} + ${short(now.weight)} × ${others} = ${plain(gain)}.`];
  }

  function speak() {
    if (hot != null) {
      const p = now.picks.findIndex(({ column }) => column === hot);
      return live.say(...words(now.picks[p], p));
    }
    const { n, weight, count, share, mean, ideal, picks } = now;
    const parts = [`λ = ${short(weight)}: ${plural(count, "category", "categories")} in the list of ${n}, `
      + `${percent(share)} of its pairs differ. The mean score is ${plain(mean)}`,
    weight ? `, that of the best scores ${plain(ideal)}.` : "."];
    if (relevant) parts.push(` Clicked next: ${picks.filter(({ column }) => now.hit(column)).length} of ${n}.`);
    const point = average(now);
    if (point) parts.push(` ${owner}: recall ${percent(point.pair[0])}, diversity ${percent(point.pair[1])}.`);
    return live.say(...parts);
  }

  // ---- Under the hand --------------------------------------------------------

  function touch(column) {
    hot = column;
    tiles.forEach(({ tile: node }, other) => node.classList.toggle("sv-hot", other === hot));
    speak();
  }

  // ---- The card --------------------------------------------------------------

  const both = Object.keys(curves).length > 0;
  const everyone = el("div", {}, part(owner, all.says), all.node);
  const root = card(model,
    el("div", { class: "sv-controls" }, users.length > 1 ? user.node : null,
      lengths.length > 1 ? size.node : null, dial.node),
    part("The list", "letter: category", ...(interests ? ["sign: interest"] : []),
      ...(relevant ? ["✓: clicked next"] : []), shaded),
    list,
    el("div", { class: both ? "sv-halves sv-even" : "" },
      el("div", {}, part("This user", own.says), own.node),
      everyone),
    live.node);
  root.classList.add("sv-attention-explorer", "sv-diversity-explorer");

  redraw(model, ["user", "n", "diversity_weight"], draw);
  // A first drawing outside the page would measure nothing: there is none to slide.
  draw();
  host.replaceChildren(root);
}

export default { render };
