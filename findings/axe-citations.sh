#!/bin/sh
# A page with one citation breaks a rule that axe-core calls critical; Sphinx inherits it
#
# docutils 0.21.2, Python 3.11, Node.js 18 or newer with npm. The HTML writer puts
# citations into a <div role="list"> whose children are no list items but bear
# role="doc-biblioentry", which DPUB-ARIA 1.1 has given up: axe-core calls the list
# critical and the role deprecated. Sphinx's writer extends this one. Colours are not
# looked at, since jsdom lays nothing out. Not documented.
#
# Seen:
#   aria-allowed-role minor
#   aria-deprecated-role minor
#   aria-required-children critical
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile docutils==0.21.2
npm install --silent --no-fund --no-audit --prefix "$place" axe-core@4.10.3 jsdom@26.1.0
"$place/bin/python" - >"$place/page.html" <<'PY'
from docutils.core import publish_string

source = "Title\n=====\n\nText [One]_.\n\n.. [One] A paper."
print(publish_string(source, writer_name="html5").decode())
PY
cat >"$place/look.cjs" <<'JS'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { JSDOM } = require("jsdom");

const html = readFileSync(join(__dirname, "page.html"), "utf8");
const { window } = new JSDOM(html, { runScripts: "outside-only" });
window.eval(require("axe-core").source);
const rules = { "color-contrast": { enabled: false } };
window.axe.run(window.document, { rules }).then(({ violations }) => {
  const seen = violations.map(({ id, impact }) => `${id} ${impact}`);
  console.log(seen.join("\n"));
  assert.deepEqual(seen, [
    "aria-allowed-role minor",
    "aria-deprecated-role minor",
    "aria-required-children critical",
  ]);
});
JS
node "$place/look.cjs"
