// The scenarios in force: what they match, how often they have answered, and switching them.
import { href, replace } from "./route.js";
import { Editor, FileEditor, readFile } from "./make.js";
import { Button, Code, Facts, html, Select, toast, useEffect, useState } from "./ui.js";
import { plural } from "./text.js";
import { vendor, vendors } from "./words.js";

export function Scenarios({ app, route }) {
  const [answer, setAnswer] = useState(null);
  const [fresh, setFresh] = useState(false);
  useEffect(() => void app.api.get("scenarios").then(setAnswer, app.failed), [app.version]);
  const { q = "", provider = "" } = route.query;
  const turn = (query) => replace(href({ ...route, query: { ...route.query, ...query } }));
  const word = q.toLowerCase();
  const scenarios = (answer?.scenarios ?? []).filter((one) => (!provider || one.provider === provider) && `${one.name} ${one.source} ${one.description} ${one.match.join(" ")} ${one.tags.join(" ")}`.toLowerCase().includes(word));
  const id = (one) => `${one.provider}/${one.name}`;
  const reload = async () => {
    try {
      const { loaded, message, problems } = await app.api.post("scenarios/reload");
      toast(`${message || `${plural(loaded, "scenario")} in force`}${problems.length ? `, ${plural(problems.length, "warning")} of the lint` : ""}.`);
    } finally {
      app.refresh();
    }
  };
  useEffect(() => document.querySelector(".list a[aria-current]")?.scrollIntoView({ block: "nearest" }), [route.id, Boolean(answer)]);
  const address = (one) => href({ view: "scenarios", id: one ? id(one) : "", query: route.query });
  const steps = (way) => {
    const at = scenarios.findIndex((one) => id(one) === route.id);
    const next = scenarios[Math.min(Math.max(at + way, 0), scenarios.length - 1)];
    if (next) replace(address(next));
  };
  app.keys.current = { next: () => steps(1), previous: () => steps(-1), enter: () => {}, escape: route.id ? () => (location.hash = address(null)) : null };
  return html`<div class=${`view ${route.id ? "open" : ""}`}>
    <div class="head">
      <h1>Scenarios</h1>
      <input type="search" data-search placeholder="Search" aria-label="Search scenarios" title="Press / to search" value=${q} onInput=${(event) => turn({ q: event.target.value })} />
      <${Select} label="Vendor" value=${provider} options=${[["", "All vendors"], ...vendors(app)]} onChange=${(value) => turn({ provider: value })} />
      <div class="row actions"><${Button} onPress=${reload}>Reload files<//><${Button} class="main" onPress=${async () => setFresh(true)}>Add a scenario …<//></div>
    </div>
    ${fresh ? html`<${Editor} app=${app} account=${app.own} first=${blank(app, provider)} label="A scenario for this account" close=${() => setFresh(false)} />` : null}
    <div class="split">
      <section class="master panel scenarios" aria-label="Scenarios, in the order in which they are asked">
        <div class="columns" aria-hidden="true"><span class="what">Scenario</span><span class="account">Vendor</span><span class="reference">Operation</span><span class="took">Answered</span></div>
        <div class="scroll"><ul class="list">${scenarios.map((one, index) => html`<li key=${id(one)} class=${one.enabled ? "" : "off"}><a href=${address(one)} aria-current=${id(one) === route.id ? "true" : null} tabindex=${id(one) === route.id || (!route.id && !index) ? 0 : -1}>
          <span class="what"><strong>${one.name}</strong>${one.pinned ? html` <span class="fate error">pinned</span>` : null}${one.enabled ? null : html` <span class="note">off</span>`}</span>
          <span class="account">${vendor(app, one.provider)}</span><span class="reference">${one.operations ? one.operations.join(", ") : "any"}</span><span class="took">${one.answered || ""}</span></a></li>`)}</ul>
          ${answer && !scenarios.length ? html`<div class="empty"><p>${answer.total ? "No scenario matches this search." : "No scenarios are loaded."}</p></div>` : null}</div>
        <p class="foot" role="status">${answer ? plural(scenarios.length, "scenario") : ""}</p>
      </section>
      ${route.id ? html`<article class="detail panel" aria-label="Scenario" key=${route.id}><a class="close" href=${address(null)} title="Close (Esc)">← Scenarios</a><${Scenario} app=${app} one=${(answer?.scenarios ?? []).find((each) => id(each) === route.id)} loaded=${Boolean(answer)} /></article>` : null}
    </div>
  </div>`;
}

