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
   * The explorer of a script; browsers import no modules over file:.
   * @param {string} name
   * @returns {Promise<Explorer>}
   */
  function run(name) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = new URL(`explorers/${name}.file.js`, root).href;
      script.onload = () => {
        const explorer = loaded()?.[name];
        if (explorer) done(explorer);
        else fail(new Error(`no explorer in ${script.src}`));
      };
      script.onerror = () => fail(new Error(`cannot load ${script.src}`));
      document.head.append(script);
    });
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
    modules[name] ??= location.protocol === "file:" ? run(name) : fetchModule(name);
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
      const state = JSON.parse(figure.querySelector(".sv-state")?.textContent ?? "");
      const explorer = await load(name);
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
