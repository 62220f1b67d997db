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
function asked(given, entry) {
  const lines = (text, sign) => text.split("\n").filter((line) => line.includes(sign)).map((line) => [line.slice(0, line.indexOf(sign)).trim(), line.slice(line.indexOf(sign) + 1).trim()]);
  const told = { method: given.method, path: given.path, headers: Object.fromEntries(lines(given.headers, ":")), instead_of: entry.id };
  const document = given.isJson ? readJson(given.content) : undefined;
  if (given.isForm) return { ...told, params: { ...Object.fromEntries(lines(given.params, "=")), ...(given.inForm ? { data: document } : {}) } };
  return given.isJson ? { ...told, json: document } : { ...told, body: given.content };
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON yet: ${error.message}`);
  }
}

function Trial({ app, entry, close }) {
  const [given, setGiven] = useState(() => editable(entry));
  const [found, setFound] = useState(null);
  const [wrong, setWrong] = useState("");
  const set = (change) => setGiven({ ...given, ...change });
  useEffect(() => {
    let stale = false;
    const look = async () => {
      try {
        const answer = await app.api.post("requests/try", asked(given, entry), { account: entry.account });
        if (!stale) setFound(answer);
        if (!stale) setWrong("");
      } catch (error) {
        if (!stale) setWrong([error.message, error.problem?.remedy].filter(Boolean).join("; "));
      }
    };
    const timer = setTimeout(look, found ? PAUSE : 0);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [given]);
  const text = (name, rows, label) => html`<textarea class="editor" rows=${rows} wrap="off" spellcheck="false" aria-label=${label} value=${given[name]} onInput=${(event) => set({ [name]: event.target.value })}></textarea>`;
  return html`<${Dialog} label="Try this request against the rules" onClose=${close} widest>
    <p class="note">It is answered as if it had come in the place of the request, while you type. Credentials, time and signature are created again; nothing is sent or stored.</p>
    <div class="trial">
      <div class="form">
        <div class="target"><${Field} label="Method"><input aria-label="Method" value=${given.method} onInput=${(event) => set({ method: event.target.value })} /><//><${Field} label="Path"><input aria-label="Path" spellcheck="false" value=${given.path} onInput=${(event) => set({ path: event.target.value })} /><//></div>
        ${given.isForm && !given.inForm ? null : html`<${Field} label=${given.inForm ? "data" : "Body"}>${text("content", 16, given.inForm ? "data" : "Body")}<//>`}
        ${given.isForm ? html`<${Fold} title=${given.inForm ? "Other parameters" : "Parameters"} open=${!given.inForm}>${text("params", 5, "Parameters, a line each")}<//>` : null}
        <${Fold} title="Headers">${text("headers", 4, "Headers, a line each")}<//>
      </div>
      <section class="result" role="status" aria-label="What would answer">
        ${wrong ? html`<div class="why"><p>${wrong}</p></div>` : null}
        ${found ? html`<div class=${wrong ? "stale" : ""}><${Answer} found=${found} /></div>` : null}
      </section>
    </div>
    <div class="row end"><button type="button" onClick=${close}>Close</button></div>
  <//>`;
}

function Answer({ found }) {
  const { scenario, refusal } = found;
  const [nearest, ...others] = found.near_misses;
  return html`
    <p class="row"><${Fate} fate=${found.fate}>${found.fault ? `fault ${found.fault}` : refusal ? `refused ${refusal.error}` : found.outcome || "answered"}<//><span class="note">status ${found.status}${found.delay ? ` after ${duration(found.delay)}` : ""}</span></p>
    ${refusal ? html`<div class="why"><p>${refusal.message}</p></div>` : null}
    <h3>${scenario && !refusal ? "Answered by" : "No scenario answers"}</h3>
    <p>${scenario && !refusal ? html`<strong>${scenario.name}</strong> <code>${scenario.row || scenario.source}</code>${found.step ? html` <span class="note">step ${found.step}</span>` : null}` : refusal ? "The checks refuse the request." : "The built-in behaviour does."}</p>
    ${nearest ? html`<h3>${scenario ? "Closest of the others" : "Closest"}</h3><${Misses} misses=${[{ ...nearest, differences: nearest.differences.slice(0, 1) }]} />` : null}
    ${nearest && (nearest.differences.length > 1 || others.length) ? html`<${Fold} title="All differences"><${Misses} misses=${found.near_misses} /><//>` : null}
    ${found.callbacks.length ? html`<h3>Callbacks</h3><ul class="plain">${found.callbacks.map((one) => html`<li><code>${one.event}</code> after ${duration(one.after) || "0 s"} ${one.url ? html`to <code>${one.url}</code>` : html`<span class="note">not sent: ${one.not_sent}</span>`}</li>`)}</ul>` : null}
    <h3>Its answer</h3>
    ${found.body === "" ? html`<p class="note">No body.</p>` : typeof found.body === "string" ? html`<pre tabindex="0">${found.body}</pre>` : json(found.body)}`;
}
