// Scenarios written here: from a request, from nothing, or from a file of the scenario folder.
import { useFindings, YamlEditor } from "./editor.js";
import { Button, Copy, Dialog, Field, html, toast, useState } from "./ui.js";
import { plural } from "./text.js";

export function FromRequest({ app, entry }) {
  const [yaml, setYaml] = useState(null);
  if (!entry.provider || !entry.operation) return null;
  const open = async () => setYaml((await app.api.get(`requests/${entry.id}/scenario`, { account: entry.account })).yaml);
  return html`<${Button} class="main" onPress=${open}>Make a scenario …<//>
    ${yaml === null ? null : html`<${Editor} app=${app} account=${entry.account} first=${yaml} label="A scenario from this request" close=${() => setYaml(null)} />`}`;
}

/** What is wrong with the text stands below it; a refused call says what else there is. */
function refused(error, file) {
  const problems = error.problem?.problems ?? [];
  const other = problems.find((problem) => ![file, "<yaml>"].includes(problem.file));
  if (other) throw new Error(`${other.file}, line ${other.line}: ${other.message}`);
  throw new Error(problems.length ? `Not used: fix ${plural(problems.length, "error")} first.` : [error.message, error.problem?.remedy].filter(Boolean).join("; "));
}

function inForce({ file, problems }) {
  const wrong = problems.find(({ severity }) => severity === "error");
  if (wrong) toast(`Written, but in force only when ${wrong.file}, line ${wrong.line}, is right: ${wrong.message}`, "bad");
  else toast(`Written and in force: ${file}`);
}

/** A scenario to write; it answers the account until that is reset, or goes into a new file. replaces: the inline one that it was. */
export function Editor({ app, account, first, label, close, replaces = "" }) {
  const [yaml, setYaml] = useState(first);
  const [name, setName] = useState(null);
  const findings = useFindings(app, yaml);
  const save = async () => {
    try {
      const { scenarios } = await app.api.post("scenarios", { yaml }, { account, replaces });
      toast(`${scenarios.map((one) => one.name).join(", ")} answers now, until the account is reset.`);
      close();
      if (scenarios.length) location.hash = `#/scenarios/${encodeURIComponent(`${scenarios[0].provider}/${scenarios[0].name}`)}`;
      app.refresh();
    } catch (error) {
      refused(error, "");
    }
  };
  const write = async () => {
    if (!name.trim()) throw new Error("Give the file a name first.");
    const file = /\.ya?ml$/i.test(name.trim()) ? name.trim() : `${name.trim()}.yaml`;
    try {
      inForce(await app.api.put(FILES, { yaml }, { file }));
      close();
      app.refresh();
    } catch (error) {
      refused(error, file);
    }
  };
  return html`<${Dialog} label=${label} onClose=${close} wide>
    <${YamlEditor} yaml=${yaml} onInput=${setYaml} findings=${findings} onSave=${save} />
    <p class="note">Used for this account, it answers ${account} until that is reset. Written to a file, it answers every account for good.</p>
    ${name === null ? null : html`<div class="row"><${Field} label="File in the scenario folder"><input aria-label="File in the scenario folder" placeholder="my-scenario.yaml" value=${name} onInput=${(event) => setName(event.target.value)} /><//><${Button} onPress=${write}>Write the file<//></div>`}
    <div class="row end"><button type="button" onClick=${close}>Close</button><${Copy} text=${() => yaml} label="Copy" />${replaces || name !== null ? null : html`<button type="button" onClick=${() => setName("")}>Write to a file …</button>`}<${Button} class="main" onPress=${save}>Use for this account<//></div>
  <//>`;
}

const FILES = "scenario-files";

/** The text of a scenario file, its version, and whether it can be written. */
export const readFile = (app, file) => app.api.get(FILES, { file });

/** A scenario file, as it was read. A text with an error is not written: what was read last stays in force. */
export function FileEditor({ app, read, line, close }) {
  const { file } = read;
  const [yaml, setYaml] = useState(read.yaml);
  const findings = useFindings(app, yaml, file);
  const save = async () => {
    try {
      inForce(await app.api.put(FILES, { yaml, version: read.version }, { file }));
      close();
      app.refresh();
    } catch (error) {
      refused(error, file);
    }
  };
  const changed = yaml !== read.yaml;
  return html`<${Dialog} label=${file} onClose=${close} wide>
    <${YamlEditor} yaml=${yaml} onInput=${setYaml} findings=${findings} line=${line} rows="20" onSave=${save} />
    <p class="note">Saved, it is in force at once, for every account. A text with an error is not written; what was read last stays in force.</p>
    <div class="row end"><button type="button" onClick=${close}>Close</button><${Copy} text=${() => yaml} /><${Button} class="main" onPress=${save} disabled=${!changed}>Save the file<//></div>
  <//>`;
}
