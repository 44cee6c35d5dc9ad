// The graph of a session and SR-GNN over it, in float64, as reading.py does it.

import { array, dot, rowsOf } from "../core/arrays.js";

/** @import { Encoded } from "../core/arrays.js" */

/**
 * @typedef {object} Edge
 * @property {number} source
 * @property {number} target
 * @property {number} steps how often she went this way
 * @property {number} outgoing its share of all that leaves the source
 * @property {number} incoming its share of all that enters the target
 */

/** @typedef {Float64Array[]} Rows */

/** @param {Encoded} encoded */
const wide = (encoded) => rowsOf(array(encoded)).map((row) => Float64Array.from(row));
/** @param {Encoded} encoded */
const flat = (encoded) => Float64Array.from(array(encoded).data);

/** @param {Record<string, Encoded>} weights by their names in the model */
export function readNet(weights) {
  const table = wide(weights["embedding.weight"]);
  return {
    table,
    items: table.slice(1).map(unit),
    incoming: wide(weights["step.incoming.weight"]),
    outgoing: wide(weights["step.outgoing.weight"]),
    input: wide(weights["step.cell.weight_ih"]),
    inputBias: flat(weights["step.cell.bias_ih"]),
    state: wide(weights["step.cell.weight_hh"]),
    stateBias: flat(weights["step.cell.bias_hh"]),
    ofLatest: wide(weights["read_out.of_latest.weight"]),
    latestBias: flat(weights["read_out.of_latest.bias"]),
    ofClick: wide(weights["read_out.of_click.weight"]),
    question: flat(weights["read_out.question.weight"]),
    join: wide(weights["read_out.join.weight"]),
  };
}

/** @typedef {ReturnType<typeof readNet>} Net */

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * @param {Rows} weight
 * @param {ArrayLike<number>} vector
 */
const times = (weight, vector) => Float64Array.from(weight, (row) => dot(row, vector));

/** @param {Float64Array} vector */
function unit(vector) {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((x) => x / length);
}

/**
 * @param {Float64Array} total
 * @param {number} share
 * @param {Float64Array} vector
 */
function add(total, share, vector) {
  for (let e = 0; e < total.length; e++) total[e] += share * vector[e];
}

/**
 * @param {Map<number, number>} counts
 * @param {number} key
 * @param {number} size
 */
const count = (counts, key, size) => counts.set(key, (counts.get(key) ?? 0) + size);

/**
 * The edges of a session, in the order in which she first went them.
 * @param {number[]} session item ids
 * @param {boolean} once every edge weighs 1, however often it was gone
 * @returns {Edge[]}
 */
export function edgesOf(session, once) {
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  for (let t = 1; t < session.length; t++) {
    const [source, target] = [session[t - 1], session[t]];
    const key = `${source} ${target}`;
    const edge = edges.get(key) ?? { source, target, steps: 0, outgoing: 0, incoming: 0 };
    edge.steps++;
    edges.set(key, edge);
  }
  /** @type {Map<number, number>} */
  const leaves = new Map();
  /** @type {Map<number, number>} */
  const enters = new Map();
  const all = [...edges.values()];
  /** @param {Edge} edge */
  const size = (edge) => (once ? 1 : edge.steps);
  for (const edge of all) {
    count(leaves, edge.source, size(edge));
    count(enters, edge.target, size(edge));
  }
  for (const edge of all) {
    edge.outgoing = size(edge) / (leaves.get(edge.source) ?? 1);
    edge.incoming = size(edge) / (enters.get(edge.target) ?? 1);
  }
  return all;
}

/**
 * One step of all nodes.
 * @param {Net} net
 * @param {Map<number, Float64Array>} states by item
 * @param {Edge[]} edges
 */
function step(net, states, edges) {
  const E = net.ofClick.length;
  const none = () => new Map([...states.keys()].map((item) => [item, new Float64Array(E)]));
  const enters = none();
  const leaves = none();
  for (const { source, target, outgoing, incoming } of edges) {
    add(enters.get(target) ?? new Float64Array(E), incoming, state(states, source));
    add(leaves.get(source) ?? new Float64Array(E), outgoing, state(states, target));
  }
  /** @type {Map<number, Float64Array>} */
  const next = new Map();
  for (const [item, own] of states) {
    const heard = [
      ...times(net.incoming, state(enters, item)),
      ...times(net.outgoing, state(leaves, item)),
    ];
    const given = times(net.input, heard).map((x, i) => x + net.inputBias[i]);
    const kept = times(net.state, own).map((x, i) => x + net.stateBias[i]);
    next.set(
      item,
      own.map((old, e) => {
        const reset = sigmoid(given[e] + kept[e]);
        const keep = sigmoid(given[E + e] + kept[E + e]);
        const fresh = Math.tanh(given[2 * E + e] + reset * kept[2 * E + e]);
        return (1 - keep) * fresh + keep * old;
      }),
    );
  }
  return next;
}

/**
 * @param {Map<number, Float64Array>} states
 * @param {number} item
 */
const state = (states, item) => states.get(item) ?? new Float64Array();

/**
 * What the model makes of a session.
 * @param {Net} net
 * @param {number[]} session item ids, oldest first
 * @param {boolean} once
 * @param {number} hops
 */
export function read(net, session, once, hops) {
  const edges = edgesOf(session, once);
  const E = net.ofClick.length;
  if (!session.length) return { edges, weights: [], scores: net.items.map(() => 0) };
  /** @type {Map<number, Float64Array>} */
  let states = new Map(session.map((item) => [item, net.table[item].map((x) => x * Math.sqrt(E))]));
  for (let hop = 0; hop < hops; hop++) states = step(net, states, edges);
  const clicks = session.map((item) => state(states, item));
  const latest = clicks[clicks.length - 1];
  const asking = times(net.ofLatest, latest).map((x, e) => x + net.latestBias[e]);
  const weights = clicks.map((click) => {
    const asked = times(net.ofClick, click).map((x, e) => sigmoid(x + asking[e]));
    return dot(net.question, asked);
  });
  const all = new Float64Array(E);
  clicks.forEach((click, t) => {
    add(all, weights[t], click);
  });
  const output = unit(times(net.join, [...latest, ...all]));
  return { edges, weights, scores: net.items.map((item) => dot(item, output)) };
}
