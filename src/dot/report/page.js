// The page: its header, the list of nodes, what is filtered and sorted, and which node is open.

import { byId, edges, nodes, report } from "./data.js";
import { describe } from "./details.js";
import { el, icon, number, plural, svg } from "./dom.js";
import { Picture } from "./picture.js";

const texts = nodes.map(searchText);
const $ = (id) => document.getElementById(id);
const pressed = new Set();
let picture = null, opened = null, opener = null;

function searchText({ name, unique_id: id, file, renamed_from: before, columns, data }) {
  return [name, id, file, before ?? "", ...(columns?.changes ?? []).map((column) => column.name), ...(data?.columns ?? []).map((column) => column.name)].join("\n").toLowerCase();
}

// -- the header ----------------------------------------------------------------------------------------------------

function drawHeader() {
  const side = ({ name, hash, subject, built }) => el("span", { class: "side" },
    el("b", {}, name), el("span", {}, hash ? el("code", {}, hash) : "", subject ? ` ${subject}` : ""), el("small", {}, built));
  $("sides").append(side(report.base), el("span", { class: "arrow", "aria-label": "to" }, "→"), side(report.head));
  $("summary").append(report.summary);
  document.title = `${report.base.name} → ${report.head.name} · dot diff`;
  for (const { tag, label, count } of report.tags) {
    if (!count) continue;
    // Names alone are known of some nodes that were not compared; there may be nothing to show.
    const isOffered = nodes.some((node) => node.tags.includes(tag));
    const chip = el("button", { type: "button", class: `chip ${tag}`, "aria-pressed": "false", disabled: !isOffered, "data-tag": tag }, icon(tag), el("b", {}, number(count)), ` ${label}`);
    chip.addEventListener("click", () => {
      if (!pressed.delete(tag)) pressed.add(tag);
      chip.setAttribute("aria-pressed", String(pressed.has(tag)));
      filter();
    });
    $("chips").append(chip);
  }
  $("chips").append(el("span", { class: "chip plain" }, el("b", {}, number(report.unchanged)), " unchanged"));
}

function drawLegend() {
  $("legend").append(...report.legend.map(({ kind, label }) => el("span", { class: kind }, icon(kind), label)));
}

function drawEmpty() {
  const total = report.unchanged;
  const isWhole = report.tags.every(({ count }) => !count);
  $("chips").hidden = isWhole;
  $("empty").hidden = false;
  $("empty").append(
    svg("svg", { viewBox: "0 0 48 48", "aria-hidden": "true" }, svg("circle", { cx: 24, cy: 24, r: 21 }), svg("path", { d: "M15 24.5l6.5 6.5L34 18" })),
    el("h2", {}, isWhole ? "Nothing differs" : "Nothing that was compared differs"),
    el("p", { class: "soft" }, `${plural(total, "node")} ${total === 1 ? "is" : "are"} the same in both builds.`),
  );
}

// -- the list ------------------------------------------------------------------------------------------------------

function drawList() {
  const rows = nodes.map((node) => {
    const { code, rows: counted, columns, values } = node.words;
    return el("tr", { class: node.code, "data-node": node.index },
      el("th", { scope: "row" }, el("button", { type: "button", class: "link" }, node.name), el("span", { class: "soft" }, ` ${node.resource_type === "model" ? node.materialized ?? "" : node.resource_type}`)),
      el("td", { class: "code" }, icon(node.code), code),
      el("td", { class: "number" }, counted),
      el("td", {}, el("div", {}, columns)),
      el("td", {}, el("div", {}, node.unexplained ? el("span", { class: "unexplained" }, icon("unexplained"), "unexplained ") : "", values)),
    );
  });
  $("rows").append(...rows);
  $("rows").addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && !String(getSelection())) open(Number(row.dataset.node));
  });
  $("rows").addEventListener("keydown", (event) => {
    const direction = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (!direction) return;
    event.preventDefault();
    let row = event.target.closest("tr")[direction];
    while (row?.hidden) row = row[direction];
    row?.querySelector("button").focus();
  });
  const amount = {
    rows: ({ data }) => Math.abs((data?.rows_head ?? 0) - (data?.rows_base ?? 0)),
    columns: ({ columns }) => columns?.changes.length ?? 0,
    values: ({ data }) => (data?.added ?? 0) + (data?.removed ?? 0) + Math.max(data?.changed ?? 0, ...(data?.columns ?? []).map(({ changed }) => changed)),
  };
  const compare = {
    name: (a, b) => a.name.localeCompare(b.name),
    code: (a, b) => a.index - b.index,  // as the report lists them
    ...Object.fromEntries(Object.entries(amount).map(([key, count]) => [key, (a, b) => count(b) - count(a) || a.index - b.index])),
  };
  for (const button of document.querySelectorAll("[data-sort]")) {
    const header = button.parentElement;
    button.append(report.headings[header.cellIndex]);
    button.addEventListener("click", () => {
      const isReversed = header.ariaSort === "ascending";
      for (const other of header.parentElement.children) other.ariaSort = "none";
      header.ariaSort = isReversed ? "descending" : "ascending";
      const sorted = [...nodes].sort(compare[button.dataset.sort]);
      $("rows").append(...(isReversed ? sorted.reverse() : sorted).map(({ index }) => rows[index]));
    });
  }
  return rows;
}

