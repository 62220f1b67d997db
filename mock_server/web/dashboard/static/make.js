// A scenario from a request: its YAML to look through, edit, copy for a file, or use for this account.
import { Button, Copy, Dialog, html, toast, useState } from "./ui.js";

export function FromRequest({ app, entry }) {
  const [yaml, setYaml] = useState(null);
  if (!entry.provider || !entry.operation) return null;
  const open = async () => setYaml((await app.api.get(`requests/${entry.id}/scenario`, { account: entry.account })).yaml);
  return html`<${Button} class="main" onPress=${open}>Make a scenario …<//>
    ${yaml === null ? null : html`<${Editor} app=${app} account=${entry.account} first=${yaml} label="A scenario from this request" close=${() => setYaml(null)} />`}`;
}

/** A scenario's YAML to edit; saved, it answers the account until that is reset. */
export function Editor({ app, account, first, label, close }) {
  const [yaml, setYaml] = useState(first);
  const [problems, setProblems] = useState([]);
  const save = async () => {
    try {
      const { scenarios } = await app.api.post("scenarios", { yaml }, { account });
      toast(`${scenarios.map(({ name }) => name).join(", ")} answers now, until the account is reset.`);
      close();
      app.refresh();
    } catch (error) {
      setProblems(error.problem?.problems ?? [{ message: error.message, remedy: error.problem?.remedy }]);
    }
  };
  return html`<${Dialog} label=${label} onClose=${close} wide>
    <textarea class="editor" aria-label="YAML" spellcheck="false" rows="18" value=${yaml} onInput=${(event) => setYaml(event.target.value)}></textarea>
    ${problems.length ? html`<ul class="problems" role="alert">${problems.map(({ line, message, remedy }) => html`<li>${line ? `Line ${line}: ` : ""}${message}${remedy ? `; ${remedy}` : ""}</li>`)}</ul>` : null}
    <p class="note">Saved here, it answers the account ${account} until that is reset. To keep it, copy it into a file of the scenario folder.</p>
    <div class="row end"><button type="button" onClick=${close}>Close</button><${Copy} text=${() => yaml} label="Copy for a file" /><${Button} class="main" onPress=${save}>Use for this account<//></div>
  <//>`;
}
