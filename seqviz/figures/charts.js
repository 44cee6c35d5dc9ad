// Draws the Plotly charts of a page: each when it comes near the view, from the one
// file that all pages share, in the colors of the theme. Before these lines
// seqviz.site.book puts TEMPLATE (the light template) and DARK (light color -> dark).

const root = document.documentElement;
const base = new URL(root.dataset.content_root || "./", document.baseURI);
const config = { displayModeBar: false, scrollZoom: false, doubleClick: false, responsive: true };
const drawn = new Set();
let library;
let printing = false;

function plotly() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("charts/plotly.min.js", base).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error(`${script.src} did not load`));
    document.head.append(script);
  });
  return library;
}

function theme() {
  return printing ? "light" : root.dataset.theme || "light";
}

function themed(value) {
  if (theme() !== "dark") return value;
  if (typeof value === "string") return DARK[value.toLowerCase()] ?? value;
  if (Array.isArray(value)) return value.map(themed);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, themed(item)]));
  }
  return value;
}

async function draw(figure) {
  const spec = JSON.parse(figure.querySelector(".sv-chart-spec").textContent);
  const layout = { ...spec.layout, template: TEMPLATE, autosize: true };
  const Plotly = await plotly();
  await document.fonts.ready; // Plotly leaves room for the words as it measures them
  const box = figure.querySelector(".sv-chart-box");
  await Plotly.react(box, themed(spec.data), themed(layout), config);
  drawn.add(figure);
  figure.dataset.drawn = theme();
}

const charts = [...document.querySelectorAll(".sv-chart")];

if (charts.length) {
  for (const numbers of document.querySelectorAll(".sv-numbers")) numbers.open = false;

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: "300px" },
  );
  charts.forEach((chart) => near.observe(chart));

  new MutationObserver(() => drawn.forEach(draw)).observe(root, { attributeFilter: ["data-theme"] });

  // Paper is light, and shows the numbers of a chart that nobody scrolled to.
  addEventListener("beforeprint", () => {
    printing = true;
    drawn.forEach(draw);
    for (const chart of charts) {
      const numbers = chart.querySelector(".sv-numbers");
      if (numbers && !drawn.has(chart)) numbers.open = true;
    }
  });
  addEventListener("afterprint", () => {
    printing = false;
    drawn.forEach(draw);
  });
}
