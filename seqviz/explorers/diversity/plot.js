// A small plot, for the explorers that name it in `uses`: a line with named ends and
// one point that moves along it.

const WIDTH = 320; // a plot's own units
const HEIGHT = 180;
const FRAME = { left: 48, right: 306, top: 34, bottom: 140 };

/** Up to five round numbers within low..high: [step, numbers]. */
function ticks(low, high) {
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((one) => one * size >= rough) * size;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return [step, Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)];
}

/** A line of points [x, y] with named ends, and one point that moves along it. */
function plot() {
  const picture = svg("svg", { class: "sv-plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const guide = svg("path", { class: "sv-guide" });
  const point = svg("g", { class: "sv-point" }, svg("circle", { r: 8 }), svg("circle", { r: 3.5 }));
  let at = null;
  const text = (x, y, words, anchor, kind) =>
    svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
  const path = (points) => `M${points.map((pair) => pair.map((v) => v.toFixed(1)).join(" ")).join("L")}`;

  return {
    node: picture,
    /** Draws the axes and the line; `dots`: whether its points are shown. */
    build({ label, axes, points, ends, dots }) {
      const spans = [0, 1].map((i) => {
        const values = points.map((pair) => pair[i]);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const room = 0.08 * (high - low) || Math.abs(low) * 0.01 || 1;
        return [low - room, high + room];
      });
      const [[left, right], [low, high]] = spans;
      const { left: l, right: r, top: t, bottom: b } = FRAME;
      at = ([x, y]) => [l + ((x - left) / (right - left)) * (r - l), b - ((y - low) / (high - low)) * (b - t)];
      const number = (value, step) =>
        value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))).replace("-", "−");
      const [stepX, across] = ticks(left, right);
      const [stepY, up] = ticks(low, high);
      const places = points.map(at);
      const [first, last] = [places[0], places[places.length - 1]];
      // The names of the ends stand where a falling, or else a rising, line does not go.
      const falls = first[1] <= last[1];
      picture.setAttribute("aria-label", label);
      picture.replaceChildren(
        svg("path", { class: "sv-axes", d: `M${l} ${t}V${b}H${r}` }),
        ...across.map((value) => text(at([value, low])[0], b + 16, number(value, stepX), "middle")),
        ...up.map((value) => text(l - 6, at([left, value])[1] + 4, number(value, stepY), "end")),
        text(r, HEIGHT - 6, axes[0], "end", "sv-axis"), text(4, 14, axes[1], "start", "sv-axis"),
        guide, svg("path", { class: "sv-curve", d: path(places) }),
        ...(dots ? places.map(([x, y]) => svg("circle", { class: "sv-curve-dot", cx: x, cy: y, r: 2.5 })) : []),
        text(first[0] + 12, first[1] + (falls ? -6 : 14), ends[0], "start", "sv-end"),
        text(last[0] - 12, last[1] + (falls ? 5 : -6), ends[1], "end", "sv-end"), point);
    },
    move(pair) {
      const [x, y] = at(pair);
      [picture.dataset.x, picture.dataset.y] = pair;
      point.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      guide.setAttribute("d", `M${FRAME.left} ${y.toFixed(1)}H${x.toFixed(1)}V${FRAME.bottom}`);
    },
  };
}
