// A request of the journal, changed, and tried against the rules while it is typed: nothing is sent or stored.
import { json } from "./json.js";
import { Misses } from "./requests.js";
import { Button, Dialog, Fate, Field, Fold, html, useEffect, useState } from "./ui.js";
import { duration } from "./text.js";

const PAUSE = 300;
const TRANSPORT = new Set(["host", "content-length", "connection", "accept-encoding", "accept", "user-agent", "authorization", "transfer-encoding"]);

export function TryIt({ app, entry }) {
  const [open, setOpen] = useState(false);
  if (!entry.provider) return null;
  return html`<${Button} onPress=${async () => setOpen(true)}>Try it changed …<//>
    ${open ? html`<${Trial} app=${app} entry=${entry} close=${() => setOpen(false)} />` : null}`;
}

/** What of the request can be changed, as texts: its JSON (or, where it has none, its body) and its other parameters. */
function editable({ request }) {
  const params = request.params ?? {};
  const isForm = Object.keys(params).length > 0;
  const inForm = isForm && request.json !== undefined;
  const others = Object.entries(params).filter(([name]) => !(inForm && name === "data"));
  return {
    isForm, inForm,
    isJson: request.json !== undefined,
    method: request.method,
    path: `${request.mount}${request.path}${isForm || !request.query ? "" : `?${request.query}`}`,
    content: request.json === undefined ? (isForm ? "" : request.body ?? "") : JSON.stringify(request.json, null, 2),
    params: others.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join("\n"),
    headers: Object.entries(request.headers).filter(([name]) => !TRANSPORT.has(name.toLowerCase())).map(([name, value]) => `${name}: ${value}`).join("\n"),
  };
}

/** The body of requests/try. Throws where the JSON is none. */
function trialRequest(form, entry) {
  const lines = (text, sign) => text.split("\n").filter((line) => line.includes(sign)).map((line) => [line.slice(0, line.indexOf(sign)).trim(), line.slice(line.indexOf(sign) + 1).trim()]);
  const request = { method: form.method, path: form.path, headers: Object.fromEntries(lines(form.headers, ":")), instead_of: entry.id };
  const document = form.isJson ? readJson(form.content) : undefined;
  if (form.isForm) return { ...request, params: { ...Object.fromEntries(lines(form.params, "=")), ...(form.inForm ? { data: document } : {}) } };
  return form.isJson ? { ...request, json: document } : { ...request, body: form.content };
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON yet: ${error.message}`);
  }
}

function Trial({ app, entry, close }) {
  const [form, setForm] = useState(() => editable(entry));
  const [outcome, setOutcome] = useState(null);
  const [wrong, setWrong] = useState("");
  const set = (change) => setForm({ ...form, ...change });
  useEffect(() => {
    let stale = false;
    const look = async () => {
      try {
        const answer = await app.api.post("requests/try", trialRequest(form, entry), { account: entry.account });
        if (!stale) setOutcome(answer);
        if (!stale) setWrong("");
      } catch (error) {
        if (!stale) setWrong([error.message, error.problem?.remedy].filter(Boolean).join("; "));
      }
    };
    const timer = setTimeout(look, outcome ? PAUSE : 0);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [form]);
  const text = (name, rows, label) => html`<textarea class="editor" rows=${rows} wrap="off" spellcheck="false" aria-label=${label} value=${form[name]} onInput=${(event) => set({ [name]: event.target.value })}></textarea>`;
  return html`<${Dialog} label="Try this request against the rules" onClose=${close} widest>
    <p class="note">It is answered as if it had come in the place of the request, while you type. Credentials, time and signature are created again; nothing is sent or stored.</p>
    <div class="trial">
      <div class="form">
        <div class="target"><${Field} label="Method"><input aria-label="Method" value=${form.method} onInput=${(event) => set({ method: event.target.value })} /><//><${Field} label="Path"><input aria-label="Path" spellcheck="false" value=${form.path} onInput=${(event) => set({ path: event.target.value })} /><//></div>
        ${form.isForm && !form.inForm ? null : html`<${Field} label=${form.inForm ? "data" : "Body"}>${text("content", 16, form.inForm ? "data" : "Body")}<//>`}
        ${form.isForm ? html`<${Fold} title=${form.inForm ? "Other parameters" : "Parameters"} open=${!form.inForm}>${text("params", 5, "Parameters, a line each")}<//>` : null}
        <${Fold} title="Headers">${text("headers", 4, "Headers, a line each")}<//>
      </div>
      <section class="result" role="status" aria-label="What would answer">
        ${wrong ? html`<div class="why"><p>${wrong}</p></div>` : null}
        ${outcome ? html`<div class=${wrong ? "stale" : ""}><${Answer} outcome=${outcome} /></div>` : null}
      </section>
    </div>
    <div class="row end"><button type="button" onClick=${close}>Close</button></div>
  <//>`;
}

function Answer({ outcome }) {
  const { scenario, refusal } = outcome;
  const [nearest, ...others] = outcome.near_misses;
  return html`
    <p class="row"><${Fate} fate=${outcome.fate}>${outcome.fault ? `fault ${outcome.fault}` : refusal ? `refused ${refusal.error}` : outcome.outcome || "answered"}<//><span class="note">status ${outcome.status}${outcome.delay ? ` after ${duration(outcome.delay)}` : ""}</span></p>
    ${refusal ? html`<div class="why"><p>${refusal.message}</p></div>` : null}
    <h3>${scenario && !refusal ? "Answered by" : "No scenario answers"}</h3>
    <p>${scenario && !refusal ? html`<strong>${scenario.name}</strong> <code>${scenario.row || scenario.source}</code>${outcome.step ? html` <span class="note">step ${outcome.step}</span>` : null}` : refusal ? "The checks refuse the request." : "The built-in behaviour does."}</p>
    ${nearest ? html`<h3>${scenario ? "Closest of the others" : "Closest"}</h3><${Misses} misses=${[{ ...nearest, differences: nearest.differences.slice(0, 1) }]} />` : null}
    ${nearest && (nearest.differences.length > 1 || others.length) ? html`<${Fold} title="All differences"><${Misses} misses=${outcome.near_misses} /><//>` : null}
    ${outcome.callbacks.length ? html`<h3>Callbacks</h3><ul class="plain">${outcome.callbacks.map((one) => html`<li><code>${one.event}</code> after ${duration(one.after) || "0 s"} ${one.url ? html`to <code>${one.url}</code>` : html`<span class="note">not sent: ${one.not_sent}</span>`}</li>`)}</ul>` : null}
    <h3>Its answer</h3>
    ${outcome.body === "" ? html`<p class="note">No body.</p>` : typeof outcome.body === "string" ? html`<pre tabindex="0">${outcome.body}</pre>` : json(outcome.body)}`;
}
