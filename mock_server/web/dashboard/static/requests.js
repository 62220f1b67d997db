// The journal: requests as they arrive and, beside the list, all about one of them.
import { button, code, copyButton, details, facts, fill, h, toast } from "./dom.js";
import { difference, json, marked } from "./json.js";
import { origin } from "./api.js";
import { attemptsOf, deliveryLine } from "./deliveries.js";
import { emptyJournal } from "./guide.js";
import { content, headers, raw, unshowable } from "./message.js";
import { Split } from "./split.js";
import { asked, clockTime, dayTime, duration, parsed, shellQuote, vendor } from "./text.js";
import { verdict } from "./verdict.js";

const LIMIT = 100;

export function requests(frame, root) {
  const search = h("input", { type: "search", placeholder: "Search paths, bodies, answers", "aria-label": "Search requests" });
  const vendors = h("select", { "aria-label": "Provider" }, h("option", { value: "" }, "Both vendors"), h("option", { value: "cloudcheck" }, "Cloudcheck"), h("option", { value: "shuftipro" }, "Shufti Pro"));
  const split = new Split("Requests, newest first", "Request");
  const clear = button("Clear", async () => {
    await frame.api.delete("requests");
    frame.go("requests");
    frame.refresh();
  }, { title: "Empty the journal" });
  const reset = button("Reset account", async () => {
    await frame.api.post("reset");
    toast(`The account ${frame.account} is as new. Scenario files stay.`);
    frame.go("requests");
    frame.refresh();
  });
  fill(root, h("div.head", h("h1", "Requests"), h("div.row", search, vendors, clear, reset)), split.root);
  for (const control of [search, vendors]) control.addEventListener("input", frame.refresh);
  let loaded = "";

  async function refresh() {
    const query = { limit: LIMIT, q: search.value.trim(), provider: vendors.value };
    const { requests: entries, total } = await frame.api.get("requests", query);
    split.fill(entries, row, entries.length ? null : await nothing(query));
    split.foot.textContent = total > entries.length ? `The newest ${entries.length} of ${total}; search to find older ones.` : "";
    if (split.shown && split.shown !== loaded) await load(split.shown);
    else if (split.shown) await loadDeliveries(split.shown);
  }

  async function nothing(query) {
    return query.q || query.provider ? h("div.panel.empty", h("p", "No request answers this search.")) : emptyJournal(frame);
  }

  function show(id) {
    if (!id) loaded = "";
    split.show(id);
  }

  async function load(id) {
    let shown;
    try {
      const [entry, why, sent] = await Promise.all([frame.api.get(`requests/${id}`), frame.api.get(`requests/${id}/explain`), frame.api.get("callbacks", { request: id })]);
      shown = page(frame, entry, why, sent.callbacks);
    } catch (error) {
      if (error.status !== 404) throw error;
      shown = h("div.empty", h("h2", "This request has left the journal"), h("p", "It was cleared, or newer ones took its place."));
    }
    if (id !== split.shown) return;
    loaded = id;
    fill(split.detail, shown);
  }

  async function loadDeliveries(id) {
    const place = split.detail.querySelector(".caused");
    if (!place) return;
    const { callbacks } = await frame.api.get("callbacks", { request: id });
    showCaused(frame, place, callbacks);
  }

  return { refresh, show };
}

function row(entry) {
  const { kind, word } = verdict(entry);
  const by = entry.scenario ? [" · by ", h("strong", entry.scenario)] : kind === "passed" ? " · built-in behaviour" : "";
  return h(
    "li",
    h(
      "a",
      { href: `#/requests/${entry.id}` },
      h("span.when", { title: dayTime(entry.at) }, clockTime(entry.at)),
      h("span.what", h("span.mono", asked(entry))),
      h("span.verdict", h(`span.pill.${kind}`, word)),
      h("span.sub", `${vendor(entry.provider)} ${entry.operation}`, entry.reference ? ` · ${entry.reference}` : "", by, entry.unshowable ? ` · ${entry.unshowable}` : ""),
    ),
  );
}

function page(frame, entry, why, callbacks) {
  const { kind, word, note } = verdict(entry);
  const caused = h("div.caused.stack.tight");
  showCaused(frame, caused, callbacks);
  return [
    h(
      "header",
      h("div", h("a.back.small", { href: "#/requests" }, "← All requests"), h("h1", h("span.mono", asked(entry))), h("p.note.small", `${vendor(entry.provider)} ${entry.operation} · ${dayTime(entry.at)} · ${entry.id}`)),
      h(`div.stamp.${kind}.pressed`, word, note ? h("small", note) : null),
    ),
    unshowable(entry),
    signature(why, kind),
    answeredBy(frame, entry, why),
    h("section", h("h2", "Callbacks it caused"), caused),
    request(entry),
    answer(entry),
  ];
}

/** What the signature doctor says. */
function signature(why, kind) {
  const mistakes = why.mistakes ?? [];
  if (kind !== "bad" && !why.canonical) return null;
  const warnings = why.warnings ?? [];
  const said = [...mistakes, ...warnings].map((mistake) => h("div", h("div.why", h("p", h("strong", "Why. "), mistake.explanation)), mistake.fix ? h("div.fix", h("p", h("strong", "Mend it. "), mistake.fix)) : null));
  return h(
    "section.stack.tight",
    h("h2", kind === "bad" ? "Why it was refused" : why.valid ? "Signature: right" : "Signature"),
    said.length ? said : kind === "bad" ? h("div.why", h("p", told(why.reason) || "The request broke a rule of the vendor's; its answer below says which.")) : null,
    why.canonical ? canonical(why, mistakes) : null,
  );
}

