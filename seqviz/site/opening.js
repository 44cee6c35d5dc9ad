// A page opens with what its window shows; the blocks below follow once that is seen, as
// many a frame as cost it little, and so does the theme's script, which measures. It
// stands in the head, so no file is waited for. Who goes to a place within the page, or
// comes back to one, gets all at once; a figure under the hand has the frames to itself.
(() => {
  const { later } = document.currentScript.dataset;
  const script = Object.assign(document.createElement("script"), { src: later });
  const [visit] = performance.getEntriesByType("navigation");
  const tells = globalThis.PerformanceObserver?.supportedEntryTypes?.includes("paint");
  // An address may end in words to find, which the location does not tell.
  const place = location.hash || visit?.name.includes("#");
  if (!tells || visit?.type !== "navigate" || place) {
    document.head.append(script);
    return;
  }
  const MOST = 5; // ms of a frame
  const REST = 300; // ms that a touched figure is let alone
  const { classList } = document.documentElement;
  const all = () => classList.remove("sv-opening");
  let rest = 0;

  function asked({ target, key, ctrlKey, metaKey }) {
    const figure = target.closest?.(".sv-explorer") && !target.closest("a");
    if (!figure || ctrlKey || metaKey || ["Tab", "F3"].includes(key)) all();
    else rest = performance.now() + REST;
  }

  function open() {
    if (performance.now() < rest && classList.contains("sv-opening")) {
      requestAnimationFrame(open);
      return;
    }
    const end = performance.now() + MOST;
    const article = document.querySelector(".bd-article");
    const waiting = [...document.querySelectorAll(".bd-article section > :not(section, .sv-open)")];
    const isShort = () => article.getBoundingClientRect().bottom < innerHeight;
    while (waiting.length && (isShort() || (script.isConnected && performance.now() < end)))
      waiting.shift().classList.add("sv-open");
    if (waiting.length || document.readyState === "loading") requestAnimationFrame(open);
    else all();
  }

  classList.add("sv-opening");
  for (const kind of ["click", "keydown", "input"]) addEventListener(kind, asked, true);
  new PerformanceObserver((_, watch) => {
    watch.disconnect();
    document.head.append(script);
  }).observe({ type: "paint", buffered: true });
  requestAnimationFrame(open);
})();
