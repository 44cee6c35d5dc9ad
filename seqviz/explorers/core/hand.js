// What is under the hand: the pointer, or the focus that arrow keys move.

/** @typedef {HTMLElement | SVGElement} Part */

/**
 * The part of a figure that an event happened on.
 * @param {Event} event
 * @param {string} selector
 */
export const under = (event, selector) =>
  /** @type {Part | null} */ (/** @type {Element} */ (event.target).closest?.(selector) ?? null);

/**
 * Whether a key is held that makes an arrow key the browser's own.
 * @param {KeyboardEvent} event
 */
export const isShortcut = (event) => event.altKey || event.ctrlKey || event.metaKey;

/**
 * Calls `show(node)` for what is under the pointer or focused, `show(null)` after.
 * @param {Element} container
 * @param {string} selector
 * @param {(node: Part | null) => void} show
 */
export function hand(container, selector, show) {
  /** @param {Event} event */
  const enter = (event) => {
    const node = under(event, selector);
    if (node) show(node);
  };
  container.addEventListener("pointerover", enter);
  container.addEventListener("pointerleave", () => {
    const focused = document.activeElement;
    const kept = focused?.matches(":focus-visible") && container.contains(focused);
    const node = kept ? focused?.closest(selector) : null;
    show(/** @type {Part | null} */ (node ?? null));
  });
  container.addEventListener("focusin", enter);
  container.addEventListener("focusout", (event) => {
    const { relatedTarget } = /** @type {FocusEvent} */ (event);
    if (!container.contains(/** @type {Node | null} */ (relatedTarget))) show(null);
  });
}

/** @type {Record<string, [number, number]>} */
const WAYS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/**
 * One stop for Tab; arrow keys go to the nearest neighbour in that direction.
 * `refresh` is to be called when the nodes are new.
 * @param {Element} container
 * @param {string} selector
 */
export function roving(container, selector) {
  const all = () => /** @type {Part[]} */ ([...container.querySelectorAll(selector)]);
  /** @param {Element} node */
  const center = (node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };

  /**
   * @param {Part} here
   * @param {[number, number]} way
   */
  const neighbour = (here, [right, down]) => {
    const nodes = all();
    // In rows of tiles reading goes on in the next row.
    if (container.hasAttribute("data-rows") && right) {
      return nodes[nodes.indexOf(here) + right] ?? here;
    }
    const from = center(here);
    let next = null;
    let shortest = Infinity;
    for (const node of nodes) {
      const to = center(node);
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const along = dx * right + dy * down;
      const across = Math.abs(dx * down) + Math.abs(dy * right);
      if (node !== here && along > 1 && along + 2 * across < shortest) {
        shortest = along + 2 * across;
        next = node;
      }
    }
    return next;
  };

  container.addEventListener("focusin", (event) => {
    const here = under(event, selector);
    if (!here) return;
    for (const node of all()) node.setAttribute("tabindex", node === here ? "0" : "-1");
  });
  container.addEventListener("keydown", (event) => {
    const press = /** @type {KeyboardEvent} */ (event);
    const here = under(press, selector);
    if (!here || isShortcut(press)) return;
    const nodes = all();
    const way = WAYS[press.key];
    const next = way
      ? neighbour(here, way)
      : { Home: nodes[0], End: nodes[nodes.length - 1] }[press.key];
    if (!next) return;
    press.preventDefault();
    next.focus();
  });
  return {
    refresh() {
      const nodes = all();
      if (nodes.length && !nodes.some((node) => node.getAttribute("tabindex") === "0")) {
        nodes[0].setAttribute("tabindex", "0");
      }
    },
  };
}
