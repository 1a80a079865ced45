// Everything about one node, for the panel at the side.

import { report } from "./data.js";
import { el, icon, number, plural } from "./dom.js";

const LINES = 600;  // of a diff, before somebody asks for more

export function describe(node, neighbours, close, open) {
  const { data, columns } = node;
  const kind = [node.resource_type, node.materialized].filter(Boolean).join(" · ");
  return [
    el("header", {},
      el("div", { class: "badges" },
        node.badges.map(({ kind, icon: sign, label }) => el("span", { class: `badge ${kind}` }, icon(sign), label)),
        el("button", { type: "button", class: "quiet close", "aria-label": "Close", title: "Close (Esc)", click: close }, icon("close")),
      ),
      el("h2", { id: "details-name", tabindex: "-1" }, node.name),
      el("p", { class: "soft" }, kind, node.file ? " · " : "", el("code", {}, node.file)),
      node.owner ? el("p", { class: "soft" }, `owner ${node.owner}`) : null,
      node.url ? el("p", { class: "soft" }, el("code", {}, node.url)) : null,
      node.renamed_from ? el("p", { class: "soft" }, "was ", el("code", {}, node.renamed_from)) : null,
    ),
    ...node.notes.map(describeNote),
    data ? describeRows(data, node) : null,
    data?.columns.length ? section("Values", data.columns.map((column) => describeValues(column, data))) : null,
    columns ? describeColumns(columns) : null,
    data?.samples.length ? section(report.samples, describeSamples(data)) : null,
    ...node.changes.map(describeChange),
    describeNeighbours("Reads", neighbours.parents, open),
    describeNeighbours("Read by", neighbours.children, open),
  ].filter(Boolean);
}

function section(title, ...content) {
  return el("section", {}, el("h3", {}, title), ...content);
}

function describeNote({ kind, title, text }) {
  return el("div", { class: `note ${kind}` }, icon(kind), el("p", {}, el("strong", {}, title), " ", text));
}

// -- rows ----------------------------------------------------------------------------------------------------------

function describeRows(data, node) {
  const figures = [["base", data.rows_base], ["head", data.rows_head]].filter(([, count]) => count !== null);
  const difference = figures.length === 2 ? data.rows_head - data.rows_base : 0;
  const relations = [["base", node.relation_base], ["head", node.relation_head]].filter(([, name]) => name);
  const key = describeKey(data);
  if (!figures.length && !key && !relations.length) return null;
  return section("Rows",
    figures.length ? el("p", { class: "figures" },
      figures.flatMap(([, count], i) => [i ? el("span", { class: "arrow" }, "→") : "", el("b", {}, number(count))]),
      figures.length === 1 ? el("span", { class: "soft" }, `in ${figures[0][0]}`) : "",
      difference ? el("span", { class: difference > 0 ? "added" : "removed" }, `${difference > 0 ? "+" : "−"}${number(Math.abs(difference))}`) : "",
    ) : null,
    data.parts.length ? stack(data.parts) : null,
    key,
    relations.length ? el("dl", { class: "relations" }, relations.flatMap(([side, name]) => [el("dt", {}, side), el("dd", {}, el("code", {}, name))])) : null,
  );
}

function describeKey({ key, key_source: source, key_remarks: remarks }) {
  if (!key.length) return remarks ? el("p", { class: "soft" }, remarks) : null;
  return el("p", { class: "soft" }, "Key ", key.flatMap((name, i) => [i ? ", " : "", el("code", {}, name)]), source ? `, from ${source}. ` : ". ", remarks ? el("strong", {}, remarks) : "");
}

// A bar of parts, each at least wide enough to be seen, and what they are in words.
function stack(parts) {
  const whole = parts.reduce((sum, { count }) => sum + count, 0);
  const bar = el("div", { class: "stack", "aria-hidden": "true" }, parts.map(({ kind, count }) => {
    const part = el("i", { class: kind });
    part.style.flexGrow = count / whole;
    return part;
  }));
  return [bar, el("ul", { class: "key" }, parts.map(({ kind, label }) => el("li", { class: kind }, icon(kind), label)))];
}

function describeValues(column, data) {
  const whole = data.common;
  const bar = el("div", { class: "gauge", "aria-hidden": "true" });
  for (const [kind, count] of [["value", column.changed - column.nulls], ["null", column.nulls]]) {
    const part = el("i", { class: kind });
    part.style.width = `${100 * Math.min(1, count / (whole || column.changed || 1))}%`;
    if (count > 0) bar.append(part);
  }
  return el("div", { class: "value" },
    el("div", {}, el("code", {}, column.name), el("span", {}, column.words, column.share ? el("span", { class: "soft" }, ` · ${column.share}`) : "")),
    bar,
    column.remarks ? el("p", { class: "soft" }, column.remarks) : null,
  );
}

// -- columns -------------------------------------------------------------------------------------------------------

