// EinsumExplorer: any einsum equation over small shapes, and the cells that meet.

import { array } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, select } from "../core/controls.js";
import { el, newId } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, writer } from "../core/model.js";
import { plural } from "../core/words.js";
import { filled, fittingShapes, grids, readShapes, shown, tooLarge, written } from "./cells.js";
import {
  contract,
  EquationError,
  flatIndex,
  loopsOf,
  meetings,
  nameOf,
  readEquation,
  remarksOn,
  torchCall,
} from "./equation.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Host } from "../core/model.js" */
/** @typedef {{ name: string, equation: string, shapes: number[][] }} Example */

/**
 * @typedef {object} State
 * @property {string} equation
 * @property {number[][]} shapes
 * @property {number[] | null} cell of the result that is explained
 * @property {Example[]} examples
 * @property {Encoded[]} operands that Python gave
 */

const MOST_TERMS = 6; // that the sentence writes out

/** @param {number} x */
const factor = (x) => (x < 0 ? `(${shown(x)})` : shown(x));

/**
 * A labelled line to write in.
 * @param {string} label
 * @param {(text: string) => void} oninput
 */
function field(label, oninput) {
  const id = newId();
  /** @type {HTMLInputElement} */
  const input = el("input", {
    id,
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    oninput: () => oninput(input.value),
  });
  const node = el("div", { class: "sv-control sv-write" }, el("label", { for: id }, label), input);
  return { input, node };
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const examples = model.get("examples");
  const given = model.get("operands").map(array);
  let ownShapes = false; // written by hand: a new equation leaves them alone
  /** @type {string | null} why the equation does not hold */
  let problem = null;
  /** @type {ReturnType<typeof look> | null} what is drawn */
  let now = null;
  /** @type {number[] | null} the output cell under the hand */
  let hot = null;
  /** @type {ReturnType<typeof grids>[]} */
  let tensors = [];

  // ---- Parts -----------------------------------------------------------------

  const put = writer(model);
  const names = [...examples.map((one) => one.name), "your own"];
  const named = select("Named ones", names, (index) => {
    const one = examples[index];
    if (!one) return equation.input.focus();
    ownShapes = false;
    return put({ cell: null, shapes: one.shapes, equation: one.equation });
  });
  const equation = field("Equation", (text) => {
    const shapes = model.get("shapes");
    const kept = fitsLeft(text, shapes) || ownShapes;
    put({ cell: null, equation: text, shapes: kept ? shapes : fittingShapes(text) });
  });
  const shapesField = field("Shapes", (text) => {
    ownShapes = true;
    try {
      put({ cell: null, shapes: readShapes(text) });
      draw();
    } catch (error) {
      problem = reasonOf(error);
      mark();
      speak();
    }
  });
  const fields = [equation, shapesField];
  const fit = button("Fit shapes", () => {
    ownShapes = false;
    put({ cell: null, shapes: fittingShapes(model.get("equation")) });
    shapesField.input.value = written(model.get("shapes"));
    draw();
  });
  const heading = el("p", { class: "sv-part" });
  const picture = el("div", { class: "sv-tensors" });
  const code = el("pre", {
    class: "sv-code",
    tabindex: 0,
    role: "region",
    "aria-label": "The loops and the call",
  });
  const remarks = el("p", { class: "sv-remarks", hidden: true });
  const live = sentence();
  live.node.id = newId();
  for (const { input } of fields) input.setAttribute("aria-describedby", live.node.id);
  const keys = roving(picture, "button.sv-cell");

  /**
   * Whether the operands alone can have these shapes.
   * @param {string} text
   * @param {number[][]} shapes
   */
  function fitsLeft(text, shapes) {
    try {
      readEquation(`${text.split("->")[0]}->`, shapes);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * What is wrong with the equation; any other error goes on.
   * @param {unknown} error
   */
  function reasonOf(error) {
    if (error instanceof EquationError) return error.message;
    throw error;
  }

  // ---- State and drawing -----------------------------------------------------

  function look() {
    const text = model.get("equation");
    const shapes = model.get("shapes");
    const reading = readEquation(text, shapes);
    const large = tooLarge(reading);
    if (large) throw new EquationError(large);
    const arrays = shapes.map((shape, n) =>
      String(given[n]?.shape) === String(shape) ? given[n] : filled(n, shape),
    );
    return { text, reading, arrays, out: contract(reading, arrays) };
  }

  function draw() {
    try {
      const next = look();
      const same =
        now?.text === next.text && written(now.reading.shapes) === written(next.reading.shapes);
      now = next;
      problem = null;
      if (!same) build(next);
    } catch (error) {
      problem = reasonOf(error);
    }
    mark();
    light();
    speak();
  }

  /** Lets the fields follow the state, except the one that is written in. */
  function mark() {
    const text = model.get("equation");
    const shapes = written(model.get("shapes"));
    if (document.activeElement !== equation.input || equation.input.value !== text) {
      equation.input.value = text;
    }
    if (document.activeElement !== shapesField.input) shapesField.input.value = shapes;
    const place = examples.findIndex(
      (one) => one.equation === text && written(one.shapes) === shapes,
    );
    named.set(place < 0 ? examples.length : place);
    for (const { input } of fields) {
      input.setAttribute("aria-invalid", String(problem != null));
    }
    if (!now) return;
    const title = problem ? "The last one that held: " : "Picture of ";
    heading.replaceChildren(
      el("b", {}, title),
      el("code", {}, now.text),
      ` · ${letters(now.reading)}`,
    );
  }

  /** @param {import("./equation.js").Equation} reading */
  function letters({ output, summed }) {
    const kept = output.length ? `kept: ${output.join(", ")}` : "no letter is kept: one number";
    return `${kept} · ${summed.length ? `summed: ${summed.join(", ")}` : "nothing is summed"}`;
  }

  /** @param {ReturnType<typeof look>} next */
  function build({ text, reading, arrays, out }) {
    hot = null;
    const { summed } = reading;
    tensors = reading.operands.map((axes, n) =>
      grids({ name: nameOf(n), axes, values: arrays[n], summed }),
    );
    const result = { name: "out", axes: reading.output, values: out, summed: [] };
    tensors.push(grids({ ...result, pick: (at) => put({ cell: at }) }));
    picture.replaceChildren(...tensors.map(({ node }) => node));
    keys.refresh();
    code.textContent = `${loopsOf(reading)}\n\n# the same\n${torchCall(text, arrays.length)}`;
    const found = remarksOn(text, reading);
    remarks.hidden = !found.length;
    remarks.textContent = found.length ? `Mind: ${found.join(". ")}.` : "";
  }

  /**
   * The cell that is explained: under the hand, else picked, else the first.
   * @param {number[]} shape
   */
  function cellIn(shape) {
    /** @param {number[] | null} at */
    const fits = (at) => at?.length === shape.length && at.every((index, n) => index < shape[n]);
    return [hot, model.get("cell")].find(fits) ?? shape.map(() => 0);
  }

  /** Fills the cells that meet. */
  function light() {
    if (!now) return;
    const { reading, arrays } = now;
    const at = cellIn(reading.shape);
    const terms = meetings(reading, at);
    tensors.forEach(({ cells }, n) => {
      const meeting = new Set(
        n < arrays.length ? terms.map((places) => places[n].join()) : [at.join()],
      );
      for (const node of cells) {
        node.classList.toggle("sv-hot", meeting.has(node.dataset.at ?? ""));
      }
    });
  }

  function speak() {
    if (problem || !now) return live.say(el("b", {}, "✗ Does not hold: "), `${problem}.`);
    const { reading, arrays, out } = now;
    const at = cellIn(reading.shape);
    const terms = meetings(reading, at).map((places) =>
      places.map((place, n) => arrays[n].data[flatIndex(reading.shapes[n], place)]),
    );
    const total = shown(out.data[flatIndex(reading.shape, at)]);
    const products = terms.slice(0, MOST_TERMS).map((values) => values.map(factor).join("·"));
    const more = terms.length - products.length;
    const sum = `${products.join(" + ")}${more > 0 ? ` + … (${more} more)` : ""}`;
    const index = reading.output.map((axis, n) => `${axis} = ${at[n]}`).join(", ");
    const what = arrays.length > 1 ? "product" : "cell";
    const why = reading.summed.length
      ? `${plural(terms.length, what)}, one for each ${reading.summed.join(" and ")}.`
      : `one ${what}, nothing is summed.`;
    const equal = sum === total || sum === `(${total})` ? "" : `${sum} = `;
    const name = index ? `out[${index}]` : "out";
    return live.say(el("b", {}, name), ` = ${equal}${total}: ${why}`);
  }

  // ---- Under the hand and the card -------------------------------------------

  hand(picture, "button.sv-cell", (node) => {
    hot = node?.dataset.at == null ? null : node.dataset.at.split(",").filter(Boolean).map(Number);
    light();
    speak();
  });
  const root = card(
    "einsum",
    model,
    [named.node, ...fields.map(({ node }) => node), fit],
    heading,
    picture,
    part("The same as loops and as a call"),
    code,
    remarks,
    live.node,
  );
  redraw(model, ["equation", "shapes", "cell"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
