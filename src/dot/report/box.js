// A node of the picture: a box with its name, what became of it in a few words, and signs.

import { ICONS, svg } from "./dom.js";

export const WIDTH = 236;
const HIGH = 74, LOW = 36;  // of what has rows, and of what has none, such as a test
const SIGNS = ["different", "missing", "failed", "not_proven", "not_compared"];

export function heightOf({ resource_type: type }) {
  return ["model", "seed", "snapshot"].includes(type) ? HIGH : LOW;
}

// `fit` cuts a text to a width.
export function drawNode(node, place, fit) {
  const isLow = place.height === LOW;
  const [counted, changes] = node.box.lines;
  const sign = SIGNS.find((tag) => node.tags.includes(tag)) ?? (node.data?.is_equal ? "equal" : null);
  return svg("g", {
    class: `node ${node.code} ${node.tags.map((tag) => `is-${tag}`).join(" ")}${isLow ? " low" : ""}`,
    transform: `translate(${place.x} ${place.y})`, tabindex: "-1", role: "button", "aria-label": node.box.label, "data-node": node.index,
  },
    svg("title", {}, node.name),
    svg("rect", { class: "box", width: WIDTH, height: place.height, rx: 10 }),
    svg("path", { class: "glyph", d: ICONS[node.code], transform: isLow ? "translate(12 10)" : "translate(12 12)" }),
    svg("text", { class: "name", x: 36, y: isLow ? 22.5 : 25 }, fit(node.name, WIDTH - 36 - (sign ? 32 : 12), "600 13px", "middle")),
    ...(isLow ? [] : [
      svg("text", { class: "large name", x: 44, y: 45 }, fit(node.name, WIDTH - 52, "600 22px", "middle")),
      svg("text", { class: "words", x: 36, y: 44 }, fit(counted, WIDTH - 48)),
      svg("text", { class: "words", x: 36, y: 61 }, fit(changes, WIDTH - 48)),
    ]),
    sign ? svg("path", { class: "mark", d: ICONS[sign], transform: `translate(${WIDTH - 26} 12)` }) : "",
    node.unexplained ? drawFlag(place) : "",
  );
}

function drawFlag({ height }) {
  return svg("g", { class: "flag", transform: `translate(${WIDTH - 6} ${height - 6})` },
    svg("circle", { r: 11 }), svg("path", { d: ICONS.unexplained, transform: "translate(-8 -8)" }));
}

// A function that cuts a text to a width in pixels, between whole letters: a name in its middle, because models often
// differ in their last word; anything else at its end.
export function shortener() {
  const context = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  const segmenter = new Intl.Segmenter();
  return (text, space, font = "12px", where = "end") => {
    context.font = `${font} ${family}`;
    if (context.measureText(text).width <= space) return text;
    const letters = Array.from(segmenter.segment(text.slice(0, 2000)), ({ segment }) => segment);
    const cut = (count) => {
      const tail = where === "middle" ? Math.floor(count * 0.45) : 0;
      return `${letters.slice(0, count - tail).join("")}…${tail ? letters.slice(-tail).join("") : ""}`;
    };
    let low = 0, high = letters.length;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (context.measureText(cut(middle)).width <= space) low = middle; else high = middle - 1;
    }
    return cut(low);
  };
}
