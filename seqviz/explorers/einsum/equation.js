// The reader of einsum equations: equation.py once more, word for word.

import { plural } from "../core/words.js";

export const ELLIPSIS = "...";

/**
 * An equation read against the shapes of its operands.
 * @typedef {object} Equation
 * @property {string[][]} operands the axes of each operand
 * @property {string[]} output the axes of the result
 * @property {Map<string, number>} sizes how far the loop over each axis runs
 * @property {number[][]} shapes of the operands
 * @property {number[]} shape of the result
 * @property {string[]} summed the axes that the result does not have
 */

/** @typedef {{ data: ArrayLike<number> }} Values of a tensor, the last axis fastest */

/**
 * How far the loop over an axis runs.
 * @param {Equation} reading
 * @param {string} axis
 */
export const sizeOf = (reading, axis) => reading.sizes.get(axis) ?? 0;

/** An equation that does not hold, with the reason in words. */
export class EquationError extends Error {}

/** @param {number} operand */
export const nameOf = (operand) =>
  operand < 26 ? String.fromCharCode(65 + operand) : `operand ${operand + 1}`;

/** @param {(string | number)[]} shape */
export const shapeText = (shape) => `[${shape.join(", ")}]`;

/** @param {string} axis */
export const isLetter = (axis) => /^[A-Za-z]$/.test(axis);

/** @param {string[]} values */
export const unique = (values) => [...new Set(values)];

/**
 * The letters of one operand or of the result; an ellipsis is one of them.
 * @param {string} term
 * @param {string} where
 */
function lettersOf(term, where) {
  /** @type {string[]} */
  const found = [];
  const signs = [...term];
  for (let place = 0; place < signs.length; place++) {
    const sign = signs[place];
    if (sign === ".") {
      if (signs.slice(place, place + 3).join("") !== ELLIPSIS) {
        throw new EquationError(`a dot stands alone ${where}: an ellipsis is ...`);
      }
      if (found.includes(ELLIPSIS)) {
        throw new EquationError(`an ellipsis stands twice ${where}: one is the most`);
      }
      found.push(ELLIPSIS);
      place += 2;
    } else if (sign === "," && where === "after the arrow") {
      throw new EquationError("a comma stands after the arrow: there is one result");
    } else if (sign === "-" || sign === ">") {
      throw new EquationError("an equation has one arrow, written ->");
    } else if (isLetter(sign)) {
      found.push(sign);
    } else if (sign !== " ") {
      throw new EquationError(`${sign} ${where} is no letter: axes are a to z, A to Z`);
    }
  }
  return found;
}

/**
 * Gives every axis of every operand its name; those of an ellipsis are d1, d2, ...
 * @param {string[][]} terms
 * @param {number[][]} shapes
 */
function nameAxes(terms, shapes) {
  const hidden = terms.map((term, number) => {
    const letters = term.filter((letter) => letter !== ELLIPSIS);
    const shape = shapes[number];
    const rest = shape.length - letters.length;
    if (rest < 0 || (rest && !term.includes(ELLIPSIS))) {
      throw new EquationError(
        `${nameOf(number)} has ${plural(shape.length, "axis", "axes")}, ` +
          `${shapeText(shape)}, but ${plural(letters.length, "letter")}`,
      );
    }
    return rest;
  });
  const most = Math.max(...hidden);
  return terms.map((term, number) =>
    term.flatMap((letter) =>
      letter === ELLIPSIS
        ? Array.from({ length: hidden[number] }, (_, n) => `d${most - hidden[number] + n + 1}`)
        : [letter],
    ),
  );
}

/**
 * @param {string[]} output
 * @param {string[][]} terms
 */
function checkOutput(output, terms) {
  const seen = new Set();
  for (const letter of output) {
    if (letter === ELLIPSIS) continue;
    if (seen.has(letter)) {
      throw new EquationError(
        `${letter} stands twice after the arrow: ` +
          "each axis of the result has a letter of its own",
      );
    }
    seen.add(letter);
    if (!terms.some((term) => term.includes(letter))) {
      throw new EquationError(`${letter} stands after the arrow but in no operand`);
    }
  }
}

