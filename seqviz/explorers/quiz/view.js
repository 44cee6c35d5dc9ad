// Quiz: questions with one right option each; every option answers in words.

import { card } from "../core/card.js";
import { el, inline, newId } from "../core/elements.js";

/** @import { Host } from "../core/model.js" */
/** @typedef {{ text: string, correct: boolean, why: string }} Option */
/** @typedef {{ text: string, options: Option[] }} Question */

/**
 * @typedef {object} State
 * @property {Question[]} questions
 * @property {number[]} answers the chosen option of each, -1 for none
 */

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const questions = model.get("questions");

  const nodes = questions.map((question, q) => {
    const name = newId();
    const choices = question.options.map((option, o) => {
      /** @type {HTMLInputElement} */
      const input = el("input", { type: "radio", name, onchange: () => pick(q, o) });
      const feedback = el("p", { class: "sv-feedback" });
      const words = el("span", {}, inline(option.text));
      const line = el("label", { class: "sv-option" }, input, words);
      return { option, input, feedback, line };
    });
    const number = questions.length > 1 ? `${q + 1}. ` : "";
    const node = el(
      "fieldset",
      { class: "sv-question" },
      el("legend", {}, number, inline(question.text)),
      el(
        "div",
        { "aria-live": "polite" },
        choices.map(({ line, feedback }) => [line, feedback]),
      ),
    );
    return { node, choices };
  });

  /**
   * @param {number} q
   * @param {number} o
   */
  function pick(q, o) {
    const answers = [...model.get("answers")];
    answers[q] = o;
    model.set("answers", answers);
    model.save_changes();
  }

  function draw() {
    nodes.forEach(({ choices }, q) => {
      choices.forEach(({ option, input, feedback }, o) => {
        input.checked = model.get("answers")[q] === o;
        if (!input.checked) feedback.replaceChildren();
        else if (!feedback.hasChildNodes()) {
          feedback.append(
            el("b", {}, option.correct ? "✓ Right. " : "✗ Not this one. "),
            el("span", {}, inline(option.why)),
          );
        }
      });
    });
  }

  model.on("change:answers", draw);
  draw();
  host.replaceChildren(
    card(
      "quiz",
      model,
      [],
      nodes.map(({ node }) => node),
    ),
  );
}

export default { render };
