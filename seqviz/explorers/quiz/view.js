// Quiz: questions with one right option each; every option answers in words.

function render({ model, el: host }) {
  const questions = model.get("questions");

  const nodes = questions.map((question, q) => {
    const name = newId();
    const choices = question.options.map((option, o) => {
      const input = el("input", { type: "radio", name, onchange: () => pick(q, o) });
      const feedback = el("p", { class: "sv-feedback" });
      const line = el("label", { class: "sv-option" },
        input, el("span", {}, inline(option.text)));
      return { option, input, feedback, line };
    });
    const number = questions.length > 1 ? `${q + 1}. ` : "";
    const node = el("fieldset", { class: "sv-question" },
      el("legend", {}, number, inline(question.text)),
      el("div", { "aria-live": "polite" },
        choices.map(({ line, feedback }) => [line, feedback])));
    return { node, choices };
  });

  function pick(q, o) {
    const answers = [...model.get("answers")];
    answers[q] = o;
    model.set("answers", answers);
    model.save_changes();
  }

  function draw() {
    nodes.forEach(({ choices }, q) => choices.forEach((choice, o) => {
      const picked = model.get("answers")[q] === o;
      choice.input.checked = picked;
      if (!picked) choice.feedback.replaceChildren();
      else if (!choice.feedback.hasChildNodes()) {
        choice.feedback.append(
          el("b", {}, choice.option.correct ? "✓ Right. " : "✗ Not this one. "),
          ...inline(choice.option.why));
      }
    }));
  }

  model.on("change:answers", draw);
  draw();
  host.replaceChildren(card(model, nodes.map(({ node }) => node)));
}

export default { render };
