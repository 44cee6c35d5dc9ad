// The page host: starts every explorer of a page that has no kernel. It gives the
// module a model of four methods on the state that the page carries. If anything
// fails, the still figure stays.
(() => {
  "use strict";
  const root = new URL(
    document.documentElement.dataset.content_root || "./", document.baseURI);
  const modules = {};

  function load(name) {
    // Browsers import no modules over file: there a classic script does it.
    return (modules[name] ??= location.protocol !== "file:"
      ? import(new URL(`explorers/${name}.js`, root)).then((module) => module.default)
      : new Promise((done, fail) => {
        const script = document.createElement("script");
        script.src = new URL(`explorers/${name}.file.js`, root);
        script.onload = () => done(window.svExplorers[name]);
        script.onerror = () => fail(new Error(`cannot load ${script.src}`));
        document.head.append(script);
      }));
  }

  function staticModel(state) {
    const listeners = {};
    const changed = new Set();
    const each = (events, act) => events.split(" ").forEach(act);
    return {
      get: (name) => state[name],
      set(name, value) {
        if (state[name] === value) return;
        state[name] = value;
        changed.add(name);
        (listeners[`change:${name}`] ?? []).forEach((call) => call());
      },
      save_changes() {
        if (changed.size) (listeners.change ?? []).forEach((call) => call());
        changed.clear();
      },
      on: (events, call) =>
        each(events, (event) => (listeners[event] ??= []).push(call)),
      off: (events, call) => each(events, (event) => {
        listeners[event] = (listeners[event] ?? []).filter((other) => other !== call);
      }),
    };
  }

  async function start(figure) {
    const stage = figure.querySelector(".sv-stage");
    try {
      const state = JSON.parse(figure.querySelector(".sv-state").textContent);
      const module = await load(figure.dataset.module);
      const live = document.createElement("div");
      await module.render({ model: staticModel(state), el: live });
      stage.replaceChildren(live);
      figure.dataset.svReady = "";
    } catch (error) {
      figure.dataset.svFailed = "";
      console.error(`The explorer "${figure.dataset.module}" did not start.`, error);
    }
  }

  function startAll() {
    document.querySelectorAll(".sv-explorer[data-module]").forEach(start);
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", startAll);
  } else startAll();
})();