function describeColumns({ title, changes, remark }) {
  const told = ({ text, from, to }) => (from === undefined ? text : [el("del", {}, from), el("span", { class: "arrow" }, " → "), el("ins", {}, to)]);
  return section(title,
    changes.length ? el("ul", { class: "columns" }, changes.map((change) =>
      el("li", { class: change.kind }, icon(change.kind), el("code", {}, change.name), el("span", {}, told(change))))) : null,
    remark ? el("p", { class: "soft" }, remark) : null,
  );
}

// -- sample rows: old beside new -------------------------------------------------------------------------------------

function describeSamples(data) {
  const keys = data.key.length ? data.key : [...new Set(data.samples.flatMap(({ key }) => key.map(([name]) => name)))];
  const body = data.samples.flatMap((sample) => {
    const { kind } = sample;
    const base = new Map(sample.base ?? []), head = new Map(sample.head ?? []), key = new Map(sample.key);
    const names = [...new Set([...base.keys(), ...head.keys()])];
    return (names.length ? names : [null]).map((name, i) => el("tr", { class: i ? "" : "first" },
      i ? null : [
        el("td", { rowspan: Math.max(1, names.length), class: kind }, icon(kind), el("span", { class: "hidden" }, kind)),
        ...keys.map((column) => el("th", { scope: "row", rowspan: Math.max(1, names.length) }, shown(key.get(column)))),
      ],
      el("td", {}, name === null ? "" : el("code", {}, name)),
      el("td", { class: "old" }, base.has(name) ? shown(base.get(name)) : ""),
      el("td", { class: "new" }, head.has(name) ? shown(head.get(name)) : ""),
    ));
  });
  const titles = [el("span", { class: "hidden" }, "kind"), ...keys, "column", "base", "head"];
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": report.samples }, el("table", { class: "samples" },
    el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))), el("tbody", {}, body)));
}

function shown(value) {
  return typeof value === "object" ? el("em", {}, value.word) : value ?? "";
}

// -- code ----------------------------------------------------------------------------------------------------------

function describeChange({ title, summary, diff }) {
  return section(title, el("p", {}, summary), diff ? drawDiff(diff) : null);
}

function drawDiff(diff) {
  const lines = parseDiff(diff);
  const box = el("div", { class: "diff scroll", tabindex: "0", role: "region", "aria-label": "Difference" });
  const add = (from, to) => box.append(...lines.slice(from, to).map(drawLine));
  add(0, LINES);
  if (lines.length > LINES) {
    const more = el("button", { type: "button", click: () => { more.remove(); add(LINES); } }, `${plural(lines.length - LINES, "more line")}`);
    box.append(more);
  }
  return box;
}

function drawLine({ sign, text, old, now, from, to }) {
  const kinds = { "+": "added", "-": "removed", "@": "hunk" };
  const marked = to > from ? [text.slice(0, from), el("mark", {}, text.slice(from, to)), text.slice(to)] : [text || " "];
  return el("div", { class: kinds[sign] ?? "" },
    el("i", { "data-line": old ?? "" }), el("i", { "data-line": now ?? "" }), el("b", {}, sign === "@" ? "" : sign === "-" ? "−" : sign), el("span", {}, ...marked));
}

// The lines of a unified diff with their numbers; of a line that replaces another, `from` and `to` bound what is new.
function parseDiff(diff) {
  const lines = [];
  let old = 0, now = 0, isInside = false;
  for (const raw of diff.replace(/\n$/, "").split("\n")) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)/.exec(raw);
    if (hunk) {
      [old, now, isInside] = [Number(hunk[1]), Number(hunk[2]), true];
      lines.push({ sign: "@", text: raw });
    } else if (isInside || !/^(---|\+\+\+|diff|index) /.test(raw)) {  // the names of the files stand above
      const sign = /^[-+\\]/.test(raw) ? raw[0] : " ";
      const line = { sign, text: /^[-+ ]/.test(raw) ? raw.slice(1) : raw };
      if (isInside && sign !== "+" && sign !== "\\") { line.old = old; old += 1; }
      if (isInside && sign !== "-" && sign !== "\\") { line.now = now; now += 1; }
      lines.push(line);
    }
  }
  for (let i = 0; i < lines.length;) {
    let removed = i;
    while (lines[removed]?.sign === "-") removed += 1;
    let added = removed;
    while (lines[added]?.sign === "+") added += 1;
    if (removed - i === added - removed) for (let j = i; j < removed; j += 1) markWithin(lines[j], lines[j + removed - i]);
    i = Math.max(added, i + 1);
  }
  return lines;
}

function markWithin(one, other) {
  const shorter = Math.min(one.text.length, other.text.length);
  let from = 0, back = 0;
  while (from < shorter && one.text[from] === other.text[from]) from += 1;
  while (back < shorter - from && one.text.at(-1 - back) === other.text.at(-1 - back)) back += 1;
  // Lines that have little in common are two lines.
  if (from + back < shorter * 0.3) return;
  for (const line of [one, other]) [line.from, line.to] = [from, line.text.length - back];
}

function describeNeighbours(title, nodes, open) {
  if (!nodes.length) return null;
  return section(title, el("div", { class: "neighbours" }, nodes.map((node) => el("button", { type: "button", class: `badge ${node.code}`, click: () => open(node.index) }, icon(node.code), el("span", {}, node.name)))));
}
