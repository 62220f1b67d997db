// Signs each job of a JSON file with Node's own means, as the job says, and prints signature and form.
import { File } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const sorted = (value) => (value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value);
const TEXTS = {
  "JSON.stringify": (text) => JSON.stringify(JSON.parse(text)),
  "JSON.stringify indented": (text) => JSON.stringify(JSON.parse(text), null, 2),
  "JSON.stringify tab": (text) => JSON.stringify(JSON.parse(text), null, "\t"),
  "JSON.stringify sorted": (text) => JSON.stringify(sorted(JSON.parse(text))),
  "JSON.stringify listed": (text) => JSON.stringify(JSON.parse(text), Object.keys(JSON.parse(text)).sort()),
  "JSON.stringify twice": (text) => JSON.stringify(text),
  String: (text) => String(JSON.parse(text)),
  encodeURIComponent: (text) => encodeURIComponent(text),
  trim: (text) => text.trim(),
  EOL: (text) => `${text}\r\n`,
  normalize: (text) => text.normalize("NFD"),
  escapeHtml: (text) => text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]),
  URLSearchParams: (text) => new URLSearchParams(JSON.parse(text)).toString(),
  "empty body": () => "{}",
  undefined: () => String(undefined),
  btoa: (text) => Buffer.from(text).toString("base64"),
};
const CHARSETS = { "utf-8": "utf8", "latin-1": "latin1", "utf-16": "utf16le" };
const sha256 = (value) => createHash("sha256").update(value);
const KEYS = { "as-is": (secret) => secret, sha256: (secret) => sha256(secret).digest("hex"), base64: (secret) => Buffer.from(secret, "base64"), hex: (secret) => Buffer.from(secret).toString("hex") };
const MACS = {
  hmac: (text, key) => createHmac("sha256", key).update(text),
  "hmac-sha1": (text, key) => createHmac("sha1", key).update(text),
  "hmac-sha512": (text, key) => createHmac("sha512", key).update(text),
  append: (text, key) => sha256(Buffer.concat([text, Buffer.from(key)])),
  prepend: (text, key) => sha256(Buffer.concat([Buffer.from(key), text])),
  bare: (text) => sha256(text),
  swapped: (text, key) => createHmac("sha256", text).update(key),
};
const DIGESTS = {
  hex: (mac) => mac.digest("hex"),
  upper: (mac) => mac.digest("hex").toUpperCase(),
  base64: (mac) => mac.digest("base64"),
  base64url: (mac) => mac.digest("base64url"),
  inspect: (mac) => `<Buffer ${[...mac.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}>`,
  numbers: (mac) => new Uint8Array(mac.digest()).toString(),
  unpadded: (mac) => [...mac.digest()].map((byte) => byte.toString(16)).join(""),
  promise: () => String(Promise.resolve("")),
};
const FILES = {
  name: (upload) => upload.filename,
  String: (upload) => String(new File([Buffer.from(upload.base64, "base64")], upload.filename)),
  content: (upload) => Buffer.from(upload.base64, "base64").toString(),
};
for (const job of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  let text = job.texts.reduce((value, op) => TEXTS[op](value), job.text);
  const { form } = job;
  if (form) {
    let fields = form.fields.map(([name, value]) => [name, name === "data" ? text : value]);
    if (form.file) fields.push(["file", FILES[form.file](job.upload)]);
    if (form.values === "encoded") fields = fields.map(([name, value]) => [name, encodeURIComponent(value)]);
    if (form.sorted) fields.sort(([a], [b]) => (a < b ? -1 : 1));
    text = form.path + form.lead + fields.map(([name, value]) => name + form.equals + value).join(form.between) + form.last;
  }
  const signature = DIGESTS[job.digest](MACS[job.mac](Buffer.from(text, CHARSETS[job.charset]), KEYS[job.key](job.secret)));
  const wire = form ? new URLSearchParams([...form.fields, ["signature", signature]]).toString() : "";
  console.log(JSON.stringify({ id: job.id, signature, wire }));
}
