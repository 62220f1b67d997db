// What the mock remembers, and a reviewer's desk to decide it at.
import { button, details, fill, h, keyed, toast } from "./dom.js";
import { json } from "./json.js";
import { unshowable } from "./message.js";
import { dayTime, plural, vendor } from "./text.js";

const SHOWN = 100;

export function verifications(frame, root) {
  const list = h("div.cards");
  const empty = h("div");
  fill(root, h("div.head", h("h1", "Verifications")), h("p.lead", "Everything the mock remembers for this account. Decide one as a reviewer at the vendor would: what follows, callbacks included, happens as it would there."), empty, list);

  async function refresh() {
    const { vocabulary } = await frame.vocabulary();
    const { verifications: records } = await frame.api.get("verifications", { limit: 1000 });
    fill(empty, records.length ? null : h("div.panel.empty", h("h2", "Nothing verified yet"), h("p", "Send a request, or ", h("a", { href: "#/guide" }, "let this page send one"), ".")));
    keyed(list, records.reverse().slice(0, SHOWN), (record) => `${record.provider} ${record.kind} ${record.key}`, (record) => card(frame, record, vocabulary[record.provider]?.decisions[record.kind] ?? []));
  }

  return { refresh };
}

function card(frame, record, outcomes) {
  const names = [record.key, ...record.aliases].sort((a, b) => Number(made(a)) - Number(made(b)));
  return h(
    "article.panel.pad.stack.tight",
    h("div.row", h("h2", names[0]), h(`span.pill.${mood(record.status)}`, record.status)),
    h("p.note.small", `${vendor(record.provider)} ${record.kind} · ${dayTime(record.created)}`),
    names.length > 1 ? h("p.small", h("code", names.slice(1).join(" "))) : null,
    decisions(frame, record, outcomes),
    unshowable(record),
    details("What is kept", json(record.data)),
    h("p.mrz", { "aria-hidden": "true" }, mrz(record)),
  );
}

function mood(status) {
  const word = status.toLowerCase();
  if (/not.verified|declin|fail|no.match|invalid|reject|error/.test(word)) return "bad";
  if (/pending|received|review|partial|progress|pep|required/.test(word)) return "wait";
  if (/accept|verified|match|complete|success|clear/.test(word)) return "good";
  return "script";
}

/** Whether the mock made a name: a UUID or a token. Those of callers come first. */
function made(name) {
  return /^[0-9a-f-]{16,}$/.test(name);
}

function decisions(frame, record, outcomes) {
  if (!outcomes.length) return null;
  return h(
    "div.row.choices",
    { role: "group", "aria-label": `Decide ${record.key}` },
    outcomes.map((outcome) =>
      button(outcome, async () => {
        const { callbacks = [] } = await frame.api.post(`verifications/${encodeURIComponent(record.key)}/decide`, { outcome, provider: record.provider });
        toast(callbacks.length ? `Decided: ${outcome}. ${plural(callbacks.length, "callback")} on the way.` : `Decided: ${outcome}.`);
        frame.refresh();
      }),
    ),
  );
}

/** The foot of a passport page, in the record's own words. */
function mrz(record) {
  const clean = (text) => text.toUpperCase().replace(/[^A-Z0-9]+/g, "<");
  return `P<${clean(record.provider)}<<${clean(record.key)}<<${clean(record.status)}${"<".repeat(60)}`.slice(0, 88);
}
