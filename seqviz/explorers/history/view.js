// HistoryExplorer: a history from the shelves, the readers' lists side by side.

import { card, part, sentence } from "../core/card.js";
import { button, select, slider } from "../core/controls.js";
import { el, kept, newId, setCurrent } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, writer } from "../core/model.js";
import { ownClass, sign } from "../core/signs.js";
import { numbered } from "../core/tiles.js";
import { digits, fixed, listed, plural } from "../core/words.js";
import { listOf, placeOf } from "./lists.js";
import { newReader } from "./readers/index.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Part } from "../core/hand.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Kind, Options, Weights } from "./readers/index.js" */

/**
 * @typedef {object} State
 * @property {number[]} history item ids, oldest first
 * @property {number} candidate an item, 0 for none
 * @property {number} reader whose weights stand under the clicks
 * @property {number} diversity in twentieths
 * @property {number[]} first the history to begin with
 * @property {{ name: string, kind: Kind, options: Options }[]} readers
 * @property {Weights[]} weights of each reader
 * @property {Encoded} shares of all clicks [N + 1]
 * @property {string[]} titles of item 1, 2, ...
 * @property {number[]} category_of of item 1, 2, ..., from 1 on
 * @property {string[]} categories
 * @property {number} most clicks
 * @property {number} shown how many items of a list
 */

const COUNTS = 2; // the readers that learn nothing come first
const STEPS = 20; // of the weight of variety
const FOUND = 24; // of a search
const MANY = 6; // readers, in narrow columns
const ALONE = -1; // the only row of weights has no sign
const LINK = /^#history=([\d.]*)$/;

/**
 * A name as it is typed.
 * @param {string} text
 */
