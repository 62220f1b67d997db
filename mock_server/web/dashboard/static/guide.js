// First steps: credentials, requests to paste or to send from here, and the values that give every outcome.
import { button, code, copyButton, facts, fill, h, toast } from "./dom.js";
import { origin } from "./api.js";
import { vendor } from "./text.js";

const PERSON = { details: { name: { given: "Tamsin", family: "Okafor" }, dateofbirth: "1987-03-14", address: { street: "18 Example Rise", suburb: "Karori", city: "Wellington", postcode: "6012" } }, reference: "first-steps", consent: "Yes" };
const SCREENING = { reference: "", background_checks: { name: { first_name: "Ingrid", last_name: "Solvang" }, dob: "1979-11-04" } };

export function guide(frame, root) {
  const place = h("div.stack");
  const magic = h("div.stack");
  fill(root, h("div.head", h("h1", "First steps")), h("div.stack", place, magic));
  let built = false;

  async function refresh() {
    if (built) return;
    built = true;
    const credentials = await credentialsOf(frame);
    fill(place, steps(frame, credentials));
    fill(magic, await magicValues(frame));
  }

  return { refresh };
}

/** What stands in the place of an empty journal. */
export async function emptyJournal(frame) {
  if (!frame.emptyJournal) frame.emptyJournal = h("div.stack", h("section.panel.passport", h("h2", "Nothing has arrived yet"), h("p", "Point your client at ", h("code", origin), " with the credentials below, or let this page send the first request. Whatever comes is shown here at once: what was signed, what answered, and why."), h("p.mrz", { "aria-hidden": "true" }, "P<MOCK<SERVER<<WAITING<FOR<THE<FIRST<REQUEST<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", h("br"), "8484<<0NOT<<REAL<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<00")), steps(frame, await credentialsOf(frame)));
  return frame.emptyJournal;
}

async function credentialsOf(frame) {
  const { accounts } = await frame.api.get("accounts");
  const own = accounts.find((account) => account.name === frame.account) ?? {};
  const named = frame.account.startsWith("test-");
  const secret = named ? `${frame.account}-secret` : "";
  return {
    key: own.cloudcheck?.key ?? frame.account,
    secret: shown(own.cloudcheck?.secret) || secret || (frame.account === "default" ? "mock-secret-not-real-0123456789ab" : ""),
    client: own.shuftipro?.client_id ?? frame.account,
    password: shown(own.shuftipro?.secret_key) || secret || (frame.account === "default" ? "mock-secret-QvT7dR2mZk4Lw9Xb" : ""),
  };
}

const shown = (secret) => (secret && !secret.includes("***") ? secret : "");

function steps(frame, credentials) {
  return h("div.cards", cloudcheck(frame, credentials), h("div.stack", shufti(frame, credentials), isolation()));
}

function isolation() {
  return h(
    "section.panel.pad.stack.tight",
    h("h2", "For tests that run at once"),
    h("p", "Any name that begins with ", h("code", "test-"), " is an account of its own, with the secret ", h("code", "test-…-secret"), " for both vendors. It needs no set-up: it exists from its first request, with its own journal, callbacks, clock and nonces."),
    h("p", h("a", { href: "?account=test-mine#/guide" }, "Look at the account test-mine"), "."),
  );
}

function card(title, pairs, send, snippet) {
  return h("section.panel.pad.stack", h("h2", title), facts(pairs.map(([name, value]) => [name, h("span", h("code", value), value && !value.startsWith("(") ? copyButton(value) : null)])), h("div.row", send), code(snippet, "In a shell"));
}

function cloudcheck(frame, { key, secret }) {
  const data = JSON.stringify(PERSON);
  const send = button("Send a signed /verify/", async () => {
    const params = { data: JSON.stringify({ ...PERSON, reference: newReference() }), key, nonce: crypto.randomUUID?.() ?? newReference(), timestamp: String(Math.round(frame.time() * 1000)) };
    params.signature = await hmac(secret, `/verify/${Object.keys(params).sort().map((name) => `${name}=${params[name]};`).join("")}`);
    await sent(frame, await fetch(`${origin}/verify/`, { method: "POST", body: new URLSearchParams(params) }));
  }, { class: "main" });
  return card("Cloudcheck", [["base URL", `${origin}/`], ["access key", key], ["secret", secret || "(as declared in the config file)"]], secret && crypto.subtle ? send : null, [
    `url=${origin} key=${key} secret=${secret || "YOUR-SECRET"}`,
    `data='${data}'`,
    `nonce=$(date +%s%N) timestamp=$(date +%s)000`,
    `canonical="/verify/data=$data;key=$key;nonce=$nonce;timestamp=$timestamp;"`,
    `signature=$(printf %s "$canonical" | openssl dgst -sha256 -hmac "$secret" | sed 's/.* //')`,
    `curl "$url/verify/" --data-urlencode "data=$data" -d "key=$key&nonce=$nonce&timestamp=$timestamp&signature=$signature"`,
  ].join("\n"));
}

function shufti(frame, { client, password }) {
  const send = button("Send an AML screening", async () => {
    const body = JSON.stringify({ ...SCREENING, reference: newReference() });
    await sent(frame, await fetch(`${origin}/`, { method: "POST", body, headers: { Authorization: `Basic ${btoa(`${client}:${password}`)}`, "Content-Type": "application/json" } }));
  }, { class: "main" });
  return card("Shufti Pro", [["base URL", `${origin}/`], ["client id", client], ["secret key", password || "(as declared in the config file)"]], password ? send : null, [
    `curl -u '${client}:${password || "YOUR-SECRET"}' -H 'Content-Type: application/json' ${origin}/ \\`,
    `  -d '${JSON.stringify({ ...SCREENING, reference: "first-steps-'$(date +%s)'" })}'`,
  ].join("\n"));
}

async function sent(frame, response) {
  const id = response.headers.get("X-Mock-Request-Id");
  toast(`Answered ${response.status}.`, response.ok ? "good" : "bad");
  if (id) frame.go(`requests/${id}`);
  frame.refresh();
}

const newReference = () => `first-steps-${Date.now().toString(36)}`;

async function hmac(secret, text) {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function magicValues(frame) {
  const { vocabulary } = await frame.vocabulary();
  return Object.entries(vocabulary).map(([provider, words]) =>
    h(
      "div.panel.scroll",
      h(
        "table",
        h("caption", `Magic values of ${vendor(provider)}: an outcome with no file edited`),
        h("thead", h("tr", h("th", "Field"), h("th", "Value"), h("th", "Gives"), h("th", "Operation"))),
        h("tbody", words.magic.map((value) => h("tr", h("td", h("code", value.path)), h("td", value.prefix ? ["begins with ", h("code", value.value)] : h("code", value.value)), h("td", value.gives), h("td", value.operation === "*" ? "any with a reference" : value.operation)))),
      ),
    ),
  );
}
