// One training in a worker: it takes steps until it is told not to, and reports its looks.

import { look } from "./look.js";
import { newPlane } from "./plane.js";
import { newRun, TICK, WIDTH } from "./run.js";
import { readShop } from "./shop.js";

/** @import { Look } from "./look.js" */
/** @import { Setting } from "./run.js" */
/** @import { EncodedShop } from "./shop.js" */

/**
 * What a worker is told: to begin anew, or how far to go.
 * @typedef {{ id: number, shop: EncodedShop, people: number[], setting: Setting }} Begin
 * @typedef {{ until: number }} Go
 */

/**
 * What it answers: the looks of training number `id`, one after the other.
 * @typedef {{ id: number, look: Look }} Answer
 */

/**
 * @typedef {object} Port
 * @property {((event: { data: any }) => void) | null} onmessage
 * @property {(message: Answer) => void} postMessage
 */

/** @param {Port} port */
export default function serve(port) {
  /** @type {(() => void) | null} */
  let go = null;
  let until = 0;
  let done = 0;
  // A message to oneself waits behind those that have come; a timer would wait longer.
  const { port1, port2 } = new MessageChannel();
  let due = false;

  function again() {
    if (due || !go || done >= until) return;
    due = true;
    port2.postMessage(null);
  }

  port1.onmessage = () => {
    due = false;
    if (go && done < until) go();
    again();
  };

  /** @param {Begin} told */
  function begin({ id, shop: encoded, people, setting }) {
    const shop = readShop(encoded);
    const run = newRun(shop, setting);
    const plane = newPlane(WIDTH);
    /** @param {number | null} loss */
    const report = (loss) => {
      const epoch = (done * TICK) / run.perEpoch;
      port.postMessage({ id, look: look(run.net, shop, people, plane, { epoch, loss }) });
    };
    done = 0;
    until = 0;
    go = () => {
      let loss = 0;
      for (let step = 0; step < TICK; step++) loss += run.step() / TICK;
      done += 1;
      report(loss);
    };
    report(null);
  }

  port.onmessage = ({ data }) => {
    if ("setting" in data) begin(data);
    else until = data.until;
    again();
  };
}
