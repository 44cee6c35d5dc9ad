// A tile of a row is dragged to the place of another.

import { under } from "./hand.js";

const FAR = 8; // pixels that make a press a drag

/**
 * Calls `move(from, to)` when a tile with `data-t` is dropped on another one.
 * @param {HTMLElement} list
 * @param {(from: number, to: number) => void} move
 */
export function dragging(list, move) {
  /** @type {{ node: Element, from: number, x: number, far: boolean } | null} */
  let held = null;

  list.addEventListener("pointerdown", (event) => {
    const node = under(event, ".sv-tile");
    if (node) held = { node, from: Number(node.dataset.t), x: event.clientX, far: false };
  });
  list.addEventListener("pointermove", (event) => {
    if (!held || held.far || Math.abs(event.clientX - held.x) < FAR) return;
    held.far = true;
    list.setPointerCapture(event.pointerId);
    held.node.classList.add("sv-dragged");
  });
  const drop = () => {
    held?.node.classList.remove("sv-dragged");
    held = null;
  };
  list.addEventListener("pointerup", (event) => {
    if (held?.far) {
      const over = document.elementsFromPoint(event.clientX, event.clientY);
      const onto = over
        .map((node) => node.closest(".sv-tile"))
        .find((node) => node && list.contains(node));
      if (onto) move(held.from, Number(/** @type {HTMLElement} */ (onto).dataset.t));
    }
    drop();
  });
  list.addEventListener("pointercancel", drop);
}