/** A file with one scenario of the vendor that is looked at. */
function blank(app, name) {
  const provider = app.providers.find((one) => one.name === name) ?? app.providers[0];
  const [operation, { outcomes } = {}] = Object.entries(provider?.vocabulary.operations ?? {})[0] ?? ["", {}];
  return whole(provider?.name ?? "", `- name: my-scenario\n  match:\n    operation: ${operation}\n  respond:\n    outcome: ${Object.keys(outcomes ?? {})[0] ?? ""}\n`);
}

/** A file of the scenarios of a list. */
const whole = (provider, list) => `version: 1\nprovider: ${provider}\nscenarios:\n${list.replace(/^(?=.)/gm, "  ")}`;

function Scenario({ app, one, loaded }) {
  const [yaml, setYaml] = useState("");
  const [values, setValues] = useState({});
  const [editing, setEditing] = useState(null);
  const remembers = one ? one.set.length > 0 || one.match.some((condition) => condition.startsWith("state.")) : false;
  useEffect(() => void (remembers && app.api.get("state").then(({ state }) => setValues(state), app.failed)), [remembers, app.version]);
  const path = one ? `scenarios/${one.provider}/${encodeURIComponent(one.name)}` : "";
  useEffect(() => void (path && app.api.get(path).then((file) => setYaml(file.yaml), app.failed)), [path, one?.source, app.version]);
  if (!one) return loaded ? html`<div class="empty"><h2>No such scenario</h2><p>It was renamed or removed.</p></div>` : null;
  const pin = async () => {
    if (one.pinned) await app.api.delete("scenarios/pinned");
    else await app.api.put("scenarios/pinned", { name: one.name });
    app.refresh();
  };
  const turn = async () => {
    await app.api.put(path, { enabled: one.switched_off });
    app.refresh();
  };
  const edit = async () => {
    const read = one.inline ? null : await readFile(app, one.file).catch(() => null);
    if (read?.writable) setEditing({ read });
    else setEditing({ yaml: one.inline ? yaml : whole(one.provider, yaml), replaces: one.inline ? `${one.provider}/${one.name}` : "" });
  };
  const close = () => setEditing(null);
  return html`
    ${editing?.read ? html`<${FileEditor} app=${app} read=${editing.read} line=${one.line} close=${close} />` : null}
    ${editing?.yaml ? html`<${Editor} app=${app} account=${app.own} first=${editing.yaml} replaces=${editing.replaces} label=${editing.replaces ? one.name : `${one.name}, for this account only`} close=${close} />` : null}
    <header>
      <h2 class="title">${one.name}</h2>
      <p class="note">${vendor(app, one.provider)} · <code>${one.inline ? "added over the control API" : one.source}</code></p>
      ${one.description ? html`<p>${one.description}</p>` : null}
      <div class="row">
        <${Button} class="main" onPress=${edit}>Edit …<//>
        ${one.enabled || one.switched_off ? html`<${Button} onPress=${turn}>${one.switched_off ? "Switch on" : "Switch off for this account"}<//>` : html`<p class="note">It ${one.off}.</p>`}
        ${one.enabled ? html`<${Button} onPress=${pin} aria-pressed=${one.pinned}>${one.pinned ? "Unpin" : "Pin: let it answer everything"}<//>` : null}
      </div>
    </header>
    <section><${Facts} pairs=${[
      ["operations", one.operations ? one.operations.join(", ") : "any"],
      ["matches", one.match.map((condition) => html`<code class="line">${condition}</code>`)],
      ["asked", one.before ? "before the checks" : ""],
      ["priority", one.priority || ""],
      ["tags", one.tags.join(", ")],
      ["steps", one.steps > 1 ? one.steps : ""],
      ["chance", one.chance < 1 ? `${Math.round(one.chance * 100)} %` : ""],
      ["answered", one.answered],
      ["named values of the account", remembers ? Object.entries(values).map(([name, value]) => html`<code class="line">${name}: ${JSON.stringify(value)}</code>`) : ""],
    ]} /></section>
    <section><${Code} label="YAML" text=${yaml} /></section>`;
}
