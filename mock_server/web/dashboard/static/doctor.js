// The signature doctor: what is wrong with a request, a callback or a signed text that was never sent here.
import { Compare, CompareHeaders } from "./compare.js";
import { Signature } from "./requests.js";
import { Button, Field, Fate, html, Select, useState } from "./ui.js";

const EXAMPLE = "POST /path/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\nkey=…&nonce=…&timestamp=…&signature=…";
const BOUNDARY = "----pasted";

export function Doctor({ app }) {
  const [form, setForm] = useState({ text: "", provider: "", secret: "", signature: "" });
  const [report, setReport] = useState(null);
  const set = (name) => (value) => setForm({ ...form, [name]: value.target?.value ?? value });
  const check = async () => {
    const message = read(form.text);
    const provider = form.provider || owner(app, message.path);
    setReport(null);
    const answer = await app.api.post("signature/explain", { provider, secret: form.secret, ...explanationRequest(app, provider, message, form.signature) });
    setReport({ ...answer, message });
  };
  const keys = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && document.getElementById("check").click();
  return html`<div class="view page">
    <div class="head"><h1>Signature doctor</h1></div>
    <p class="lead">Paste a raw HTTP request, a curl command, a callback as your receiver got it (its headers, an empty line, its body), or only the text that you have signed. Nothing is sent or stored.</p>
    <section class="panel pad">
      <textarea class="editor" rows="10" spellcheck="false" aria-label="Request, curl command, callback or signed text" placeholder=${EXAMPLE} value=${form.text} onInput=${set("text")} onKeyDown=${keys}></textarea>
      <div class="fields">
        <${Field} label="Vendor"><${Select} label="Vendor" value=${form.provider} options=${[["", "By its path"], ...app.providers.map(({ name, title }) => [name, title])]} onChange=${set("provider")} /><//>
        <${Field} label="Secret (empty: the account's)"><input aria-label="Secret (empty: the account's)" autocomplete="off" value=${form.secret} onInput=${set("secret")} /><//>
        <${Field} label="Signature (of a text alone)"><input aria-label="Signature (of a text alone)" autocomplete="off" spellcheck="false" value=${form.signature} onInput=${set("signature")} /><//>
      </div>
      <div class="row"><${Button} class="main" id="check" onPress=${check} title="Ctrl and Enter">Check the signature<//></div>
    </section>
    ${report ? html`<${Report} report=${report} />` : null}
  </div>`;
}

function Report({ report }) {
  const { message, sent, valid } = report;
  const changed = sent && sent.body !== message.body;
  return html`<article class="panel detail" aria-live="polite">
    <header><h2 class="title">${valid ? "The signature is right" : "The signature is wrong"}</h2><${Fate} fate=${valid ? "passed" : "refused"}>${valid ? "valid" : "invalid"}<//></header>
    <${Signature} title="What is wrong" entry=${{ fate: valid ? "passed" : "refused" }} why=${{ reason: "", ...report }} />
    ${sent ? html`<section>
      <h3>${changed ? "The body was changed on its way" : "The body is as it was sent"}</h3>
      <p class="note">Compared with the callback <a href=${`#/callbacks/${sent.callback}`}>${sent.callback}</a>, which says the same or carries this signature.</p>
      ${changed ? html`<${Compare} expected=${{ title: "Body as sent", text: sent.body }} received=${{ title: "Body as received", text: message.body }} />` : null}
      <h3>Headers</h3><${CompareHeaders} sent=${sent.headers} received=${message.headers} />
    </section>` : null}
  </article>`;
}

/** The vendor that serves the path; the callbacks of all have none. */
function owner(app, path) {
  const matches = (row) => new RegExp(`^${row.path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]*\}/g, "[^/]+")}$`).test(path);
  const below = app.providers.find(({ mount }) => path.startsWith(`${mount}/`));
  const begins = (row) => row.path.length > 1 && path.startsWith(row.path.replace(/\/$/, ""));
  const vendor = below ?? [matches, begins].map((look) => app.providers.find(({ endpoints }) => path && endpoints.some(look))).find(Boolean);
  if (!vendor) throw new Error("Choose the vendor: the path does not tell it.");
  return vendor.name;
}

/** What signature/explain takes. */
function explanationRequest(app, vendor, { method, path, query, headers, body, alone }, signature) {
  if (alone !== undefined) return { text: alone, signature };
  const { mount } = app.providers.find(({ name }) => name === vendor);
  const below = path.startsWith(`${mount}/`) ? path.slice(mount.length) : path;
  const isForm = /urlencoded/i.test(headers["content-type"] ?? "") || (!body && query);
  if (!path || !isForm) return { method, path: below, headers, body };
  const params = {};
  for (const [name, value] of new URLSearchParams([query, body].filter(Boolean).join("&"))) {
    params[name] = name in params ? [params[name], value].flat() : value;
  }
  return { method, path: below, headers, params };
}

