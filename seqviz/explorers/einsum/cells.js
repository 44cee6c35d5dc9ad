// The tensors of an equation: what they may hold, and their picture as grids.

import { el } from "../core/elements.js";
import { digits, signed } from "../core/words.js";
import {
  ELLIPSIS,
  EquationError,
  eachCell,
  flatIndex,
  isLetter,
  nameOf,
  readEquation,
  shapeText,
  sizeOf,
  unique,
} from "./equation.js";

/** @import { Equation } from "./equation.js" */
/** @typedef {{ shape: number[], data: ArrayLike<number> }} Tensor */

const MOST_CELLS = 64;
const MOST_TERMS = 512; // of a cell

/**
 * The cells of an operand that Python sent no numbers for: whole, from -2 to 5.
 * @param {number} operand
 * @param {number[]} shape
 * @returns {Tensor}
 */
export function filled(operand, shape) {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Array.from(
    { length },
    (_, n) => ((n * n + 3 * n + 5 * operand + Math.floor(n / 7)) % 8) - 2,
  );
  return { shape, data };
}

/**
 * Shapes that fit the letters: sizes 2, 3, 4 in order of appearance.
 * @param {string} equation
 */
export function fittingShapes(equation) {
  const terms = equation.split("->")[0].split(",");
  const letters = unique(terms.flatMap((term) => [...term].filter(isLetter)));
  /** @param {(place: number) => number} size */
  const make = (size) =>
    terms.map((term) =>
      (term.match(/\.\.\.|[A-Za-z]/g) ?? []).map((axis) =>
        axis === ELLIPSIS ? 2 : size(letters.indexOf(axis)),
      ),
    );
  const fits = make((n) => 2 + (n % 3));
  try {
    if (tooLarge(readEquation(equation, fits))) return make(() => 2);
  } catch {
    // the reason is told later
  }
  return fits;
}

/**
 * Why a valid equation is not drawn, or null.
 * @param {Equation} reading
 */
export function tooLarge(reading) {
  const shapes = [...reading.shapes, reading.shape];
  for (const [n, shape] of shapes.entries()) {
    const name = n < reading.shapes.length ? nameOf(n) : "out";
    const cells = shape.reduce((product, size) => product * size, 1);
    if (cells > MOST_CELLS) {
      return `${name} would have ${cells} cells; the picture holds ${MOST_CELLS} a tensor`;
    }
    if (cells === 0) return `${name} has no cell: a size is 0`;
  }
  const terms = reading.summed.reduce((n, axis) => n * sizeOf(reading, axis), 1);
  return terms > MOST_TERMS ? `${terms} terms a cell are too many for the picture` : null;
}

/**
 * Reads "[2, 3] [3, 4]"; throws an EquationError.
 * @param {string} text
 */
export function readShapes(text) {
  const found = text.match(/\[[^[\]]*\]/g) ?? [];
  const shapes = found.map((one) =>
    one
      .slice(1, -1)
      .split(/[\s,]+/)
      .filter(Boolean),
  );
  const strange = text.replace(/\[[^[\]]*\]/g, "").replace(/[\s,]/g, "");
  if (strange || !found.length || !shapes.flat().every((size) => /^\d\d?$/.test(size))) {
    throw new EquationError("the shapes are read like [2, 3] [3, 4], one for each operand");
  }
  return shapes.map((shape) => shape.map(Number));
}

/** @param {number[][]} shapes */
export const written = (shapes) => shapes.map(shapeText).join(" ");

/** @param {number} x */
export const shown = (x) => (Number.isInteger(x) ? signed(String(x)) : digits(x));

/**
 * One tensor as grids: the last two axes are columns and rows, the others blocks.
 * @param {object} tensor
 * @param {string} tensor.name
 * @param {string[]} tensor.axes
 * @param {Tensor} tensor.values
 * @param {string[]} tensor.summed the axes that are summed over
 * @param {(at: number[]) => void} [tensor.pick] makes the cells buttons
 */
export function grids({ name, axes, values, summed, pick }) {
  const { shape, data } = values;
  const rank = shape.length;
  const [rows, columns] = [rank > 1 ? shape[rank - 2] : 1, rank ? shape[rank - 1] : 1];
  const left = rank > 1 ? 2 : 1;

  /**
   * @param {string} axis
   * @param {string} [way]
   */
  const axisName = (axis, way = "") => {
    const sum = summed.includes(axis);
    const kind = `sv-axis${sum ? " sv-sum" : ""}${way}`;
    return el("span", { class: kind }, sum ? `Σ${axis}` : axis);
  };

  /** @param {number[]} at */
  const cellOf = (at) => {
    const value = data[flatIndex(shape, at)];
    const text = shown(value);
    const label = `${name}[${at.join(", ")}] is ${text}`;
    const node = pick
      ? el(
          "button",
          {
            type: "button",
            class: "sv-cell",
            tabindex: -1,
            "aria-label": label,
            onclick: () => pick(at),
          },
          text,
        )
      : el("span", { class: "sv-cell" }, text);
    node.dataset.at = at.join();
    node.dataset.value = String(value);
    return node;
  };

  /** @type {HTMLElement[]} */
  const cells = [];
  /** @type {HTMLElement[]} */
  const blocks = [];
  eachCell(shape.slice(0, -2), (outer) => {
    const block = el("div", {
      class: "sv-block",
      style: `grid-template-columns:${rank > 1 ? "auto " : ""}repeat(${columns},auto)`,
    });
    /**
     * @param {HTMLElement} node
     * @param {string | number} row
     * @param {string | number} column
     */
    const place = (node, row, column) => {
      node.style.gridArea = `${row} / ${column}`;
      block.append(node);
    };
    if (outer.length) {
      const words = outer.map((index, n) => `${axes[n]} = ${index}`).join(", ");
      place(el("span", { class: "sv-block-name" }, words), 1, "1 / span 1 / -1");
    }
    if (rank) place(axisName(axes[rank - 1]), 2, `${left} / span 1 / -1`);
    if (rank > 1) place(axisName(axes[rank - 2], " sv-down"), `3 / 1 / span ${rows}`, 2);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = [...outer, ...(rank > 1 ? [row] : []), ...(rank ? [column] : [])];
        const node = cellOf(at);
        place(node, row + 3, column + left);
        cells.push(node);
      }
    }
    blocks.push(block);
  });
  const label = `${shapeText(axes)} = ${shapeText(shape)}`;
  const node = el(
    "div",
    { class: "sv-tensor", role: "group", "aria-label": `${name} ${label}` },
    el("p", {}, el("b", {}, name), " ", el("code", {}, label)),
    el("div", { class: "sv-blocks" }, blocks),
  );
  return { cells, node };
}
