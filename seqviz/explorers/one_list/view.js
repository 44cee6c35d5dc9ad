// OneListExplorer: one history, the interests that read it, the one list they make.

import { array, best, rowsOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { el, newId } from "../core/elements.js";
import { roving } from "../core/hand.js";
import { tile } from "../core/interest_tile.js";
import { redraw, traits, writer } from "../core/model.js";
import { compute } from "../core/pooling.js";
import { named, ownClass, sign } from "../core/signs.js";
import { digits, listed, percent } from "../core/words.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} State
 * @property {number[]} removed positions that are taken away
 * @property {string[]} titles
 * @property {{ names: string[], of: number[] }} categories
 * @property {Encoded} item_ids [T]
 * @property {Encoded} logits [K, T]
 * @property {Encoded} vectors [N+1, E]
 * @property {number} length of the list
 */

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const {
    titles,
    categories: { names, of },
    length,
  } = traits(model);
  const ids = array(model.get("item_ids")).data;
  const logits = rowsOf(array(model.get("logits")));
  const table = array(model.get("vectors"));
  const vectors = { rows: rowsOf(table), width: table.shape[1] };
  const seen = new Set(ids);
  const put = writer(model);

  /** @param {number[]} removed */
  function read(removed) {
    const kept = Array.from(ids, (item, t) => item > 0 && !removed.includes(t));
    const { weights, interests, scores } = compute({ ids, kept, logits, vectors, count: 0, seen });
    const alive = [...interests.keys()].filter((k) => interests[k].some((x) => x !== 0));
    // an item is worth what the interest that likes it best gives it
    const top = titles.map((_, item) => Math.max(...alive.map((k) => scores[k][item])));
    const found = best(top, alive.length ? length : 0, (item) => item > 0 && !seen.has(item));
    const list = found.map(([item, score]) => ({
      item,
      k: /** @type {number} */ (alive.find((k) => scores[k][item] === score)),
    }));
    return { kept, weights, list };
  }

  const whole = read([]);
  const before = new Set(whole.list.map(({ item }) => item));
  const full = Math.max(0, ...whole.weights.map((row) => Math.max(...row)));

  // ---- Parts -----------------------------------------------------------------

  const hint = el(
    "span",
    { id: newId() },
    "press one to take it away",
    el("span", { class: "sv-unseen" }, "; the arrow keys move between tiles"),
  );
  const clicks = el("ol", {
    class: "sv-tiles",
    "data-rows": true,
    "aria-label": "Clicks, oldest first",
  });
  const keys = roving(clicks, ".sv-tile");
  const places = [...ids.keys()].filter((t) => ids[t] > 0);
  const tiles = places.map((t) => {
    const attributes = {
      "data-position": t,
      "aria-describedby": hint.id,
      onclick: () => flip(t),
    };
    return { t, ...tile(titles[ids[t]], names[of[ids[t]]] ?? "", attributes) };
  });
  clicks.replaceChildren(...tiles.map(({ node }) => el("li", {}, node)));
  keys.refresh();
  const none = el("p", { class: "sv-none", hidden: tiles.length > 0 }, "No clicks yet.");
  const shelf = el("ol", { class: "sv-shelf", "aria-label": "The list" });
  const live = sentence();

  /** @param {number} t */
  function flip(t) {
    const removed = model.get("removed");
    put({ removed: removed.includes(t) ? removed.filter((p) => p !== t) : [...removed, t] });
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const removed = model.get("removed");
    const now = read(removed);
    tiles.forEach((one, n) => {
      const given = now.weights.map((row) => row[one.t]);
      const k = best(given, 1)[0][0];
      one.win(now.kept[one.t] ? k : null);
      one.bars.set(given, full, () => false);
      one.node.setAttribute("aria-pressed", String(!now.kept[one.t]));
      const how = now.kept[one.t] ? `strongest: interest ${k + 1}` : "taken away";
      const name = titles[ids[one.t]];
      one.node.setAttribute("aria-label", `Click ${n + 1} of ${tiles.length}: ${name}, ${how}`);
    });
    shelf.replaceChildren(
      ...now.list.map(({ item, k }) =>
        el(
          "li",
          { class: `sv-listed ${ownClass(k)}`, "data-item": item },
          sign(k, 14),
          el("span", {}, titles[item]),
          before.has(item) ? null : el("b", {}, "new"),
        ),
      ),
    );
    speak(removed, now);
  }

  /**
   * @param {number[]} removed
   * @param {ReturnType<typeof read>} now
   */
  function speak(removed, now) {
    const left = places.filter((t) => now.kept[t]);
    if (!left.length) {
      live.say("No click is left: every interest is a zero vector, and nothing is listed.");
      return;
    }
    if (!removed.length) {
      const most = places.map((t) => Math.max(...whole.weights.map((row) => row[t])));
      const t = places[best(most, 1)[0][0]];
      const k = best(
        whole.weights.map((row) => row[t]),
        1,
      )[0][0];
      const share = percent(whole.weights[k][t]);
      live.say(named(k, true), ` puts ${share} of its weight on ${titles[ids[t]]}. Take it away.`);
      return;
    }
    const items = new Set(now.list.map(({ item }) => item));
    const came = now.list.filter(({ item }) => !before.has(item)).map(({ item }) => titles[item]);
    const went = whole.list.filter(({ item }) => !items.has(item)).map(({ item }) => titles[item]);
    const without = listed(removed.map((t) => titles[ids[t]]));
    live.say(
      `Without ${without}: `,
      came.length
        ? `${listed(came)} ${came.length > 1 ? "come" : "comes"} in, ${listed(went)} ${
            went.length > 1 ? "go" : "goes"
          }.`
        : "the list holds the same items.",
    );
  }

  const scale = el("span", {}, full ? `a full bar is a weight of ${digits(full)}` : "");
  const root = card(
    "one_list",
    model,
    [],
    part("Her clicks", hint, scale),
    clicks,
    none,
    part("What she is shown", "each for the interest that scores it highest"),
    shelf,
    live.node,
  );
  redraw(model, ["removed"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
