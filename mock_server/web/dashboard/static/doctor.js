// The signature doctor: what is wrong with a request or a callback that was never sent here.
import { Signature } from "./requests.js";
import { Button, Field, Fate, html, Select, useState } from "./ui.js";

const EXAMPLE = "POST /path/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\nkey=…&nonce=…&timestamp=…&signature=…";

export function Doctor({ app }) {
  const [text, setText] = useState("");
  const [provider, setProvider] = useState("");
  const [secret, setSecret] = useState("");
  const [found, setFound] = useState(null);
  const check = async () => {
    const message = read(text);
    const vendor = provider || owner(app, message.path);
    setFound(null);
    setFound(await app.api.post("signature/explain", { provider: vendor, secret, ...asked(app, vendor, message) }));
  };
  return html`<div class="view page">
    <div class="head"><h1>Signature doctor</h1></div>
    <p class="lead">Paste a raw HTTP request, a curl command, or a callback as your receiver got it: its headers, an empty line, its body. Nothing of it is sent or kept.</p>
    <section class="panel pad">
      <textarea class="editor" rows="10" spellcheck="false" aria-label="Request, curl command or callback" placeholder=${EXAMPLE} value=${text} onInput=${(event) => setText(event.target.value)}></textarea>
      <div class="row">
        <${Field} label="Vendor"><${Select} label="Vendor" value=${provider} options=${[["", "By its path"], ...app.providers.map(({ name, title }) => [name, title])]} onChange=${setProvider} /><//>
        <${Field} label="Secret (empty: the account's)"><input aria-label="Secret (empty: the account's)" autocomplete="off" value=${secret} onInput=${(event) => setSecret(event.target.value)} /><//>
      </div>
      <div class="row"><${Button} class="main" onPress=${check}>Check the signature<//></div>
    </section>
    ${found ? html`<article class="panel detail"><header><h2 class="title">${found.valid ? "The signature is right" : "The signature is wrong"}</h2><${Fate} fate=${found.valid ? "passed" : "refused"}>${found.valid ? "valid" : "invalid"}<//></header><${Signature} entry=${{ fate: found.valid ? "passed" : "refused" }} why=${{ reason: "", ...found }} /></article>` : null}
  </div>`;
}

/** The vendor that serves the path; the callbacks of all have none. */
function owner(app, path) {
  const matches = (row) => new RegExp(`^${row.path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]*\}/g, "[^/]+")}$`).test(path);
  const below = app.providers.find(({ mount }) => path.startsWith(`${mount}/`));
  const vendor = below ?? app.providers.find(({ endpoints }) => path && endpoints.some(matches));
  if (!vendor) throw new Error("Choose the vendor: the path does not tell it.");
  return vendor.name;
}

/** What signature/explain takes. */
function asked(app, vendor, { method, path, query, headers, body }) {
  const { mount } = app.providers.find(({ name }) => name === vendor);
  const below = path.startsWith(`${mount}/`) ? path.slice(mount.length) : path;
  const form = /urlencoded/i.test(headers["content-type"] ?? "") || (!body && query);
  if (!path || !form) return { method, path: below, headers, body };
  const params = {};
  for (const [name, value] of new URLSearchParams([query, body].filter(Boolean).join("&"))) {
    params[name] = name in params ? [params[name], value].flat() : value;
  }
  return { method, path: below, headers, params };
}

/** {method, path, query, headers, body} of what was pasted. */
export function read(text) {
  const pasted = text.replaceAll("\r\n", "\n").trimStart();
  if (!pasted.trim()) throw new Error("Paste a request, a curl command or a callback first.");
  if (/^\$?\s*curl\s/.test(pasted)) return curl(words(pasted.replaceAll("\\\n", " ")).slice(pasted.startsWith("$ ") ? 2 : 1));
  const [line, ...rest] = pasted.split("\n");
  const start = line.match(/^([A-Z]+)\s+(\S+)(\s+HTTP\/[\d.]+)?\s*$/);
  const lines = start ? rest : [line, ...rest];
  const end = lines.findIndex((each) => !each.trim());
  const named = lines.slice(0, end < 0 ? lines.length : end).map((each) => each.match(/^([\w-]+):\s*(.*)$/));
  const headers = Object.fromEntries(named.filter(Boolean).map(([, name, value]) => [name.toLowerCase(), value.trim()]));
  return { method: start?.[1] ?? "POST", ...target(start?.[2] ?? ""), headers, body: end < 0 ? "" : lines.slice(end + 1).join("\n") };
}

function target(address) {
  const [path, query = ""] = address.replace(/^\w+:\/\/[^/?]*/, "").split("?");
  return { path: address ? path || "/" : "", query };
}

/** The words of a shell command; quotes and backslashes as in sh. */
function words(text) {
  const found = text.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs) ?? [];
  return found.map((word) => word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, one) => single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? one));
}

function curl(options) {
  const headers = {};
  const parts = [];
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
    } else if (["-u", "--user"].includes(option)) headers.authorization = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(next())))}`;
    else if (/^-[omAbceExKwD]$/.test(option)) next();
    else if (!option.startsWith("-")) address = option;
  }
  if (parts.length) headers["content-type"] ??= "application/x-www-form-urlencoded";
  return { method: method || (parts.length ? "POST" : "GET"), ...target(address), headers, body: parts.join("&") };
}