/** {method, path, query, headers, body} of what was pasted; of a signed text {alone, path, headers, body}. */
export function read(text) {
  const pasted = text.replaceAll("\r\n", "\n").trimStart();
  if (!pasted.trim()) throw new Error("Paste a request, a curl command, a callback or a signed text first.");
  if (/^\$?\s*curl\s/.test(pasted)) return curl(words(pasted.replaceAll("\\\n", " ")).slice(pasted.startsWith("$ ") ? 2 : 1));
  const [line, ...rest] = pasted.split("\n");
  const start = line.match(/^([A-Z]+)\s+(\S+)(\s+HTTP\/[\d.]+)?\s*$/);
  if (isAlone(line, start)) return { alone: text.replace(/\n$/, ""), path: pathOf(pasted), headers: {}, body: "" };
  const lines = start ? rest : [line, ...rest];
  const end = lines.findIndex((each) => !each.trim());
  const named = lines.slice(0, end < 0 ? lines.length : end).map((each) => each.match(/^([\w-]+):\s*(.*)$/));
  const headers = Object.fromEntries(named.filter(Boolean).map(([, name, value]) => [name.toLowerCase(), value.trim()]));
  const body = end < 0 ? "" : lines.slice(end + 1).join("\n");
  const isParts = /^multipart\//i.test(headers["content-type"] ?? "");
  return { method: start?.[1] ?? "POST", ...target(start?.[2] ?? ""), headers, body: isParts ? body.replaceAll("\n", "\r\n") : body };
}

/** Whether it is neither a request nor a message with headers, but a text that is signed. */
function isAlone(line, start) {
  return start ? /[={]/.test(start[2].split("?")[0]) : !/^[\w-]+:(\s|$)/.test(line);
}

/** The path that a signed text begins with, and perhaps the first name. */
const pathOf = (text) => text.match(/^(?:[A-Z]+\s*)?(?:https?:\/\/[^/\s]*)?(\/[^=;{?\s]*)/)?.[1] ?? "";

function target(address) {
  const [path, query = ""] = address.replace(/^\w+:\/\/[^/?]*/, "").split("?");
  return { path: address ? path || "/" : "", query };
}

/** The words of a shell command; quotes and backslashes as in sh. */
function words(text) {
  const quotedWords = text.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs) ?? [];
  return quotedWords.map((word) => word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, one) => single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? one));
}

function curl(options) {
  const headers = {};
  const parts = [];
  const fields = [];
  let [method, address] = ["", ""];
  for (let at = 0; at < options.length; at += 1) {
    const next = () => options[(at += 1)] ?? "";
    const option = options[at];
    if (["-X", "--request"].includes(option)) method = next();
    else if (["-H", "--header"].includes(option)) {
      const [name, ...value] = next().split(":");
      headers[name.trim().toLowerCase()] = value.join(":").trim();
    } else if (["-d", "--data", "--data-raw", "--data-binary", "--data-ascii"].includes(option)) parts.push(next());
    else if (option === "--data-urlencode") {
      const [name, ...value] = next().split("=");
      parts.push(value.length ? `${name}=${encodeURIComponent(value.join("="))}` : encodeURIComponent(name));
    } else if (["-F", "--form", "--form-string"].includes(option)) fields.push(next());
    else if (["-u", "--user"].includes(option)) headers.authorization = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(next())))}`;
    else if (/^-[omAbceExKwD]$/.test(option)) next();
    else if (!option.startsWith("-")) address = option;
  }
  if (fields.length) return { method: method || "POST", ...target(address), headers: { ...headers, "content-type": `multipart/form-data; boundary=${BOUNDARY}` }, body: multipart(fields) };
  if (parts.length) headers["content-type"] ??= "application/x-www-form-urlencoded";
  return { method: method || (parts.length ? "POST" : "GET"), ...target(address), headers, body: parts.join("&") };
}

/** The body of curl's -F options. What is in a file stays unknown, and is not signed. */
function multipart(fields) {
  const sections = fields.map((field) => {
    const [name, ...rest] = field.split("=");
    const value = rest.join("=");
    const file = value.match(/^[@<]([^;]*)/)?.[1];
    const disposition = `Content-Disposition: form-data; name="${name}"`;
    return file === undefined ? `${disposition}\r\n\r\n${value}` : `${disposition}; filename="${file.split("/").at(-1)}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  });
  return `${sections.map((section) => `--${BOUNDARY}\r\n${section}\r\n`).join("")}--${BOUNDARY}--\r\n`;
}
