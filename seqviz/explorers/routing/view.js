// RoutingExplorer: one history, its votes, their coupling and the interests, from
// iteration to iteration, in each form. `route` is the whole arithmetic.

const RIM = 150; // of the plane, in its own units
const SIDE = 2 * RIM + 20;

/** The first logits with interests of 0, then every iteration. `vote(t, k)` is a
 * vector; a step has logits and coupling [T][K], interests [K] of [E], lengths [K] and
 * agreement [T][K]. */
function route({ vote, logits: first, active, width, iterations }) {
  const kept = active.map(Boolean);
  const share = (logits) => logits.map((row) => softmax(row, kept));
  const zeros = active.map(() => new Float64Array(width));
  const steps = [{
    logits: first, coupling: share(first), interests: zeros, lengths: active.map(() => 0),
  }];
  let logits = first;
  for (let r = 0; r < iterations; r++) {
    const coupling = share(logits);
    const interests = active.map((_, k) => {
      const sum = new Float64Array(width);
      coupling.forEach((row, t) => vote(t, k).forEach((x, i) => { sum[i] += row[k] * x; }));
      const length = Math.sqrt(dot(sum, sum));
      return sum.map((x) => x * (length / (1 + length ** 2)));
    });
    const agreement = logits.map((row, t) => row.map((_, k) => dot(vote(t, k), interests[k])));
    steps.push({
      logits, coupling, interests, agreement,
      lengths: interests.map((u) => Math.sqrt(dot(u, u))),
    });
    logits = logits.map((row, t) => row.map((b, k) => b + agreement[t][k]));
  }
  return steps;
}

