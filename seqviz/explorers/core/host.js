// The page host: starts every explorer of a page that has no kernel. It gives the
// module a model of four methods on the state that the page carries. If anything
// fails, the still figure stays.
(() => {
  /** @typedef {(host: { model: object, el: HTMLElement }) => void | Promise<void>} Render */
  /** @typedef {{ render: Render }} Explorer */

  const root = new URL(document.documentElement.dataset.content_root || "./", document.baseURI);
  /** @type {Record<string, Promise<Explorer>>} */
  const modules = {};

  const loaded = () =>
    /** @type {{ svExplorers?: Record<string, Explorer> }} */ (window).svExplorers;

  /**
   * Runs a script; browsers import no modules over file:, and fetch nothing.
   * @param {string} file below the folder of the explorers
   * @returns {Promise<void>}
   */
  function run(file) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = new URL(`explorers/${file}`, root).href;
      script.onload = () => done();
      script.onerror = () => fail(new Error(`cannot load ${script.src}`));
      document.head.append(script);
    });
  }

  /** @param {string} name */
  async function runModule(name) {
    await run(`${name}.file.js`);
    const explorer = loaded()?.[name];
    if (!explorer) throw new Error(`no explorer in ${name}.file.js`);
    return explorer;
  }

  /**
   * Waits until a figure is a screen away, or an address asks for its state.
   * @param {HTMLElement} figure
   * @returns {Promise<void>}
   */
  const near = (figure) =>
    new Promise((done) => {
      if (location.hash.includes("=")) return done();
      const watch = new IntersectionObserver(
        (seen) => {
          if (!seen.some((one) => one.isIntersecting)) return;
          watch.disconnect();
          done();
        },
        { rootMargin: "100% 0px" },
      );
      watch.observe(figure);
    });

  /**
   * The state in the page, or in the file to which a finished book has moved it.
   * @param {HTMLElement} figure
   * @returns {Promise<Record<string, unknown>>}
   */
  async function stateOf(figure) {
    /** @type {HTMLElement | null} */
    const holder = figure.querySelector(".sv-state");
    const file = holder?.dataset.file;
    if (!file) return JSON.parse(holder?.textContent ?? "");
    await run(file);
    const { svLater } = /** @type {{ svLater?: Record<string, object> }} */ (window);
    return { ...svLater?.[file] };
  }

  /**
   * @param {string} name
   * @returns {Promise<Explorer>}
   */
  async function fetchModule(name) {
    const module = await import(new URL(`explorers/${name}.js`, root).href);
    return module.default;
  }

  /** @param {string} name */
  async function load(name) {
    const there = loaded()?.[name]; // in an output of Colab, which carries it
    if (there) return there;
    modules[name] ??= location.protocol === "file:" ? runModule(name) : fetchModule(name);
    return modules[name];
  }

  /** @param {Record<string, unknown>} state */
  function staticModel(state) {
    /** @type {Record<string, (() => void)[]>} */
    const listeners = {};
    /** @type {Set<string>} */
    const changed = new Set();
    /** @param {string} event */
    const tell = (event) => {
      for (const call of listeners[event] ?? []) call();
    };
    return {
      /** @param {string} name */
      get: (name) => state[name],
      /**
       * @param {string} name
       * @param {unknown} value
       */
      set(name, value) {
        if (state[name] === value) return;
        state[name] = value;
        changed.add(name);
        tell(`change:${name}`);
      },
      save_changes() {
        if (changed.size) tell("change");
        changed.clear();
      },
      /**
       * @param {string} events
       * @param {() => void} call
       */
      on(events, call) {
        for (const event of events.split(" ")) {
          listeners[event] ??= [];
          listeners[event].push(call);
        }
      },
      /**
       * @param {string} events
       * @param {() => void} call
       */
      off(events, call) {
        for (const event of events.split(" ")) {
          listeners[event] = (listeners[event] ?? []).filter((other) => other !== call);
        }
      },
    };
  }

  /** @param {HTMLElement} figure */
  async function start(figure) {
    const name = figure.dataset.module ?? "";
    try {
      await near(figure);
      const [state, explorer] = await Promise.all([stateOf(figure), load(name)]);
      const live = document.createElement("div");
      await explorer.render({ model: staticModel(state), el: live });
      figure.querySelector(".sv-stage")?.replaceChildren(live);
      figure.dataset.svReady = "";
    } catch (error) {
      figure.dataset.svFailed = "";
      console.error(`The explorer "${name}" did not start.`, error);
    }
  }

  function startAll() {
    /** @type {NodeListOf<HTMLElement>} */
    const figures = document.querySelectorAll(".sv-explorer[data-module]");
    for (const figure of figures) {
      if ("svStarted" in figure.dataset) continue; // by this script in another output
      figure.dataset.svStarted = "";
      start(figure);
    }
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", startAll);
  } else startAll();
})();
