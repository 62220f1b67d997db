// The journal: requests as they arrive and, next to the list, all about one of them.
import { origin } from "./api.js";
import { Compare } from "./compare.js";
import { Attempts, DeliveryLine } from "./callbacks.js";
import { EmptyJournal } from "./guide.js";
import { json } from "./json.js";
import { FromRequest } from "./make.js";
import { TryIt } from "./trial.js";
import { Button, Code, Content, Copy, Facts, Fate, Fold, html, Long, Menu, Named, Raw, Ticked, toast, Unshowable, useEffect, useState } from "./ui.js";
import { asked, dayTime, duration, parsed, shellQuote, shortTime } from "./text.js";
import { choices, vendor, vendors } from "./words.js";

export const requests = {
  name: "requests",
  title: "Requests",
  noun: "request",
  columns: [["time", "Time"], ["account", "Account"], ["what", "Operation"], ["reference", "Reference"], ["status", "Status"], ["outcome", "Outcome"], ["took", "Took"], ["scenario", "Answered by"]],
  cells: (entry, app) => [
    html`<time title=${dayTime(entry.at)}>${shortTime(entry.at, app.time())}</time>`,
    entry.account,
    html`<span class=${entry.operation ? "path long" : "path"}>${asked(entry)} </span><span class="note">${entry.operation}</span>`,
    entry.reference,
    entry.status,
    html`<${Fate} fate=${entry.fate}>${short(entry)}<//>`,
    duration(entry.took + entry.delay),
    entry.scenario || (entry.answers === "refusal" ? "" : html`<span class="note">built-in</span>`),
  ],
  same: (entry) => [entry.account, entry.method, entry.path, entry.status, entry.outcome, entry.error, entry.fault, entry.scenario, entry.reference].join("\n"),
  quick: [["All", {}], ["Refused", { answers: "refusal" }], ["No scenario", { answers: "built-in" }]],
  filters: (app) => [
    { name: "provider", label: "Vendor", options: vendors(app) },
    { name: "operation", label: "Operation", options: choices(app, "", ({ operations }) => Object.keys(operations)) },
    { name: "status", label: "Status", options: choices(app, "", ({ statuses }) => statuses) },
    { name: "outcome", label: "Outcome", options: choices(app, "", ({ operations }) => Object.values(operations).flatMap(({ outcomes }) => Object.keys(outcomes))) },
    { name: "error", label: "Error", options: choices(app, "", ({ errors }) => Object.keys(errors)) },
    { name: "scenario", label: "Scenario" },
    { name: "reference", label: "Reference" },
  ],
  actions: (app) => (app.all ? null : html`<${Clearing} app=${app} />`),
  Empty: EmptyJournal,
  Detail: Request,
};

/** The word for how a request ended. */
export function outcome(entry) {
  if (entry.fault) return `fault ${entry.fault}`;
  if (entry.fate === "refused") return `refused ${entry.error}`;
  if (entry.error) return `error ${entry.error}`;
  return entry.outcome || "answered";
}

/** The same where there is little room: the mark says that it was refused. */
function short(entry) {
  if (entry.fate !== "refused") return outcome(entry);
  return html`<span class=${entry.error.length > 4 ? "offscreen" : "long"}>refused </span>${entry.error}`;
}

function Clearing({ app }) {
  const clear = async () => {
    await app.api.delete("requests");
    location.hash = "#/requests";
    app.refresh();
  };
  const reset = async () => {
    await app.api.post("reset");
    toast(`The account ${app.account} is as new. Scenario files stay.`);
    location.hash = "#/requests";
    app.refresh();
  };
  return html`<${Menu} label="Clean up">
    <${Button} onPress=${clear} confirm=${`Empty the journal of the account ${app.account}? Verifications and callbacks stay. This cannot be undone.`}>Empty the journal<//>
    <${Button} onPress=${reset} confirm=${`Forget everything that the account ${app.account} has done and what was set for it? Scenario files stay. This cannot be undone.`}>Reset the account<//>
  <//>`;
}

