// One training from its setting: a tick is a few steps and one look at what is there.
//
// Plain typed arrays, by measurement on one core: a step takes 5 ms here, with the hidden
// layer worked out once for each item; with TensorFlow.js 4 on its CPU backend 8 s, since
// the gradient of its look-up goes through the whole table for each click. Compressed,
// TensorFlow.js has 368 KB, this figure 17. WebAssembly was not needed.

import { adam } from "./adam.js";
import { drawItems, shuffled } from "./draws.js";
import { newNet, refresh, trainer } from "./model.js";
import { examplesOf, popularity } from "./shop.js";

/** @import { Shop } from "./shop.js" */

/**
 * @typedef {object} Setting
 * @property {number} interests K; 0 for the mean of the clicks
 * @property {number} temperature
 * @property {number} learning_rate
 * @property {number} negatives for each batch
 * @property {boolean} log_q
 * @property {number} seed
 */

export const WIDTH = 16;
export const BATCH = 256;
/** Steps between two looks. */
export const TICK = 5;

/**
 * A training that stands at its beginning.
 * @param {Shop} shop
 * @param {Setting} setting
 */
export function newRun(shop, setting) {
  const { seed } = setting;
  const examples = examplesOf(shop);
  const count = examples.starts.length;
  const perEpoch = Math.ceil(count / BATCH);
  const { cumulative, logP } = popularity(shop);
  const net = newNet({ N: shop.items, E: WIDTH, K: setting.interests }, seed);
  const { temperature, log_q } = setting;
  const training = trainer(net, { temperature, logP: log_q ? logP : null, most: shop.most });
  const update = adam(net.parameters, setting.learning_rate);
  const negatives = new Int32Array(setting.negatives);
  let order = new Int32Array();
  let step = 0;

  return {
    net,
    perEpoch,
    gradients: training.gradients,
    /** Takes one step and returns the loss before it. */
    step() {
      const place = step % perEpoch;
      if (!place) order = shuffled(count, seed, step / perEpoch);
      const rows = order.subarray(place * BATCH, (place + 1) * BATCH);
      const batch = {
        clicks: examples.clicks,
        starts: rows.map((row) => examples.starts[row]),
        stops: rows.map((row) => examples.stops[row]),
        targets: rows.map((row) => examples.clicks[examples.stops[row]]),
      };
      drawItems(negatives, cumulative, seed, step);
      const loss = training.loss(batch, negatives);
      update(training.gradients);
      refresh(net);
      step += 1;
      return loss;
    },
  };
}