/**
 * The size of each axis in order of appearance; 1 gives way to any other.
 * @param {string[][]} operands
 * @param {number[][]} shapes
 */
function findSizes(operands, shapes) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  /** @type {Record<string, number>} */
  const owner = {};
  operands.forEach((axes, number) => {
    const own = new Map();
    axes.forEach((axis, place) => {
      const size = shapes[number][place];
      if (!own.has(axis)) own.set(axis, size);
      else if (own.get(axis) !== size) {
        throw new EquationError(
          `${axis} stands twice in ${nameOf(number)}, for sizes ` +
            `${own.get(axis)} and ${size}: a diagonal needs equal sizes`,
        );
      }
    });
    own.forEach((size, axis) => {
      const known = sizes.get(axis) ?? size;
      owner[axis] ??= number;
      if (known !== size && known !== 1 && size !== 1) {
        const what = isLetter(axis) ? axis : "an axis under the ellipsis";
        throw new EquationError(
          `${what} is ${known} in ${nameOf(owner[axis])} ` + `but ${size} in ${nameOf(number)}`,
        );
      }
      if (known === 1) owner[axis] = number;
      sizes.set(axis, known === 1 ? size : known);
    });
  });
  return sizes;
}

/**
 * Reads an equation for operands of these shapes; throws an EquationError.
 * @param {string} equation
 * @param {number[][]} shapes
 * @returns {Equation}
 */
export function readEquation(equation, shapes) {
  const cut = equation.indexOf("->");
  const left = cut < 0 ? equation : equation.slice(0, cut);
  const terms = left.split(",").map((term, number) => lettersOf(term, `in ${nameOf(number)}`));
  const named = cut < 0 ? null : lettersOf(equation.slice(cut + 2), "after the arrow");
  if (!shapes.length || terms.length !== shapes.length) {
    throw new EquationError(
      `the equation names ${plural(terms.length, "operand")}, ` +
        `the commas between them count, but ${plural(shapes.length, "shape")} came`,
    );
  }
  const operands = nameAxes(terms, shapes);
  const hidden = unique(operands.flat().filter((axis) => !isLetter(axis))).sort(
    (a, b) => Number(a.slice(1)) - Number(b.slice(1)),
  );
  /** @type {string[]} */
  let output;
  if (named) {
    checkOutput(named, terms);
    output = named.flatMap((letter) => (letter === ELLIPSIS ? hidden : [letter]));
  } else {
    const flat = terms.flat();
    const once = flat.filter(
      (a, place) => a !== ELLIPSIS && flat.indexOf(a) === place && flat.lastIndexOf(a) === place,
    );
    output = [...hidden, ...once.sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0))];
  }
  const sizes = findSizes(operands, shapes);
  return {
    operands,
    output,
    sizes,
    shapes,
    shape: output.map((axis) => sizes.get(axis) ?? 0),
    summed: [...sizes.keys()].filter((axis) => !output.includes(axis)),
  };
}

/**
 * Calls `visit(indices)` for every cell of a shape, the last index fastest.
 * @param {number[]} shape
 * @param {(indices: number[]) => void} visit
 */
export function eachCell(shape, visit) {
  const at = shape.map(() => 0);
  if (shape.some((size) => size === 0)) return;
  for (;;) {
    visit([...at]);
    let axis = shape.length - 1;
    while (axis >= 0 && ++at[axis] === shape[axis]) at[axis--] = 0;
    if (axis < 0) return;
  }
}

/**
 * For one cell of the result: the cells of the operands in each term.
 * @param {Equation} reading
 * @param {number[]} cell
 * @returns {number[][][]}
 */