function filter() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const isShown = nodes.map((node, index) =>
    (!pressed.size || node.tags.some((tag) => pressed.has(tag))) && words.every((word) => texts[index].includes(word)));
  nodes.forEach((_, index) => { listed[index].hidden = !isShown[index]; });
  const count = isShown.filter(Boolean).length;
  $("shown").textContent = count === nodes.length ? plural(count, "node") : `${number(count)} of ${plural(nodes.length, "node")}`;
  picture.filter(isShown);
  return isShown;
}

// -- the node that is open -----------------------------------------------------------------------------------------

function open(index) {
  const node = nodes[index];
  const at = (near, far) => edges.filter((edge) => edge[near] === index).map((edge) => nodes[edge[far]]);
  if (opened === null) opener = document.activeElement;
  opened = index;
  $("details").replaceChildren(...describe(node, { parents: at(1, 0), children: at(0, 1) }, close, open));
  $("details").hidden = false;
  $("details").scrollTop = 0;
  document.body.classList.add("with-details");
  listed.forEach((row, i) => { row.classList.toggle("open", i === index); });
  picture.select(index);
  remember(node.unique_id);
  $("details-name").focus({ preventScroll: true });
}

function close() {
  if (opened === null) return;
  const box = document.querySelector(`.node[data-node="${opened}"]`);
  opened = null;
  $("details").hidden = true;
  document.body.classList.remove("with-details");
  for (const row of listed) row.classList.remove("open");
  picture.select(null);
  remember("");
  (opener?.isConnected && opener !== document.body ? opener : box).focus({ preventScroll: true });
}

// The address of the open node, so that a link can point at it. Some hosts of files forbid it.
function remember(id) {
  try { history.replaceState(null, "", id ? `#${encodeURIComponent(id)}` : location.href.split("#")[0]); } catch { /* then not */ }
}

function openAddressed() {
  let id = "";
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { /* no name of ours */ }
  if (byId.has(id)) open(byId.get(id));
}

// -- all of it -----------------------------------------------------------------------------------------------------

$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
});

drawHeader();
let listed = [];
if (nodes.length) {
  $("lineage").hidden = $("list").hidden = false;
  listed = drawList();
  drawLegend();
  picture = new Picture($("picture"), { nodes, edges, onOpen: open });
  filter();
  for (const button of document.querySelectorAll("[data-zoom]")) {
    const factor = Number(button.dataset.zoom);
    button.addEventListener("click", () => (factor ? picture.zoom(factor) : picture.fitAll()));
  }
  $("search").addEventListener("input", filter);
  $("search").addEventListener("keydown", (event) => {
    const first = event.key === "Enter" ? filter().indexOf(true) : -1;
    if (first >= 0) open(first);
  });
  addEventListener("hashchange", openAddressed);
  openAddressed();
} else {
  document.querySelector(".search").hidden = true;
  drawEmpty();
}

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === "/" && !isTyping && nodes.length) {
    event.preventDefault();
    $("search").focus();
  } else if (event.key === "Escape") {
    if (isTyping && $("search").value) { $("search").value = ""; filter(); }
    else if (opened !== null) close();
    else if (isTyping) event.target.blur();
  }
});
