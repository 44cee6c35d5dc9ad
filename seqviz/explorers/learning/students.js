// The two trainings, each in a worker of its own, that go side by side.

/** @import { Look } from "./look.js" */
/** @import { Setting } from "./run.js" */
/** @import { EncodedShop } from "./shop.js" */
/** @import { Answer } from "./worker.js" */

/**
 * @param {EncodedShop} shop
 * @param {number[]} people
 * @param {() => void} onlook told when there is more to see
 */
export function students(shop, people, onlook) {
  const address = new URL("./worker.js", import.meta.url);
  const both = [0, 1].map(() => ({
    worker: new Worker(address),
    id: 0,
    /** @type {Look[]} */
    looks: [],
  }));
  for (const one of both) {
    /** @param {{ data: Answer }} event */
    one.worker.onmessage = ({ data: { id, look } }) => {
      if (id !== one.id) return; // of a training that was given up
      one.looks.push(look);
      onlook();
    };
  }
  return {
    looks: both.map(({ looks }) => looks),
    /** How far both have come, in ticks; -1 before the first look. */
    head: () => Math.min(...both.map(({ looks }) => looks.length)) - 1,
    /** @param {Setting[]} settings of A and B */
    begin(settings) {
      both.forEach((one, run) => {
        one.id += 1;
        one.looks.length = 0;
        one.worker.postMessage({ id: one.id, shop, people, setting: settings[run] });
      });
    },
    /** @param {number} until */
    go(until) {
      for (const { worker } of both) worker.postMessage({ until });
    },
    stop() {
      for (const { worker } of both) worker.terminate();
    },
  };
}
