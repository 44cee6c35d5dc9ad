// The state of a figure, as a host gives it: a notebook's widget, or the page.

/**
 * What every figure's state has.
 * @typedef {object} Common
 * @property {string} title
 * @property {string} caption
 * @property {boolean} live whether a kernel is there
 */

/**
 * @template {object} State
 * @typedef {object} Model
 * @property {<Name extends keyof State>(name: Name) => State[Name]} get
 * @property {<Name extends keyof State>(name: Name, value: State[Name]) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, call: () => void) => void} on
 */

/**
 * What a module's `render` is given.
 * @template {object} State
 * @typedef {{ model: Model<State & Common>, el: HTMLElement }} Host
 */

/**
 * The traits by their names, to be taken apart: `const { titles, users } = traits(model)`.
 * @template {object} State
 * @param {Model<State>} model
 * @returns {State}
 */
export const traits = (model) =>
  /** @type {State} */ (
    new Proxy({}, { get: (_, name) => model.get(/** @type {keyof State} */ (name)) })
  );

/**
 * A function that writes some traits in one message.
 * @template {object} State
 * @param {Model<State>} model
 * @returns {(changes: Partial<State>) => void}
 */
export const writer = (model) => (changes) => {
  for (const name of /** @type {(keyof State)[]} */ (Object.keys(changes))) {
    model.set(name, /** @type {State[typeof name]} */ (changes[name]));
  }
  model.save_changes();
};

/**
 * Draws anew, once, when some of the traits change together.
 * @template {object} State
 * @param {Model<State>} model
 * @param {(keyof State & string)[]} names
 * @param {() => void} draw
 */
export function redraw(model, names, draw) {
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      draw();
    });
  };
  for (const name of names) model.on(`change:${name}`, soon);
}