const plain = (text) => text.toLowerCase().replace(/[‘’]/g, "'");

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const titles = model.get("titles");
  const categoryOf = model.get("category_of");
  const readers = model.get("readers").map((one, place) => {
    const weights = model.get("weights")[place];
    return { name: one.name, answer: newReader({ ...one, weights }, model.get("shares")) };
  });
  const [most, shown] = [model.get("most"), model.get("shown")];
  const put = writer(model);
  /** @param {number} item */
  const name = (item) => titles[item - 1];
  let shelf = 1;
  let search = "";
  /** @type {number | null} the click that is chosen */
  let chosen = null;
  /** @type {number | null} the click under the hand */
  let hot = null;
  /** @type {number[][]} */
  const past = [];

  // ---- State -----------------------------------------------------------------

  /** @param {number[]} history */
  function change(history) {
    past.push(model.get("history"));
    if (chosen != null && chosen >= history.length) chosen = null;
    put({ history });
    if (!model.get("live")) window.history.replaceState(null, "", address());
  }

  const address = () => `#history=${model.get("history").join(".")}`;

  /** The history of a link, if the address is one. */
  function linked() {
    const found = LINK.exec(window.location.hash);
    if (!found || model.get("live")) return null;
    const ids = found[1].split(".").map(Number);
    return ids.filter((id) => id >= 1 && id <= titles.length).slice(0, most);
  }

  /**
   * The lists for some clicks. Who scores all items alike has none.
   * @param {number[]} ids
   */
  function ask(ids) {
    return readers.map(({ answer }, place) => {
      const weight = place < COUNTS ? 0 : model.get("diversity") / STEPS;
      const { weights, scores } = answer(ids, model.get("candidate"));
      const nothing = scores.every((score, item) => !item || score === scores[1]);
      return { weights, scores, items: nothing ? [] : listOf(scores, categoryOf, shown, weight) };
    });
  }

  let now = ask(model.get("history"));
  /** The lists without the click that is left out. */
  let then = /** @type {typeof now | null} */ (null);

  function imagine() {
    const away = hot ?? chosen;
    then = away == null ? null : ask(model.get("history").filter((_, t) => t !== away));
  }

  /**
   * The items of a list that would not be in it without that click.
   * @param {number} place of the reader
   */
  const leaving = (place) =>
    then ? now[place].items.filter((item) => !then?.[place].items.includes(item)) : [];

  // ---- Parts -----------------------------------------------------------------

  const shelves = select("Shelf", model.get("categories"), (index) => {
    shelf = index + 1;
    search = "";
    searching.value = "";
    drawShop();
  });
  const searchId = newId();
  /** @type {HTMLInputElement} */
  const searching = el("input", {
    type: "search",
    id: searchId,
    oninput: () => {
      search = plain(searching.value.trim());
      drawShop();
    },
  });
  const weightsOf = select(
    "Weights of",
    readers.slice(COUNTS).map((one) => one.name),
    (index) => put({ reader: index + COUNTS }),
  );
  const variety = slider(
    "Variety λ",
    { min: 0, max: STEPS, step: 1, words: (x) => fixed(x / STEPS, 2) },
    (diversity) => put({ diversity }),
  );
  const shop = el("ul", { class: "sv-shop", "data-rows": true, "aria-label": "Items to click" });
  const shopKeys = roving(shop, "button");
  const list = el("ol", {
    class: "sv-tiles",
    "data-rows": true,
    "aria-label": "History, oldest click first",
  });
  const tileKeys = roving(list, ".sv-tile");
  const none = el("p", { class: "sv-none" }, "No behaviors yet.");
  const earlier = button("Earlier", () => move(-1));
  const later = button("Later", () => move(1));
  const remove = button("Remove", () => {
    if (chosen != null) change(model.get("history").filter((_, t) => t !== chosen));
  });
  const undo = button("Undo", () => {
    const before = past.pop();
    if (!before) return;
    change(before);
    past.pop();
  });
  const clear = button("Clear", () => {
    if (model.get("history").length) change([]);
  });
  const link = el("a", { href: "#" }, "Link to this history");
  const columns = readers.map((one, place) => {
    const changes = el("span");
    const empty = el("li", { class: "sv-hint" }, "nothing to read");
    const items = el("ol", { "aria-label": `The list of ${one.name}` }, empty);
    const head = el("p", { class: "sv-part" }, el("b", {}, one.name), changes);
    const node = el("div", { class: "sv-list", "data-reader": place }, head, items);
    return { node, changes, items, entries: kept(items, String, newEntry), empty };
  });
  const grid = el(
    "div",
    { class: "sv-columns", "data-many": readers.length > MANY },
    columns.map(({ node }) => node),
  );
  const listKeys = roving(grid, ".sv-entry");
  const live = sentence();

  /** @param {number} way */
  function move(way) {
    const history = [...model.get("history")];
    if (chosen == null) return;
    const next = chosen + way;
    if (next < 0 || next >= history.length) return;
    [history[chosen], history[next]] = [history[next], history[chosen]];
    chosen = next;
    change(history);
  }

  // ---- What is drawn again and again ------------------------------------------

  /** @param {number} k the interest whose weights they are, ALONE for a single row */
  function newBar(k) {
    const bar = el("i");
    const mark = k === ALONE ? null : sign(k, 8);
    const own = k === ALONE ? "" : ownClass(k);
    return {
      node: el("span", { class: `sv-row ${own}` }, mark, el("span", {}, bar)),
      /**
       * @param {number} weight
       * @param {number} full the weight whose bar fills the room
       */
      set(weight, full) {
        bar.style.width = `${(100 * weight) / (full || 1)}%`;
        bar.hidden = weight === 0;
        bar.dataset.weight = String(weight);
      },
    };
  }

  /** @param {number} t */
  function newTile(t) {
    const title = new Text();
    const bars = el("span", { class: "sv-weights", "aria-hidden": "true" });
    const rows = kept(bars, String, newBar);
    const onclick = () => {
      chosen = chosen === t ? null : t;
      draw();
    };
    const attributes = { type: "button", class: "sv-tile", tabindex: -1, "data-t": t, onclick };
    const tile = el("button", attributes, numbered(t, title), bars);
    return {
      node: el("li", {}, tile),
      /**
       * @param {number} item
       * @param {number[]} weights of the click, by interest
       * @param {number} full the weight whose bar fills the room
       */
      set(item, weights, full) {
        rows(weights.length > 1 ? [...weights.keys()] : weights.map(() => ALONE)).forEach(
          (row, k) => {
            row.set(weights[k], full);
          },
        );
        title.data = name(item);
        const says = weights.length ? `, weights ${weights.map(digits).join(", ")}` : "";
        tile.setAttribute("aria-label", `${t + 1}: ${name(item)}${says}`);
        tile.setAttribute("aria-pressed", String(t === chosen));
        setCurrent(tile, t === chosen);
      },
    };
  }
  const tiles = kept(list, String, newTile);

  /** @param {number} n */
  function newEntry(n) {
    const title = new Text();
    let item = 0;
    const onclick = () => put({ candidate: item === model.get("candidate") ? 0 : item });
    const attributes = { type: "button", class: "sv-entry", tabindex: -1, onclick };
    const button = el("button", attributes, el("small", {}, n + 1), title);
    return {
      node: el("li", {}, button),
      button,
      /**
       * @param {number} next
       * @param {number} score
       * @param {boolean} leaves
       */
      set(next, score, leaves) {
        item = next;
        title.data = name(item);
        button.title = name(item);
        button.dataset.item = String(item);
        button.dataset.score = String(score);
        button.setAttribute(
          "aria-label",
          `${n + 1}: ${name(item)}${leaves ? ", would leave" : ""}`,
        );
        button.classList.toggle("sv-leaves", leaves);
        setCurrent(button, item === model.get("candidate"));
      },
    };
  }

  // ---- Drawing ---------------------------------------------------------------

  function drawShop() {
    const found = titles
      .map((title, i) => ({ title, item: i + 1 }))
      .filter(({ title, item }) =>
        search ? plain(title).includes(search) : categoryOf[item - 1] === shelf,
      )
      .slice(0, search ? FOUND : titles.length);
    shop.replaceChildren(
      ...found.map(({ title, item }) => {
        const click = () => {
          if (model.get("history").length < most) change([...model.get("history"), item]);
          else speak();
        };
        const attributes = { type: "button", tabindex: -1, "data-item": item, onclick: click };
        return el("li", {}, el("button", attributes, title));
      }),
    );
    if (!found.length)
      shop.replaceChildren(el("li", { class: "sv-hint" }, "Nothing has this name."));
    shopKeys.refresh();
  }

  function drawTiles() {
    const history = model.get("history");
    const { weights } = now[model.get("reader")];
    const full = Math.max(0, ...(weights ?? []).flatMap((row) => Array.from(row)));
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const focused = active && list.contains(active) ? Number(active.dataset.t) : null;
    const shown = tiles([...history.keys()]);
    shown.forEach((one, t) => {
      one.set(
        history[t],
        (weights ?? []).map((row) => row[t]),
        full,
      );
    });
    list.hidden = !shown.length;
    none.hidden = shown.length > 0;
    tileKeys.refresh();
    if (focused != null && focused >= shown.length) undo.focus();
  }

  function drawLists() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.item;
    columns.forEach(({ items, changes, entries, empty }, place) => {
      const { items: ids, scores } = now[place];
      const gone = leaving(place);
      changes.textContent = gone.length ? ` · ${gone.length} leave` : "";
      const held = items.contains(document.activeElement);
      const shown = entries([...ids.keys()]);
      shown.forEach((entry, n) => {
        entry.set(ids[n], scores[ids[n]], gone.includes(ids[n]));
      });
      empty.hidden = shown.length > 0;
      if (held) shown.find((_, n) => String(ids[n]) === focused)?.button.focus();
    });
    listKeys.refresh();
  }

  function draw() {
    const history = model.get("history");
    now = ask(history);
    imagine();
    weightsOf.set(model.get("reader") - COUNTS);
    variety.set(model.get("diversity"));
    const off = { earlier: !chosen, later: chosen == null || chosen === history.length - 1 };
    setOff(earlier, off.earlier);
    setOff(later, off.later);
    setOff(remove, chosen == null);
    setOff(undo, !past.length);
    setOff(clear, !history.length);
    link.setAttribute("href", address());
    drawTiles();
    drawLists();
    speak();
  }

  /**
   * A button without work keeps the focus.
   * @param {HTMLElement} node
   * @param {boolean} off
   */
  function setOff(node, off) {
    if (off) node.setAttribute("aria-disabled", "true");
    else node.removeAttribute("aria-disabled");
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const history = model.get("history");
    const candidate = model.get("candidate");
    if (!history.length) return live.say("No click yet. Press an item of a shelf to begin.");
    const away = hot ?? chosen;
    if (away != null) {
      const lost = readers.flatMap((one, place) => {
        const gone = leaving(place);
        return gone.length ? [`${one.name} ${gone.length}`] : [];
      });
      const what = lost.length ? `entries that would leave: ${listed(lost)}` : "no list changes";
      return live.say(
        `Without click ${away + 1}, `,
        el("em", {}, name(history[away])),
        `: ${what}.`,
      );
    }
    if (candidate) {
      const places = readers.map((one, n) => `${one.name} ${placeOf(now[n].scores, candidate)}`);
      return live.say(el("em", {}, name(candidate)), ` has place: ${listed(places)}.`);
    }
    const full = history.length >= most ? ` More than ${most} do not fit here.` : "";
    /** @type {Map<number, string[]>} */
    const firsts = new Map();
    readers.forEach((one, n) => {
      const [first] = now[n].items;
      if (first) firsts.set(first, [...(firsts.get(first) ?? []), one.name]);
    });
    const words = [...firsts].map(([item, names]) => `${name(item)} (${listed(names)})`);
    return live.say(`${plural(history.length, "click")}. First come ${words.join("; ")}.${full}`);
  }

  // ---- Under the hand --------------------------------------------------------

  hand(list, ".sv-tile", (node) => {
    const t = node ? Number(/** @type {Part} */ (node).dataset.t) : null;
    if (t === hot) return;
    hot = t;
    imagine();
    for (const one of list.querySelectorAll(".sv-tile"))
      one.classList.toggle("sv-hot", one === node);
    drawLists();
    speak();
  });

  // ---- The card --------------------------------------------------------------

  const root = card(
    "history",
    model,
    [
      shelves.node,
      el(
        "div",
        { class: "sv-control" },
        el("label", { for: searchId }, "Search the shop"),
        searching,
      ),
      weightsOf.node,
      variety.node,
    ],
    shop,
    part("History", "oldest first; press one to see the lists without it"),
    list,
    none,
    el("div", { class: "sv-acts" }, earlier, later, remove, undo, clear, link),
    part("Lists", "press an item to follow it"),
    grid,
    live.node,
  );
  const given = linked();
  if (given) {
    model.set("history", given);
    // a shared history is what the link is about
    requestAnimationFrame(() => root.scrollIntoView({ block: "start" }));
  }
  window.addEventListener("hashchange", () => {
    const ids = linked();
    if (ids && String(ids) !== String(model.get("history"))) change(ids);
  });
  redraw(model, ["history", "candidate", "reader", "diversity"], draw);
  host.replaceChildren(root);
  drawShop();
  draw();
}

export default { render };