function Request({ app, id, account }) {
  const [shown, setShown] = useState(null);
  const [gone, setGone] = useState(false);
  const [sent, setSent] = useState([]);
  useEffect(() => {
    const of = { account };
    Promise.all([app.api.get(`requests/${id}`, of), app.api.get(`requests/${id}/explain`, of)]).then(
      ([entry, why]) => setShown({ entry, why }),
      (error) => (error.status === 404 ? setGone(true) : app.failed(error)),
    );
  }, [id]);
  useEffect(() => void app.api.get("callbacks", { account, request: id }).then(({ callbacks }) => setSent(callbacks), app.failed), [id, app.version]);
  if (gone) return html`<div class="empty"><h2>This request has left the journal</h2><p>It was cleared, or newer ones took its place.</p></div>`;
  if (!shown) return null;
  const { entry, why } = shown;
  return html`
    <header>
      <h2 class="title path">${asked(entry)}</h2>
      <${Fate} fate=${entry.fate}>${outcome(entry)}<//>
      <p class="note">${vendor(app, entry.provider)} ${entry.operation} · ${dayTime(entry.at)} · status ${entry.status} · ${duration(entry.took)}${entry.delay ? ` and ${duration(entry.delay)} of delay` : ""}</p>
      <p class="note">Account ${entry.account} · ${entry.id}${entry.reference ? ` · ${entry.reference}` : ""}</p>
      <div class="row"><${FromRequest} app=${app} entry=${entry} /><${TryIt} app=${app} entry=${entry} /><${Copies} app=${app} entry=${entry} account=${account} /></div>
    </header>
    <${Unshowable} item=${entry} />
    <${Signature} entry=${entry} why=${why} />
    <${AnsweredBy} app=${app} entry=${entry} why=${why} />
    ${sent.length ? html`<section><h3>Callbacks it caused</h3>${sent.map((delivery) => html`<${DeliveryLine} app=${app} delivery=${delivery} /><${Attempts} app=${app} delivery=${delivery} />`)}</section>` : null}
    <${Sent} entry=${entry} />
    <section>
      <h3>Answer ${entry.status}${entry.delay ? ` after ${duration(entry.delay)}` : ""}</h3>
      <${Content} message=${entry.response} />
      ${entry.response.json === undefined ? null : html`<${Fold} title="Bytes as sent"><${Raw} message=${entry.response} /><//>`}
      <${Fold} title="Headers"><${Named} values=${entry.response.headers} /><//>
    </section>`;
}

function Copies({ app, entry, account }) {
  const text = (form) => async () => (await app.api.get(`requests/${entry.id}/copy`, { account, form })).text;
  return html`<${Menu} label="Copy as …">
    ${(entry.copies ?? []).map(({ form, title }) => html`<${Copy} key=${form} label=${title} text=${text(form)} />`)}
    <${Copy} label="curl with the same bytes" text=${curl(entry.request)} />
  <//>`;
}

/** What the signature doctor says. */
export function Signature({ entry, why, title = "Why it was refused" }) {
  const refused = entry.fate === "refused";
  if (!refused && !why.canonical) return null;
  const said = [...(why.mistakes ?? []), ...(why.warnings ?? [])];
  const reason = why.reason.replace(/^.*? refused with [^:]+: /, "");
  return html`<section>
    <h3>${refused ? title : why.valid ? "Signature: right" : "Signature"}</h3>
    ${said.map(({ id, explanation, fix }) => html`<div class="why"><p><strong>Cause:</strong> <${Ticked} text=${explanation} /> <code>[${id}]</code></p></div>${fix ? html`<div class="fix"><p><strong>Fix:</strong> <${Ticked} text=${fix} /></p></div>` : null}`)}
    ${!said.length && refused ? html`<div class="why"><p>${reason || "The request broke a rule of the vendor's; its answer below says which."}</p></div>` : null}
    ${why.canonical ? html`<${Canonical} why=${why} />` : null}
  </section>`;
}

function Canonical({ why }) {
  const digests = html`<${Facts} pairs=${[["expected", why.expected && html`<code>${why.expected}</code>`], ["received", why.received && html`<code>${why.received}</code>`]]} />`;
  const theirs = (why.mistakes ?? []).find((mistake) => mistake.signed)?.signed;
  if (theirs) {
    return html`<${Compare} expected=${{ title: "What has to be signed", text: why.canonical }} received=${{ title: "What this client signed", text: theirs }} />${digests}`;
  }
  const body = html`<h4>The canonical string, as the server built it</h4>${wire(why.canonical)}${digests}`;
  return why.valid ? html`<${Fold} title="What was signed">${body}<//>` : body;
}