export function meetings(reading, cell) {
  const at = Object.fromEntries(reading.output.map((axis, place) => [axis, cell[place]]));
  /** @type {number[][][]} */
  const terms = [];
  eachCell(
    reading.summed.map((axis) => sizeOf(reading, axis)),
    (indices) => {
      reading.summed.forEach((axis, place) => {
        at[axis] = indices[place];
      });
      terms.push(
        reading.operands.map((axes, number) =>
          axes.map((axis, place) => (reading.shapes[number][place] === 1 ? 0 : at[axis])),
        ),
      );
    },
  );
  return terms;
}

/**
 * @param {number[]} shape
 * @param {number[]} at
 */
export const flatIndex = (shape, at) =>
  at.reduce((sum, index, axis) => sum * shape[axis] + index, 0);

/**
 * The result, by loops over the assignments of the axes.
 * @param {Equation} reading
 * @param {Values[]} arrays
 */
export function contract(reading, arrays) {
  /** @type {number[]} */
  const data = [];
  eachCell(reading.shape, (cell) => {
    data.push(
      meetings(reading, cell).reduce(
        (sum, places) =>
          sum +
          places.reduce(
            (product, at, n) => product * arrays[n].data[flatIndex(reading.shapes[n], at)],
            1,
          ),
        0,
      ),
    );
  });
  return { shape: reading.shape, data };
}

/**
 * What is allowed and seldom meant, in words.
 * @param {string} equation
 * @param {Equation} reading
 */
export function remarksOn(equation, reading) {
  /** @type {string[]} */
  const found = [];
  reading.operands.forEach((axes, number) => {
    unique(axes).forEach((axis) => {
      const size = reading.shapes[number][axes.lastIndexOf(axis)];
      if (size === 1 && sizeOf(reading, axis) > 1) {
        found.push(
          `${axis} is 1 in ${nameOf(number)} and ${reading.sizes.get(axis)} ` +
            "elsewhere: the one cell is repeated",
        );
      }
    });
  });
  reading.summed.forEach((axis) => {
    const owners = [...reading.operands.keys()].filter((n) => reading.operands[n].includes(axis));
    if (owners.length === 1 && reading.operands.length > 1) {
      const name = nameOf(owners[0]);
      found.push(
        `${axis} stands in ${name} alone and not after the arrow: ` +
          `${name} is summed over it, nothing meets it`,
      );
    }
  });
  if (!equation.includes("->")) {
    found.push(
      "without an arrow the result has the letters that stand once, in the " +
        `order of the alphabet, capitals first: -> ${reading.output.join("")}`,
    );
  }
  return found;
}

/**
 * The same computation as nested loops in Python.
 * @param {Equation} reading
 */
export function loopsOf(reading) {
  const order = [...reading.output, ...reading.summed];
  const taken = reading.operands.map((_, number) => nameOf(number));
  /** @param {string} axis */
  const named = (axis) => (taken.includes(axis) ? `${axis}_` : axis);
  const lines = [
    reading.output.length
      ? `out = torch.zeros(${reading.shape.join(", ")})`
      : "out = torch.tensor(0.0)",
  ];
  order.forEach((axis, depth) => {
    const note = reading.summed.includes(axis) ? "  # summed" : "";
    lines.push(
      `${"    ".repeat(depth)}for ${named(axis)} in range(${reading.sizes.get(axis)}):${note}`,
    );
  });
  const factors = reading.operands.map((axes, number) => {
    const index = axes.map((axis, place) =>
      reading.shapes[number][place] === 1 && sizeOf(reading, axis) > 1 ? "0" : named(axis),
    );
    return axes.length ? `${nameOf(number)}[${index.join(", ")}]` : nameOf(number);
  });
  const target = reading.output.length ? `out[${reading.output.map(named).join(", ")}]` : "out";
  lines.push(`${"    ".repeat(order.length)}${target} += ${factors.join(" * ")}`);
  return lines.join("\n");
}

/**
 * The call of torch with operands A, B, ...
 * @param {string} equation
 * @param {number} count
 */
export const torchCall = (equation, count) =>
  `torch.einsum("${equation}", ${Array.from({ length: count }, (_, n) => nameOf(n)).join(", ")})`;
