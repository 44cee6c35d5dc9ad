// HistoryExplorer: a history from the shelves, the readers' lists side by side.

import { card, part, sentence } from "../core/card.js";
import { button, select, slider } from "../core/controls.js";
import { el, newId, setCurrent } from "../core/elements.js";
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
const LINK = /^#history=([\d.]*)$/;

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
  /** The lists without the click that is taken away in thought. */
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
      search = searching.value.trim().toLowerCase();
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
    const items = el("ol", { "aria-label": `The list of ${one.name}` });
    const head = el("p", { class: "sv-part" }, el("b", {}, one.name), changes);
    const node = el("div", { class: "sv-list", "data-reader": place }, head, items);
    return { node, changes, items };
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

  // ---- Drawing ---------------------------------------------------------------

  function drawShop() {
    const found = titles
      .map((title, i) => ({ title, item: i + 1 }))
      .filter(({ title, item }) =>
        search ? title.toLowerCase().includes(search) : categoryOf[item - 1] === shelf,
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
    const tiles = history.map((item, t) => {
      const rows = (weights ?? []).map((row, k, all) => {
        const bar = el("i", {
          style: `width:${(100 * row[t]) / (full || 1)}%`,
          hidden: row[t] === 0,
          "data-weight": row[t],
        });
        const mark = all.length > 1 ? sign(k, 8) : null;
        const own = all.length > 1 ? ownClass(k) : "";
        return el("span", { class: `sv-row ${own}` }, mark, el("span", {}, bar));
      });
      const says = (weights ?? []).map((row) => digits(row[t]));
      const node = el(
        "button",
        {
          type: "button",
          class: "sv-tile",
          tabindex: -1,
          "data-t": t,
          "aria-pressed": String(t === chosen),
          "aria-label": [`${t + 1}: ${name(item)}`, says.length && `weights ${says.join(", ")}`]
            .filter(Boolean)
            .join(", "),
          onclick: () => {
            chosen = chosen === t ? null : t;
            draw();
          },
        },
        numbered(t, name(item)),
        el("span", { class: "sv-weights", "aria-hidden": "true" }, rows),
      );
      setCurrent(node, t === chosen);
      return node;
    });
    list.replaceChildren(...tiles.map((node) => el("li", {}, node)));
    list.hidden = !tiles.length;
    none.hidden = tiles.length > 0;
    tileKeys.refresh();
    if (focused != null) (tiles[focused] ?? undo).focus();
  }

  function drawLists() {
    const candidate = model.get("candidate");
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.item;
    columns.forEach(({ items, changes }, place) => {
      const { items: ids, scores } = now[place];
      const gone = leaving(place);
      changes.textContent = gone.length ? ` · ${gone.length} leave` : "";
      const held = items.contains(document.activeElement);
      const entries = ids.map((item, n) => {
        const leaves = gone.includes(item);
        const node = el(
          "button",
          {
            type: "button",
            class: `sv-entry${leaves ? " sv-leaves" : ""}`,
            tabindex: -1,
            title: name(item),
            "data-item": item,
            "data-score": scores[item],
            "aria-label": `${n + 1}: ${name(item)}${leaves ? ", would leave" : ""}`,
            onclick: () => put({ candidate: item === candidate ? 0 : item }),
          },
          el("small", {}, n + 1),
          name(item),
        );
        setCurrent(node, item === candidate);
        return node;
      });
      items.replaceChildren(...entries.map((node) => el("li", {}, node)));
      if (!entries.length) items.replaceChildren(el("li", { class: "sv-hint" }, "nothing to read"));
      if (held) entries.find((node) => node.dataset.item === focused)?.focus();
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
    part("History", "oldest first; press one to take it away in thought"),
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