/** Path, names, values and separators of a canonical string, distinguished. */
function wire(text) {
  const path = text.match(/^(\/[^=;{]*?\/?)(?=[A-Za-z]+=)/)?.[1] ?? "";
  const pieces = text.slice(path.length).split(/(^|;)([A-Za-z][A-Za-z0-9_]*)(=)/);
  const nodes = pieces.map((piece, index) => (index % 4 === 0 ? piece : html`<span class=${index % 4 === 2 ? "name" : "sign"}>${piece}</span>`));
  return html`<pre class="wire" tabindex="0">${path ? html`<span class="route">${path}</span>` : null}${nodes}</pre>`;
}

function AnsweredBy({ app, entry, why }) {
  const misses = why.near_misses ?? [];
  const pin = async () => {
    await app.api.put("scenarios/pinned", { name: entry.scenario }, { account: entry.account });
    app.refresh();
  };
  const who = entry.scenario
    ? html`<div class="row"><a href=${`#/scenarios/${encodeURIComponent(`${entry.provider}/${entry.scenario}`)}`}><strong>${entry.scenario}</strong></a><code>${entry.source}</code>${entry.step ? html`<span class="note">step ${entry.step}</span>` : null}<${Button} onPress=${pin}>Pin it<//></div>`
    : html`<p>${entry.evidence?.check === "magic value" ? "The built-in behaviour: a magic value asked for this error." : entry.error ? unanswered(why.scenario) : "The built-in behaviour: no scenario matched."}</p>`;
  return html`<section><h3>Answered by</h3>${who}${misses.length ? html`<${Fold} title=${`Closest scenarios that did not match (${misses.length})`}><${Misses} misses=${misses} /><//>` : null}</section>`;
}

/** Why no scenario answered a request that was refused. */
function unanswered(scenario) {
  if (!scenario) return "Nothing: the request was refused.";
  const once = { all: "answers before the checks now.", credentials: "answers once the credentials are right.", valid: "answers only once the request is valid." };
  return ["Nothing: the checks refused it. The scenario ", html`<strong>${scenario.name}</strong>`, " ", once[scenario.answers]];
}

export function Misses({ misses }) {
  const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  return misses.map(
    (miss) => html`<div class="miss"><p><strong>${miss.name}</strong> <code class="note">${miss.source}</code></p>
      <${Facts} pairs=${miss.differences.map((difference) => [html`<code>${difference.path}</code>`, html`<${Long} text=${shown(difference.expected)} /><span class="note"> · ${difference.reason}</span>`])} /></div>`,
  );
}

function Sent({ entry }) {
  const sent = entry.request;
  const parameters = Object.entries(sent.params ?? {});
  return html`<section>
    <h3>Request</h3>
    ${parameters.length ? parameters.map(([name, value]) => html`<${Parameter} name=${name} value=${value} />`) : html`<${Content} message=${sent} />`}
    ${parameters.length ? html`<${Fold} title="Body as sent"><${Raw} message=${sent} /><//>` : null}
    <${Fold} title="Headers"><${Named} values=${sent.headers} /><//>
  </section>`;
}

function Parameter({ name, value }) {
  const text = Array.isArray(value) ? value.join("\n") : typeof value === "string" ? value : JSON.stringify(value);
  const document = parsed(text);
  if (document === undefined && text.length < 80 && !text.includes("\n")) return html`<p class="parameter"><code>${name} = ${text || "(empty)"}</code></p>`;
  return html`<div><h4><code>${name}</code></h4>${document === undefined ? html`<${Code} text=${text} />` : json(document)}</div>`;
}

function curl(sent) {
  const omitted = new Set(["host", "content-length", "connection", "accept-encoding", "user-agent", "accept"]);
  const headers = Object.entries(sent.headers).filter(([name]) => !omitted.has(name.toLowerCase()));
  const target = `${origin}${sent.mount}${sent.path}${sent.query ? `?${sent.query}` : ""}`;
  const parts = ["curl", "-X", sent.method, shellQuote(target), ...headers.flatMap(([name, value]) => ["-H", shellQuote(`${name}: ${value}`)])];
  return sent.body ? [...parts, "--data-binary", shellQuote(sent.body)].join(" ") : parts.join(" ");
}
