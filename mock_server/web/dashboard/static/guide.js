// First steps: credentials, requests to paste or to send from here, and the values that give every outcome.
import { origin } from "./api.js";
import { Button, Code, Copy, Facts, html, toast, useEffect, useState } from "./ui.js";

export function Guide({ app }) {
  return html`<div class="view page"><div class="head"><h1>First steps</h1></div><${Steps} app=${app} />${app.providers.map((provider) => html`<${Magic} key=${provider.name} provider=${provider} />`)}</div>`;
}

/** What stands in the place of an empty journal. */
export function EmptyJournal({ app }) {
  const port = location.port || (location.protocol === "https:" ? "443" : "80");
  return html`<div class="first">
    <section class="passport"><h2>Nothing has arrived yet</h2><p>Point your client at <code>${origin}</code> with the credentials below, or let this page send the first request. Whatever comes is shown here at once: what was signed, what answered, and why.</p><p class="mrz" aria-hidden="true">${`P<MOCK<SERVER<<${port.padStart(5, "<")}<<NOT<REAL`.padEnd(44, "<")}</p></section>
    <${Steps} app=${app} />
  </div>`;
}

function Steps({ app }) {
  return html`<div class="cards">${app.providers.map((provider) => html`<${First} key=${provider.name} app=${app} provider=${provider} />`)}<${Isolation} /></div>`;
}

function First({ app, provider }) {
  const [first, setFirst] = useState(null);
  useEffect(() => void app.api.get(`providers/${provider.name}/first`).then(setFirst, app.failed), [provider.name]);
  if (!first) return null;
  const send = async () => {
    const { status, request } = await app.api.post(`providers/${provider.name}/first`);
    toast(`Answered ${status}.`, status < 400 ? "good" : "bad");
    location.hash = `#/requests/${request}`;
    app.refresh();
  };
  return html`<section class="panel pad">
    <h2>${provider.title}</h2>
    <${Facts} pairs=${[["base URL", html`<code>${origin}/</code>`], ...first.credentials.map(({ label, value }) => [label, value ? html`<code>${value}</code> <${Copy} text=${value} />` : "as declared in the config file"])]} />
    ${first.title ? html`<div class="row"><${Button} class="main" onPress=${send}>${first.title}<//></div>` : null}
    ${first.shell ? html`<${Code} text=${first.shell} label="In a shell" />` : null}
  </section>`;
}

const Isolation = () => html`<section class="panel pad">
  <h2>For tests that run at once</h2>
  <p>Any name that begins with <code>test-</code> is an account of its own, with the secret <code>test-…-secret</code> for every vendor. It needs no set-up: it exists from its first request, with its own journal, callbacks, clock and nonces.</p>
  <p><a href="?account=test-mine#/guide">Look at the account test-mine</a>.</p>
</section>`;

function Magic({ provider }) {
  const { magic } = provider.vocabulary;
  if (!magic.length) return null;
  return html`<section class="panel table"><table>
    <caption>Magic values of ${provider.title}: an outcome with no file edited</caption>
    <thead><tr><th>Field</th><th>Value</th><th>Gives</th><th>Operation</th></tr></thead>
    <tbody>${magic.map((value) => html`<tr><td><code>${value.path}</code></td><td>${value.prefix ? "begins with " : ""}<code>${value.value}</code></td><td>${value.gives}</td><td>${value.operation === "*" ? "any with a reference" : value.operation}</td></tr>`)}</tbody>
  </table></section>`;
}
