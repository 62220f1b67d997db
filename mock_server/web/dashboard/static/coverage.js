// What this run has exercised of what the vendors can do.
import { fill, h } from "./dom.js";

export function coverage(frame, root) {
  const place = h("div.cards");
  fill(root, h("div.head", h("h1", "Coverage")), h("p.lead", "What this account's requests have exercised. A handler for something that never happened here has never been tested."), place);

  async function refresh() {
    const answer = await frame.api.get("coverage");
    fill(place, Object.entries(answer.providers ?? answer).map(([provider, parts]) => vendor(provider, parts)));
  }

  return { refresh };
}

function vendor(provider, parts) {
  return h("section.panel.pad.stack", h("h2", provider), Object.entries(parts).map(([name, part]) => kind(name, part)));
}

function kind(name, part) {
  const share = part.total ? Math.round((100 * part.seen.length) / part.total) : 0;
  const bar = h("span");
  bar.style.width = `${share}%`;
  return h("div.stack.tight", h("div.row", h("h3", name), h("span.note.small", `${part.seen.length} of ${part.total}`)), h("span.meter", { role: "img", "aria-label": `${share} %` }, bar), h("ul.bits", [...part.seen.map((item) => h("li.done", item)), ...part.missing.map((item) => h("li", item))]));
}
