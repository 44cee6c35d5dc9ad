// Draws one Plotly chart in an output of Colab. Before these lines seqviz.figures.charts
// puts PLOTLY (the library, gzip in base64), NAME (the id of the box) and SPEC.

async function plotly() {
  const bytes = Uint8Array.from(atob(PLOTLY), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  // a loader of modules on the page would take it away
  script.textContent = `((define, module, exports) => {${await new Response(stream).text()}\n})();`;
  document.head.append(script);
  return window.Plotly;
}

const box = document.getElementById(NAME);
const Plotly = window.Plotly ?? (await plotly());
await Plotly.newPlot(box, SPEC.data, SPEC.layout, SPEC.config);
const numbers = box.parentElement.querySelector(".sv-numbers");
if (numbers) numbers.open = false;