function render({ model, el: host }) {
  const history = model.get("history");
  const names = model.get("names");
  const R = model.get("iterations");
  const T = history.length;
  let hot = null; // the behavior under the hand
  let now = null; // what is drawn
  let built = null; // the form for which the parts were built

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  const forms = model.get("forms").map((form) => {
    const { shape: [, own, width], data } = array(form.votes);
    const wide = Float64Array.from(data);
    const place = (t, k) => (t * own + Math.min(k, own - 1)) * width;
    const vote = (t, k) => wide.subarray(place(t, k), place(t, k) + width);
    const logits = rowsOf(array(form.logits)).map((row) => Float64Array.from(row));
    const axes = rowsOf(array(form.axes)).map((row) => Float64Array.from(row));
    return {
      ...form, K: form.active.length, shared: own === 1 && form.active.length > 1, vote,
      steps: route({ vote, logits, active: form.active, width, iterations: R }),
      at: (vector, rim) => axes.map((axis, i) => (i ? -1 : 1) * dot(axis, vector) * (RIM / rim)),
    };
  });

  function look() {
    const form = forms[model.get("form")];
    const r = model.get("iteration");
    return {
      form, r, behavior: model.get("behavior"), step: form.steps[r],
      before: r > 1 ? form.steps[r - 1] : null,
      on: form.active.flatMap((one, k) => (one ? [k] : [])),
      off: form.active.flatMap((one, k) => (one ? [] : [k])),
    };
  }

  // ---- Parts -----------------------------------------------------------------

  const kind = segmented("Form", names, (index) => put({ form: index }));
  const rounds = ["start", ...Array.from({ length: R }, (_, r) => r + 1)];
  const count = segmented("Iteration", rounds, (index) => put({ iteration: index }));
  const walk = (by) => {
    const to = model.get("iteration") + by;
    if (to >= 0 && to <= R) put({ iteration: to });
  };
  const press = (text, label, by) => el("button", {
    type: "button", class: "sv-button", "aria-label": label, onclick: () => walk(by),
  }, text);
  const back = press("Back", "Back one iteration", -1);
  const next = press("Next", "Next iteration", 1);
  const stepper = el("div", { class: "sv-stepper", onkeydown: (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || !event.target.closest("button") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    walk(by);
  } }, count.node, back, next);
  const heads = el("p", { class: "sv-line sv-heads" });
  const totals = el("p", { class: "sv-line sv-totals" });
  const list = el("ol", {
    class: "sv-lines", "data-rows": true, "aria-label": "History, oldest behavior first",
  });
  const listKeys = roving(list, ".sv-line");
  const inactive = el("p", { class: "sv-hint" });
  const sums = el("tbody");
  const table = el("table", { class: "sv-sums" }, el("thead", {}, el("tr", {},
    ["Interest", "logit", "coupling", "agreement"].map((text) => el("th", { scope: "col" }, text)))), sums);
  const picked = el("em", {});
  const which = el("span", {}); // on paper nothing else names the form
  const rays = svg("g", {});
  const ways = svg("g", {});
  const marks = svg("g", {});
  const capsules = svg("g", {});
  const picture = svg("svg", {
    class: "sv-routes", viewBox: `${-SIDE / 2} ${-SIDE / 2} ${SIDE} ${SIDE}`, role: "img",
  }, svg("circle", { class: "sv-rim", r: RIM }), svg("path", { class: "sv-zero", d: "M-5 0H5M0-5V5" }),
  rays, ways, marks, capsules);
  const label = el("div", { class: "sv-label", hidden: true, "aria-hidden": "true" });
  const box = el("div", { class: "sv-map-box sv-routes-box" }, picture, label);
  const small = (text, ...shapes) => el("span", {}, svg("svg", {
    width: 24, height: 20, viewBox: "-12 -10 24 20", class: "sv-sign", "aria-hidden": "true",
  }, shapes), text);
  const note = el("p", { class: "sv-hint" });
  const live = sentence();
  let parts = {};

  const own = (k) => `sv-interest-${(k % 4) + 1}${k < 4 ? "" : " sv-hollow"}`;

  function build() {
    const { K, vote, shared, at, rim } = now.form;
    root.style.setProperty("--sv-count", K);
    const each = (make) => Array.from({ length: K }, (_, k) => make(k));
    heads.replaceChildren(el("span", {}, "behavior"),
      ...each((k) => el("span", {}, sign(k, 13), `\u00a0${k + 1}`)));
    const lines = history.map((title, t) => {
      const cells = each((k) => {
        const mark = el("span", { class: "sv-before", hidden: true });
        const bar = weightBar(mark);
        bar.node.classList.add(...own(k).split(" "));
        return { ...bar, mark };
      });
      const node = el("button", {
        type: "button", class: "sv-tile sv-line", "data-t": t, title, tabindex: -1,
        onclick: () => put({ behavior: t }),
      }, el("span", { class: "sv-face" }, el("span", { class: "sv-name" }, el("small", {}, t + 1), " ", title)),
      cells.map((cell) => cell.node));
      return { node, cells };
    });
    list.replaceChildren(...lines.map(({ node }) => el("li", {}, node)));
    const lengths = each((k) => {
      const bar = weightBar();
      bar.node.classList.add(...own(k).split(" "));
      return bar;
    });
    totals.replaceChildren(el("span", {}, "length of interest"), ...lengths.map((bar) => bar.node));
    const cells = each(() => Array.from({ length: 3 }, () => el("td")));
    sums.replaceChildren(...cells.map((row, k) => el("tr", {},
      el("th", { scope: "row" }, sign(k, 12), `\u00a0${k + 1}`), row)));
    // One mark a vote; where all interests share it, one mark a behavior.
    const votes = history.flatMap((_, t) => (shared ? [[t, null]] : each((k) => [t, k])))
      .map(([t, k]) => {
        const [x, y] = at(vote(t, k ?? 0), rim);
        const shape = svg("g", { class: "sv-size" });
        const node = svg("g", {
          class: "sv-vote", "data-t": t, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
        }, svg("circle", { class: "sv-hot-ring", r: 9 }), shape);
        const ray = svg("line", { class: "sv-vote-ray", x2: x, y2: y });
        return { t, k, x, y, node, shape, ray };
      });
    rays.replaceChildren(...votes.map(({ ray }) => ray));
    marks.replaceChildren(...votes.map(({ node }) => node));
    const large = each((k) => ({
      way: svg("polyline", { class: `sv-way ${own(k)}` }),
      node: svg("g", { class: "sv-vector", "data-interest": k },
        signPath(k, 10, { class: "sv-sign-path sv-halo" }), signPath(k, 10)),
    }));
    ways.replaceChildren(...large.map(({ way }) => way));
    capsules.replaceChildren(...large.map(({ node }) => node));
    parts = { lines, lengths, cells, votes, large };
    listKeys.refresh();
  }

  /** A length after squash, which stays below 1. */
  const size = (x) => (x >= 0.995 ? "≈ 1" : digits(x));

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    if (built !== now.form) build();
    built = now.form;
    kind.set(forms.indexOf(now.form));
    which.textContent = names[forms.indexOf(now.form)];
    count.set(now.r);
    back.setAttribute("aria-disabled", String(now.r === 0));
    next.setAttribute("aria-disabled", String(now.r === R));
    drawLines();
    drawSums();
    drawPlane();
    speak();
  }

  function drawLines() {
    const { step, before, form } = now;
    parts.lines.forEach(({ node, cells }, t) => {
      cells.forEach((cell, k) => {
        cell.set(step.coupling[t][k], 1);
        cell.node.lastChild.textContent = percent(step.coupling[t][k]).replace(" ", "");
        cell.node.classList.toggle("sv-masked", !form.active[k]);
        cell.mark.hidden = !before || !form.active[k];
        if (before) cell.mark.style.left = `calc(2px + (100% - 4px) * ${before.coupling[t][k]})`;
      });
      if (t === now.behavior) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.setAttribute("aria-label", `${t + 1} of ${T}: ${history[t]}, coupling: `
        + now.on.map((k) => `interest ${k + 1} ${digits(step.coupling[t][k])}`).join(", "));
    });
    parts.lengths.forEach((bar, k) => {
      bar.set(step.lengths[k], 1);
      bar.node.lastChild.textContent = size(step.lengths[k]);
      bar.node.classList.toggle("sv-masked", !form.active[k]);
    });
    inactive.hidden = !now.off.length;
    inactive.textContent = `${unused()} A hatched cell takes no part in the softmax.`;
  }

  const unused = () => (now.off.length
    ? `${plural(now.off.length, "Interest", "Interests").replace(/^\d+ /, "")} `
      + `${listed(now.off.map((k) => k + 1))} ${now.off.length === 1 ? "is" : "are"} inactive.` : "");

  function drawSums() {
    const { step, behavior, form } = now;
    picked.textContent = called(behavior);
    parts.cells.forEach((row, k) => {
      const values = [step.logits, step.coupling, step.agreement].map((part) => part?.[behavior][k]);
      row.forEach((cell, i) => {
        const shown = form.active[k] && values[i] != null;
        cell.textContent = shown ? (i === 1 ? digits(values[i]) : values[i].toFixed(2).replace("-", "−")) : "–";
        cell.dataset.value = shown ? values[i] : "";
      });
    });
  }

  function drawPlane() {
    const { form, step, r } = now;
    parts.votes.forEach(({ t, k, node, shape, ray }) => {
      const takes = k ?? best(step.coupling[t], 1)[0][0];
      const weight = step.coupling[t][takes];
      if (shape.dataset.interest !== String(takes)) {
        shape.dataset.interest = takes;
        shape.replaceChildren(signPath(takes, 1));
      }
      shape.style.transform = `scale(${weight ? 1.5 + 5 * Math.sqrt(weight) : 0})`;
      const own = t === now.behavior && weight > 0;
      [node, ray].forEach((one) => one.classList.toggle("sv-chosen", own));
      node.dataset.weight = weight;
    });
    const ends = step.interests.map((u) => form.at(u, 1));
    parts.large.forEach(({ way, node }, k) => {
      const places = form.steps.slice(0, r + 1).map(({ interests }) => form.at(interests[k], 1));
      const [x, y] = ends[k];
      // Signs that would cover each other stand side by side; their ways end as they are.
      const near = now.on.filter((other) => Math.hypot(ends[other][0] - x, ends[other][1] - y) < 12);
      const aside = (Math.max(near.indexOf(k), 0) - Math.max(near.length - 1, 0) / 2) * 18;
      node.style.transform = `translate(${(x + aside).toFixed(2)}px, ${y.toFixed(2)}px)`;
      node.dataset.place = places[r];
      way.setAttribute("points", places.map((place) => place.map((p) => p.toFixed(2)).join(" ")).join(" "));
      [way, node].forEach((one) => one.classList.toggle("sv-gone", !form.active[k] || !r));
    });
    picture.setAttribute("aria-label", `Plane of ${names[forms.indexOf(form)]}, ${r
      ? now.on.map((k) => `interest ${k + 1} of length ${size(step.lengths[k])}`).join(", ")
      : "no interests yet"}.`);
    note.textContent = `Circle: length 1 for interests, ${digits(form.rim)} for votes. The plane holds `
      + `${percent(form.shares[0])} and ${percent(form.shares[1])} of their squared lengths.`;
  }

  // ---- Words -----------------------------------------------------------------

  const share = (x) => percent(x).replace(" ", "\u00a0");

  /** The name of a behavior, with its number where it has a namesake. */
  const called = (t) => (history.filter((title) => title === history[t]).length > 1
    ? `${history[t]} (${t + 1})` : history[t]);
  const em = (t) => el("em", {}, called(t));

  /** The share that all take of all behaviors, or null where shares differ. */
  function even() {
    const { step: { coupling }, on } = now;
    const first = coupling[0][on[0]];
    return coupling.every((row) => on.every((k) => Math.abs(row[k] - first) < 1e-9)) ? first : null;
  }

  function speak() {
    const { r, step, before, on } = now;
    const head = r ? `Iteration ${r} of ${R}` : "Before the first iteration";
    const words = [];
    if (hot != null) {
      words.push(`${head}, `, em(hot), ": ");
      on.forEach((k, i) => {
        words.push(i ? ", " : "", named(k), ` takes ${share(step.coupling[hot][k])}`,
          before ? ` (${share(before.coupling[hot][k])} before)` : "");
      });
      if (r) {
        const [k, most] = best(step.agreement[hot], 1, (other) => on.includes(other))[0];
        words.push(`. Its vote agrees most with `, named(k), `, by ${digits(most)}`);
      }
      return live.say(...words, ".");
    }
    const same = on.length > 1 ? even() : null;
    words.push(`${head}: `);
    if (same != null) {
      words.push(r ? "the logits are still equal, " : "the logits are equal, ",
        `each behavior gives ${share(same)} to each interest`);
      if (r) on.forEach((k, i) => words.push(i ? ", " : "; ", named(k), ` has length ${size(step.lengths[k])}`));
      return live.say(...words, ".", off());
    }
    const heavy = on.map((k) => [k, ...best(step.coupling.map((row) => row[k]), 1)[0]]);
    const told = on.length <= 4 ? heavy : [...heavy].sort((a, b) => b[2] - a[2]).slice(0, 3);
    told.forEach(([k, t, most], i) =>
      words.push(i ? "; " : "", named(k), ` takes ${share(most)} of `, em(t)));
    if (told.length < on.length) words.push(`; ${on.length - told.length} others take less of any`);
    const mean = step.coupling.reduce((sum, row) => sum + Math.max(...row), 0) / T;
    if (on.length > 1) words.push(`. On average a behavior gives ${share(mean)} to its strongest interest`);
    return live.say(...words, ".", ...alike(), off());
  }

  /** The two interests with the largest cosine, where it is 0.95 or more. */
  function alike() {
    const { r, step: { interests, lengths }, on } = now;
    const pairs = on.flatMap((k, i) => on.slice(i + 1).map((other) => [k, other,
      dot(interests[k], interests[other]) / (lengths[k] * lengths[other])]));
    const [found] = r ? best(pairs.map(([,, cosine]) => cosine), 1) : [];
    if (!found || !(found[1] >= 0.95)) return [];
    const [k, other, cosine] = pairs[found[0]];
    return [" ", named(k, true), " and ", named(other), ` point the same way (cosine ${cosine.toFixed(2)}).`];
  }

  const off = () => (now.off.length ? ` ${unused()}` : "");

  // ---- Under the hand --------------------------------------------------------

  function touch(t) {
    hot = t;
    parts.lines.forEach(({ node }, place) => node.classList.toggle("sv-hot", place === hot));
    parts.votes.forEach(({ t: of, node, ray }) =>
      [node, ray].forEach((one) => one.classList.toggle("sv-hot", of === hot)));
    speak();
  }

  const under = (event) => event.target.closest?.(".sv-vote");
  picture.addEventListener("pointerover", (event) => {
    const node = under(event);
    if (!node) return;
    touch(Number(node.dataset.t));
    const vote = parts.votes.find((one) => one.node === node);
    label.hidden = false;
    label.textContent = called(vote.t)
      + (vote.k == null ? "" : ` for interest ${vote.k + 1}`);
    const x = (vote.x + SIDE / 2) / SIDE;
    label.style.cssText = `${x <= 0.5 ? "left" : "right"}: ${(100 * (x <= 0.5 ? x : 1 - x)).toFixed(1)}%; `
      + `top: ${((100 * (vote.y + SIDE / 2)) / SIDE).toFixed(1)}%`;
    label.classList.toggle("sv-under", vote.y < 40 - SIDE / 2);
  });
  picture.addEventListener("pointerout", (event) => {
    if (!under(event)) return;
    label.hidden = true;
    touch(null);
  });
  picture.addEventListener("click", (event) => {
    const node = under(event);
    if (node) put({ behavior: Number(node.dataset.t) });
  });
  hand(list, ".sv-line", (node) => touch(node && Number(node.dataset.t)));

  // ---- The card --------------------------------------------------------------

  const key = el("p", { class: "sv-hint sv-key" },
    small("vote, size: coupling", signPath(0, 3), svg("g", { transform: "translate(7 0)" }, signPath(0, 5))),
    small("interest and its way", signPath(0, 9)));
  const root = card(model,
    el("div", { class: "sv-controls" }, names.length > 1 ? kind.node : null, stepper),
    el("div", { class: "sv-halves" },
      el("div", {}, part("Coupling", "press a behavior to see its votes"), heads, list, totals, inactive),
      el("div", {}, part("Plane", ["votes and interests of ", which]), box, key, note,
        part("In numbers", picked), table,
        el("p", { class: "sv-hint" }, "Logit + agreement: the next logit."))),
    live.node);
  root.classList.add("sv-attention-explorer", "sv-routing-explorer");

  redraw(model, ["form", "iteration", "behavior"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
