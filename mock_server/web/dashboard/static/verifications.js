// What the mock remembers, and a reviewer's desk to decide it at.
import { json } from "./json.js";
import { Button, Dotted, Facts, Fate, Field, html, Select, toast, Unshowable, useEffect, useState } from "./ui.js";
import { dayTime, plural, shortTime } from "./text.js";
import { choices, vendor, vendors, words } from "./words.js";

export const verifications = {
  name: "verifications",
  title: "Verifications",
  noun: "verification",
  columns: [["time", "Time"], ["account", "Account"], ["what", "Kind"], ["reference", "Name"], ["outcome", "Status"]],
  cells: (record, app) => [
    html`<time title=${dayTime(record.created)}>${shortTime(record.created, app.time())}</time>`,
    record.account,
    html`${vendor(app, record.provider)} <span class="note">${record.kind}</span>`,
    nameOf(record),
    html`<${Fate} fate=${record.fate}><${Dotted} word=${record.status} /><//>`,
  ],
  same: (record) => record.id,
  filters: (app) => [
    { name: "provider", label: "Vendor", options: vendors(app) },
    { name: "kind", label: "Kind", options: choices(app, "", ({ decisions }) => Object.keys(decisions)) },
    { name: "status", label: "Status" },
  ],
  Empty: ({ app }) => html`<div class="empty"><h2>Nothing verified yet</h2><p>Send a request, or <a href="#/guide">let this page send one</a>.</p></div>`,
  Detail: Verification,
};

/** The caller's own name for it where there is one: names that the mock generates are UUIDs or tokens. */
function nameOf({ key, aliases }) {
  const isGenerated = (name) => /^[0-9a-f-]{16,}$/.test(name);
  return [key, ...aliases].sort((a, b) => Number(isGenerated(a)) - Number(isGenerated(b)))[0];
}

function Verification({ app, id, account }) {
  const [record, setRecord] = useState(null);
  const [gone, setGone] = useState(false);
  const [provider, , ...key] = id.split("/");
  const path = `verifications/${encodeURIComponent(key.join("/"))}`;
  useEffect(() => void app.api.get(path, { account, provider }).then(setRecord, (error) => (error.status === 404 ? setGone(true) : app.failed(error))), [id, app.version]);
  if (gone) return html`<div class="empty"><h2>This verification is gone</h2><p>The account was reset.</p></div>`;
  if (!record) return null;
  return html`
    <header>
      <h2 class="title">${nameOf(record)}</h2>
      <${Fate} fate=${record.fate}>${record.status}<//>
      <p class="note">${vendor(app, record.provider)} ${record.kind} · ${dayTime(record.created)} · account ${record.account}</p>
    </header>
    <${Unshowable} item=${record} />
    ${record.decisions?.length ? html`<${Decide} app=${app} account=${account} record=${record} path=${path} />` : null}
    <section><h3>Names that find it</h3><${Facts} pairs=${[["key", html`<code>${record.key}</code>`], ["also", record.aliases.length ? html`<code>${record.aliases.join(" ")}</code>` : ""]]} /></section>
    <section><h3>What is stored</h3>${json(record.data)}</section>`;
}

function Decide({ app, account, record, path }) {
  const known = words(app, record.provider);
  const [outcome, setOutcome] = useState("");
  const [codes, setCodes] = useState([]);
  const [notes, setNotes] = useState("");
  const chosen = record.decisions.includes(outcome) ? outcome : record.decisions[0];
  const hasCodes = known.fates?.[chosen] === "declined" && Object.keys(known.declines ?? {}).length > 0;
  const decide = async () => {
    const body = { outcome: chosen, provider: record.provider };
    if (hasCodes && codes.length) body.decline = codes;
    if (known.review_notes && notes.trim()) body.review = { notes: notes.trim() };
    const { callbacks = [] } = await app.api.post(`${path}/decide`, body, { account });
    toast(`Decided: ${chosen}.${callbacks.length ? ` ${plural(callbacks.length, "callback")} on the way.` : ""}`);
    setNotes("");
    setCodes([]);
    app.refresh();
  };
  const question = known.fates?.[chosen] === "gone" ? `Decide ${chosen}? This cannot be undone.` : null;
  return html`<section>
    <h3>Decide it as a reviewer would</h3>
    <div class="form">
      <${Field} label="Decision"><${Select} label="Decision" value=${chosen} options=${record.decisions.map((word) => [word, word])} onChange=${setOutcome} /><//>
      ${hasCodes ? html`<${Field} label="Decline codes (none: the usual ones)"><select multiple size="6" aria-label="Decline codes" onChange=${(event) => setCodes([...event.target.selectedOptions].map((option) => option.value))}>${Object.entries(known.declines).map(([code, reason]) => html`<option value=${code} selected=${codes.includes(code)}>${code} · ${reason}</option>`)}</select><//>` : null}
      ${known.review_notes ? html`<${Field} label="Notes"><input aria-label="Notes" value=${notes} onInput=${(event) => setNotes(event.target.value)} /><//>` : null}
      <${Button} class="main" onPress=${decide} confirm=${question}>Decide<//>
    </div>
    <p class="note">What follows, callbacks included, happens as it would at the vendor.</p>
  </section>`;
}
