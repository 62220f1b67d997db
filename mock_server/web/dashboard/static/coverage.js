// What this run has exercised of what the vendors can do.
import { fill, h, keyed } from "./dom.js";
import { vendor } from "./text.js";

const TITLES = { operation: "Operations", outcome: "Outcomes", error: "Errors", status: "HTTP statuses", event: "Callback events", decline: "Decline codes" };

export function coverage(frame, root) {
  const place = h("div.cards");
  fill(root, h("div.head", h("h1", "Coverage")), h("p.lead", "What this account's requests have exercised since its last reset. A handler for something that never happened here has never been tested."), place);

  async function refresh() {
    const { coverage: words, groups } = await frame.api.get("coverage");
    const cards = groups.map((group) => ({ ...group, words: words.filter((word) => word.provider === group.provider && word.group === group.group) }));
    keyed(place, cards, (card) => `${card.provider} ${card.group}`, card);
  }

  return { refresh };
}

function card(group) {
  const bar = h("span");
  bar.style.width = `${group.percent}%`;
  const open = group.total <= 24;
  const words = h("ul.bits", group.words.map((word) => h(`li${word.count ? ".done" : ""}`, { title: word.description }, word.word, word.count > 1 ? ` ×${word.count}` : "")));
  return h(
    "section.panel.pad.stack.tight",
    h("div.row", h("h2", `${TITLES[group.group] ?? group.group} of ${vendor(group.provider)}`), h("span.note.small", `${group.met} of ${group.total}`)),
    h("span.meter", { role: "img", "aria-label": `${group.percent} %` }, bar),
    open ? words : h("details", h("summary", "Which"), words),
  );
}
