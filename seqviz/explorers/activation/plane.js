// The plane of the items: a candidate that the hand moves over a colored surface.

import { el, svg } from "../core/elements.js";
import { isShortcut, under } from "../core/hand.js";
import { apart, placeLabel, placeOf } from "../core/pictures.js";
import { mix } from "../core/scale.js";

/** @import { Place } from "../core/pictures.js" */

/**
 * @typedef {object} Ground
 * @property {[Place, Place]} frame [left, right] and [bottom, top] of the plane
 * @property {Place[]} items
 * @property {string[]} titles of the items
 * @property {Place[]} history
 * @property {string[]} names of the history
 * @property {string[]} palette
 */

/**
 * Told by the hand: a place, an item, or that the candidate goes home.
 * @typedef {object} Wish
 * @property {(place: Place) => void} onmove
 * @property {(item: number) => void} onjump
 * @property {() => void} onhome
 */

const MAP = { left: 0, top: 0, width: 400, height: 320 }; // in the map's own units
const COLUMNS = 50; // of the surface
const ROWS = 40;
const REACH = 10; // how near a dot the hand must be

/** @type {Record<string, Place>} */
const WAYS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/**
 * @param {Ground} ground
 * @param {Wish} wish
 */
export function activationPlane({ frame, items, titles, history, names, palette }, wish) {
  const [[left, right], [bottom, top]] = frame;
  const edge = ((right - left) / MAP.width) * 16; // the candidate's tile stays whole
  /** @type {Place} */
  let at = [0, 0];
  /** @type {{ gap: Place, from: Place, taken: boolean, gone: boolean } | null} */
  let drag = null;

  /**
   * @param {Place} place
   * @returns {Place}
   */
  const toMap = ([x, y]) => [
    ((x - left) / (right - left)) * MAP.width,
    ((top - y) / (top - bottom)) * MAP.height,
  ];
  /**
   * @param {Place} place
   * @returns {Place}
   */
  const toPlane = ([u, v]) => [
    left + (u / MAP.width) * (right - left),
    top - (v / MAP.height) * (top - bottom),
  ];
  /**
   * @param {Place} place
   * @returns {Place}
   */
  const inside = ([x, y]) => [
    Math.min(Math.max(x, left + edge), right - edge),
    Math.min(Math.max(y, bottom + edge), top - edge),
  ];
  /** @param {Place} place on the map */
  const translated = (place) => `translate(${place.map((x) => x.toFixed(1)).join(" ")})`;
  /** @param {Place} place */
  const shift = (place) => translated(toMap(place));

  const canvas = el("canvas", { width: COLUMNS, height: ROWS, "aria-hidden": "true" });
  const label = placeLabel(MAP);
  const dots = items.map((place, item) => {
    const attributes = { class: "sv-place", "data-item": item, transform: shift(place) };
    return svg("g", attributes, svg("circle", { r: 4 }));
  });
  const marks = apart(history.map(toMap), 23);
  const rings = marks.map((place, t) => {
    const attributes = { class: "sv-place sv-read", "data-t": t, transform: translated(place) };
    return svg("g", attributes, svg("circle", { r: 11 }), svg("text", { y: 5 }, t + 1));
  });
  /**
   * @param {number} half
   * @param {number} rx
   * @param {string} [kind]
   */
  const square = (half, rx, kind) =>
    svg("rect", { class: kind, x: -half, y: -half, width: 2 * half, height: 2 * half, rx });
  const handle = svg(
    "g",
    {
      class: "sv-handle",
      tabindex: 0,
      role: "slider",
      "aria-label": "Candidate in the plane",
      "aria-roledescription": "point in a plane",
      "aria-valuemin": left,
      "aria-valuemax": right,
    },
    svg("circle", { class: "sv-grip", r: 28 }),
    square(11, 4, "sv-halo"),
    square(13.5, 6),
    square(8.5, 3),
  );
  const picture = svg(
    "svg",
    {
      class: "sv-plane",
      viewBox: `0 0 ${MAP.width} ${MAP.height}`,
      role: "group",
      "aria-label": "Plane of the items. Arrow keys move the candidate, Home brings it back.",
    },
    dots,
    rings,
    handle,
  );

  /** @param {MouseEvent} event */
  const pointer = (event) => toPlane(placeOf(event, picture, MAP));

  /**
   * The item whose dot is near a place.
   * @param {Place} place
   */
  function itemAt(place) {
    const [u, v] = toMap(place);
    const far = items.map((item) => {
      const [x, y] = toMap(item);
      return Math.hypot(x - u, y - v);
    });
    const near = far.indexOf(Math.min(...far));
    return far[near] <= REACH ? near : null;
  }

  /**
   * To the item at a place, or to the place itself.
   * @param {Place} place
   */
  function jump(place) {
    const item = itemAt(place);
    if (item == null) wish.onmove(inside(place));
    else wish.onjump(item);
  }

  /**
   * Names what is under the pointer.
   * @param {PointerEvent} event
   */
  function hover(event) {
    const item = itemAt(pointer(event));
    const t = Number(under(event, ".sv-read")?.dataset.t ?? -1);
    if (under(event, ".sv-handle")) label.hide();
    else if (item != null) label.show(titles[item], toMap(items[item]));
    else if (t >= 0) label.show(names[t], marks[t]);
    else label.hide();
  }

  picture.addEventListener("pointerdown", (event) => {
    const taken = Boolean(under(event, ".sv-handle"));
    // A finger beside the handle may want to scroll the page; its tap is a click.
    if (event.button || (!taken && event.pointerType !== "mouse")) return;
    const [x, y] = pointer(event);
    drag = {
      gap: taken ? [at[0] - x, at[1] - y] : [0, 0],
      from: [event.clientX, event.clientY],
      taken,
      gone: false,
    };
    picture.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.focus(/** @type {FocusOptions} */ ({ preventScroll: true, focusVisible: false }));
  });
  picture.addEventListener("pointermove", (event) => {
    if (!drag) return hover(event);
    const { gap, from } = drag;
    const far = Math.hypot(event.clientX - from[0], event.clientY - from[1]);
    if (far < 4 && !drag.gone) return;
    drag.gone = true;
    label.hide();
    const [x, y] = pointer(event);
    wish.onmove(inside([x + gap[0], y + gap[1]]));
  });
  picture.addEventListener("pointerup", (event) => {
    const pressed = drag && !drag.gone && !drag.taken;
    drag = null;
    if (pressed) jump(pointer(event));
  });
  picture.addEventListener("pointercancel", () => {
    drag = null;
  });
  picture.addEventListener("pointerleave", label.hide);
  picture.addEventListener("click", (event) => {
    const { pointerType } = /** @type {PointerEvent} */ (event);
    const mouse = !pointerType || pointerType === "mouse";
    if (!mouse && !under(event, ".sv-handle")) jump(pointer(event));
  });
  // Chromium heeds `touch-action` on an <svg>, not on its parts.
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  handle.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    if (isShortcut(event) || (!way && event.key !== "Home")) return;
    event.preventDefault();
    if (!way) return wish.onhome();
    const step = ((right - left) / 40) * (event.shiftKey ? 5 : 1);
    wish.onmove(inside([at[0] + step * way[0], at[1] + step * way[1]]));
  });

  return {
    node: el("div", { class: "sv-map-box sv-plane-box" }, canvas, picture, label.node),
    /**
     * Paints `weight` at each place of the plane, a row of places a step; returns the
     * lowest and the highest.
     * @param {(place: Place) => number} weight
     * @returns {Generator<void, Place>}
     */
    *paint(weight) {
      const values = new Float64Array(COLUMNS * ROWS);
      for (let row = 0; row < ROWS; row++) {
        const v = ((row + 0.5) / ROWS) * MAP.height;
        for (let column = 0; column < COLUMNS; column++) {
          const u = ((column + 0.5) / COLUMNS) * MAP.width;
          values[row * COLUMNS + column] = weight(toPlane([u, v]));
        }
        yield;
      }
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const pixels = new ImageData(COLUMNS, ROWS);
      values.forEach((value, cell) => {
        const color = mix((value - least) / (most - least || 1), palette);
        pixels.data.set([...color, 255], 4 * cell);
      });
      canvas.getContext("2d")?.putImageData(pixels, 0, 0);
      canvas.dataset.least = String(least);
      canvas.dataset.most = String(most);
      return [least, most];
    },
    /**
     * Puts the candidate at a place.
     * @param {Place} place
     * @param {string} words for a screen reader
     */
    move(place, words) {
      at = place;
      handle.setAttribute("transform", shift(place));
      handle.setAttribute("aria-valuenow", String(place[0]));
      handle.setAttribute("aria-valuetext", words);
    },
    /**
     * Marks the behavior that is chosen.
     * @param {number} behavior
     */
    choose(behavior) {
      rings.forEach((node, t) => {
        node.classList.toggle("sv-chosen", t === behavior);
      });
    },
    /**
     * Marks the behavior under the hand.
     * @param {number | null} behavior
     */
    touch(behavior) {
      rings.forEach((node, t) => {
        node.classList.toggle("sv-hot", t === behavior);
      });
    },
  };
}
