// Long work in slices, so that no frame waits for all of it.

const SLICE = 5; // milliseconds

/**
 * A function that runs steps to their end: as many as a slice holds at once, the others
 * in slices behind it. Work that is handed over drops what is left of the work before.
 * @returns {(steps: Iterator<unknown>) => void}
 */
export function sliced() {
  /** @type {Iterator<unknown> | null} */
  let current = null;
  /** @param {Iterator<unknown>} steps */
  function go(steps) {
    if (steps !== current) return;
    const end = performance.now() + SLICE;
    while (!steps.next().done) {
      if (performance.now() > end) return void setTimeout(go, 0, steps);
    }
  }
  return (steps) => {
    current = steps;
    go(steps);
  };
}

/**
 * A function that runs work behind the next frame, which shows what need not wait for
 * it. Work that is handed over drops the work before; in a page that nobody sees, and
 * that gets no frame, it runs at once.
 * @returns {(work: () => void) => void}
 */
export function behindFrame() {
  /** @type {(() => void) | null} */
  let current = null;
  return (work) => {
    if (document.hidden) return work();
    current = work;
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (current === work) work();
      }),
    );
  };
}
