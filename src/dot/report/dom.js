// Elements, made of constant names and of texts. Whatever a report holds becomes a text node or an attribute's value,
// and never HTML; the page's policy (trusted types) would stop it.

export const ICONS = {
  changed: "M3 13l.7-3L10.6 3.1l2.3 2.3L6 12.3z",
  renamed: "M3 5h9M9.5 2.5 12 5 9.5 7.5M13 11H4M6.5 8.5 4 11l2.5 2.5",
  parent: "M4 3v6.5h8.5M9.5 6.5l3 3-3 3",
  added: "M8 3v10M3 8h10",
  removed: "M3 8h10",
  same: "M8 4.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6",
  equal: "M3 6h10M3 10h10",
  different: "M3 6h10M3 10h10M10.5 3l-5 10",
  unexplained: "M5.3 5.8a2.7 2.7 0 1 1 3.9 2.4C8.3 8.7 8 9.2 8 10M8 12.8v.1",
  missing: "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10M4.5 11.5l7-7",
  failed: "M4 4l8 8M12 4l-8 8",
  not_compared: "M3 8h.1M8 8h.1M13 8h.1",
  not_proven: "M3 8h.1M8 8h.1M13 8h.1",
  close: "M4 4l8 8M12 4l-8 8",
};

export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== ""));
  return element;
}

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

export function number(count) {
  return count.toLocaleString("en");
}

export function plural(count, word) {
  return `${number(count)} ${word}${count === 1 ? "" : "s"}`;
}