/** The refusal's line of the log, without what stands on the page already. */
function told(reason) {
  return reason.replace(/^.*? refused with [^:]+: /, "");
}

function canonical(checked, mistakes) {
  const theirs = mistakes.find((mistake) => mistake.signed)?.signed;
  if (theirs) {
    const [ours, sent] = difference(checked.canonical, theirs);
    return h("div.stack.tight", h("h3", "What has to be signed"), marked(ours, "missing"), h("h3", "What this client signed"), marked(sent, "extra"), digests(checked));
  }
  const body = h("div.stack.tight", h("h3", "The canonical string, as the server built it"), wire(checked.canonical), digests(checked));
  return checked.valid ? details("What was signed, rightly", body) : body;
}

/** Path, names, values and separators of a canonical string told apart. */
function wire(text) {
  const parts = text.match(/^(\/[^=;{]*?\/?)(?=[A-Za-z]+=)/);
  const path = parts?.[1] ?? "";
  const rest = text.slice(path.length);
  const pieces = rest.split(/(^|;)([A-Za-z][A-Za-z0-9_]*)(=)/);
  const nodes = pieces.map((piece, index) => (index % 4 === 2 ? h("span.name", piece) : index % 4 === 1 || index % 4 === 3 ? h("span.sign", piece) : piece));
  return h("pre.wire", { tabindex: "0" }, path ? h("span.route", path) : null, nodes);
}

function digests(checked) {
  return facts([
    ["expected", checked.expected ? h("code", checked.expected) : null],
    ["received", checked.received ? h("code", checked.received) : null],
  ]);
}

function answeredBy(frame, entry, why) {
  const misses = why.near_misses ?? [];
  const pin = entry.scenario
    ? button("Pin it", async () => {
        await frame.api.put("scenarios/pinned", { name: entry.scenario });
        toast(`${entry.scenario} now answers every request of this account that it can.`);
        frame.refresh();
      })
    : null;
  const who = entry.scenario
    ? h("div.row", h("strong", entry.scenario), h("code", entry.source), entry.step ? h("span.pill", `step ${entry.step}`) : null, pin)
    : h("p", entry.evidence?.check === "magic value" ? "The built-in behaviour: a magic value asked for this error." : entry.error ? unanswered(why.scenario) : "The built-in behaviour: no scenario matched.");
  return h("section", h("h2", "Answered by"), who, misses.length ? details(`Nearest scenarios that did not (${misses.length})`, nearMisses(misses), !entry.scenario && !entry.error) : null);
}

/** Why no scenario answered a request that was refused. */
function unanswered(scenario) {
  if (!scenario) return "Nothing: the request was refused.";
  const once = { all: "answers before the checks now.", credentials: "answers once the credentials are right.", valid: "answers only once the request is valid." };
  return ["Nothing: the checks refused it. The scenario ", h("strong", scenario.name), " ", once[scenario.answers]];
}

function nearMisses(misses) {
  return h(
    "div.scroll",
    h(
      "table",
      h("thead", h("tr", h("th", "Scenario"), h("th", "Field"), h("th", "Wants"), h("th", "But"))),
      h("tbody", misses.flatMap((miss) => miss.differences.map((found, index) => h("tr", h("td", index ? "" : [h("strong", miss.name), h("br"), h("code", miss.source)]), h("td", h("code", found.path)), h("td", h("code", shown(found.expected))), h("td", found.reason))))),
    ),
  );
}

const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function showCaused(frame, place, callbacks) {
  fill(place, callbacks.length ? callbacks.map((delivery) => [deliveryLine(delivery), attemptsOf(frame, delivery)]) : h("p.note", "None."));
}

function request(entry) {
  const sent = entry.request;
  const parameters = Object.entries(sent.params ?? {});
  return h(
    "section.stack.tight",
    h("h2", "Request"),
    parameters.length ? h("div.stack.tight", parameters.map(([name, value]) => parameter(name, value))) : null,
    parameters.length ? details("Body as sent", raw(sent)) : content(sent),
    details("Headers", headers(sent.headers)),
    h("div.row", copyButton(() => curl(sent), "Copy as curl"), h("span.note.small", "sends the same bytes again")),
  );
}

function parameter(name, value) {
  const text = Array.isArray(value) ? value.join("\n") : value;
  const document = parsed(text);
  if (document === undefined && text.length < 80 && !text.includes("\n")) return h("p", h("code", `${name} = `), h("code", text || "(empty)"));
  return h("div", h("h3", h("code", name)), document === undefined ? code(text) : json(document));
}

function answer(entry) {
  const sent = entry.response;
  const waited = entry.delay ? ` after ${duration(entry.delay)}` : "";
  return h("section.stack.tight", h("h2", `Answer ${entry.status}${waited}`), content(sent), sent.json === undefined ? null : details("Bytes as sent", raw(sent)), details("Headers", headers(sent.headers)));
}

function curl(sent) {
  const left = new Set(["host", "content-length", "connection", "accept-encoding", "user-agent", "accept"]);
  const kept = Object.entries(sent.headers).filter(([name]) => !left.has(name.toLowerCase()));
  const target = `${origin}${sent.mount}${sent.path}${sent.query ? `?${sent.query}` : ""}`;
  const parts = ["curl", "-X", sent.method, shellQuote(target), ...kept.flatMap(([name, value]) => ["-H", shellQuote(`${name}: ${value}`)])];
  return sent.body ? [...parts, "--data-binary", shellQuote(sent.body)].join(" ") : parts.join(" ");
}
