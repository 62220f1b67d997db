// node send.mjs CLIENT ADDRESS CASES: send each case with fetch, undici, axios, got, node-fetch, request or superagent.
import { readFileSync } from "node:fs";
import http from "node:http";

const [client, address, file] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(file, "utf8"));

const query = (one) => new URLSearchParams(one.fields);
const basic = (one) => "Basic " + Buffer.from(`${one.user}:${one.password}`).toString("base64");
const content = (one) => Buffer.from(one.file.base64, "base64");

/** The upload as the platform's own FormData. */
function formData(one, FormDataClass = FormData, BlobClass = Blob) {
  const form = new FormDataClass();
  for (const [name, value] of one.fields) form.append(name, value);
  if (one.file) form.append(one.file.name, new BlobClass([content(one)], { type: one.file.type }), one.file.filename);
  return form;
}

/** The upload as the form-data package writes it. */
async function oldFormData(one) {
  const { default: FormDataPackage } = await import("form-data");
  const form = new FormDataPackage();
  for (const [name, value] of one.fields) form.append(name, value);
  if (one.file) form.append(one.file.name, content(one), { filename: one.file.filename, contentType: one.file.type });
  return form;
}

async function likeFetch(fetch, one, FormDataClass, BlobClass) {
  const url = address + one.path;
  if (one.case === "get") return fetch(`${url}?${query(one)}`);
  if (one.json) {
    const authorization = one.bearer ? `Bearer ${one.bearer}` : basic(one);
    const headers = { "Content-Type": "application/json", Authorization: authorization };
    return fetch(url, { method: "POST", headers, body: JSON.stringify(one.json) });
  }
  return fetch(url, { method: "POST", body: one.file ? formData(one, FormDataClass, BlobClass) : query(one) });
}

const clients = {
  fetch: (one) => likeFetch(fetch, one),

  async "node-fetch"(one) {
    const { default: nodeFetch, FormData: FormDataClass, Blob: BlobClass } = await import("node-fetch");
    return likeFetch(nodeFetch, one, FormDataClass, BlobClass);
  },

  async undici(one) {
    const { request, FormData: FormDataClass } = await import("undici");
    const url = address + one.path;
    if (one.case === "get") return (await request(url, { query: Object.fromEntries(one.fields) })).body.text();
    if (one.json) {
      const headers = { "content-type": "application/json", authorization: basic(one) };
      return (await request(url, { method: "POST", headers, body: JSON.stringify(one.json) })).body.text();
    }
    if (one.file) return (await request(url, { method: "POST", body: formData(one, FormDataClass) })).body.text();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return (await request(url, { method: "POST", headers, body: query(one).toString() })).body.text();
  },

  async axios(one) {
    const { default: axios } = await import("axios");
    const url = address + one.path;
    if (one.case === "get") return axios.get(url, { params: Object.fromEntries(one.fields) });
    if (one.bearer) return axios.post(url, one.json, { headers: { Authorization: `Bearer ${one.bearer}` } });
    if (one.json) return axios.post(url, one.json, { auth: { username: one.user, password: one.password } });
    if (one.case === "shufti-multipart") return axios.post(url, await oldFormData(one), { auth: { username: one.user, password: one.password } });
    return axios.post(url, one.file ? formData(one) : query(one));
  },

  async got(one) {
    const { default: got } = await import("got");
    const url = address + one.path;
    if (one.case === "get") return got(url, { searchParams: Object.fromEntries(one.fields) });
    if (one.json) return got.post(url, { json: one.json, username: one.user, password: one.password });
    return one.file ? got.post(url, { body: formData(one) }) : got.post(url, { form: Object.fromEntries(one.fields) });
  },

  async superagent(one) {
    const { default: superagent } = await import("superagent");
    const url = address + one.path;
    if (one.case === "get") return superagent.get(url).query(Object.fromEntries(one.fields));
    if (one.json) return superagent.post(url).auth(one.user, one.password).send(one.json);
    if (!one.file) return superagent.post(url).type("form").send(Object.fromEntries(one.fields));
    const upload = superagent.post(url);
    for (const [name, value] of one.fields) upload.field(name, value);
    return upload.attach(one.file.name, content(one), { filename: one.file.filename, contentType: one.file.type });
  },

  async request(one) {
    const { default: request } = await import("request");
    const fields = Object.fromEntries(one.fields ?? []);
    const options = { url: address + one.path, method: one.method };
    if (one.case === "get") options.qs = fields;
    else if (one.json) Object.assign(options, { json: one.json, auth: { user: one.user, pass: one.password } });
    else if (one.file) {
      const about = { filename: one.file.filename, contentType: one.file.type };
      options.formData = { ...fields, [one.file.name]: { value: content(one), options: about } };
    } else options.form = fields;
    return new Promise((resolve, reject) => request(options, (error, answer) => (error ? reject(error) : resolve(answer))));
  },

  /** node:http alone, with the form-data package: an upload of unknown length. */
  async "node-http"(one) {
    const target = new URL(address + one.path);
    const options = { method: one.method, headers: {} };
    let body = "";
    if (one.case === "get") target.search = query(one).toString();
    else if (one.json) {
      Object.assign(options, { auth: `${one.user}:${one.password}` });
      options.headers["Content-Type"] = "application/json";
      body = JSON.stringify(one.json);
    } else if (one.file) {
      const form = await oldFormData(one);
      options.headers = form.getHeaders();
      return new Promise((resolve, reject) => form.pipe(http.request(target, options, resolve).on("error", reject)));
    } else {
      options.headers["Content-Type"] = "application/x-www-form-urlencoded";
      body = query(one).toString();
    }
    return new Promise((resolve, reject) => http.request(target, options, resolve).on("error", reject).end(body));
  },
};

const own = { fetch: "fetch", "node-http": "node:http" }[client];
const library = () => JSON.parse(readFileSync(new URL(`node_modules/${client}/package.json`, import.meta.url))).version;
console.log(`${own ?? `${client} ${library()},`} ${own ? "of " : ""}Node ${process.versions.node}`);
for (const one of cases) await clients[client](one);
process.exit(0);
