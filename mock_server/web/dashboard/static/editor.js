// A YAML text to edit: checked while it is typed, with the finding at its line.
import { html, Ticked, useEffect, useRef, useState } from "./ui.js";
import { plural } from "./text.js";

const PAUSE = 250;

/** {problems, usable, checked: the text they are of} of a text, asked for when typing has paused. file: what it is for. */
export function useFindings(app, yaml, file = "") {
  const [findings, setFindings] = useState({ problems: [], usable: false, checked: null });
  useEffect(() => {
    let stale = false;
    const look = () => app.api.post("scenarios/check", { yaml, file }).then(
      (answer) => stale || setFindings({ ...answer, checked: yaml }),
      (error) => stale || app.failed(error),
    );
    const timer = setTimeout(look, findings.checked === null ? 0 : PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [yaml, file]);
  return findings;
}

/** line: where the reader looks first. onSave: Ctrl and Enter. */
export function YamlEditor({ label = "YAML", yaml, onInput, findings, line = 0, rows = 16, onSave }) {
  const area = useRef(null);
  const layer = useRef(null);
  const follow = () => (layer.current.style.transform = `translateY(${-area.current.scrollTop}px)`);
  const jump = (to, column = 1) => {
    const starts = yaml.split("\n").slice(0, to - 1);
    const at = starts.reduce((sum, each) => sum + each.length + 1, 0) + Math.max(column - 1, 0);
    area.current.focus();
    area.current.setSelectionRange(at, at);
    area.current.scrollTop = Math.max(0, (to - 4) * parseFloat(getComputedStyle(area.current).lineHeight));
  };
  useEffect(() => void (line && jump(line)), []);
  useEffect(follow);
  const marks = marksOf(findings.problems);
  const keys = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSave?.();
  };
  return html`<div class="yaml">
    <div class="sheet">
      <div class="lines" aria-hidden="true"><div ref=${layer}>${yaml.split("\n").map((_, index) => html`<span class=${marks.get(index + 1)?.severity ?? ""} title=${marks.get(index + 1)?.message ?? null}>${index + 1}</span>`)}</div></div>
      <textarea class="editor" ref=${area} aria-label=${label} aria-describedby="findings" spellcheck="false" wrap="off" rows=${rows} value=${yaml} onInput=${(event) => onInput(event.target.value)} onScroll=${follow} onKeyDown=${keys}></textarea>
    </div>
    <${Findings} findings=${findings} yaml=${yaml} jump=${jump} />
  </div>`;
}

/** The worst of each line. */
function marksOf(problems) {
  const marks = new Map();
  for (const problem of problems) {
    if (problem.line && marks.get(problem.line)?.severity !== "error") marks.set(problem.line, problem);
  }
  return marks;
}

function Findings({ findings, yaml, jump }) {
  const errors = findings.problems.filter(({ severity }) => severity === "error");
  const warnings = findings.problems.length - errors.length;
  const said = [errors.length && plural(errors.length, "error"), warnings && plural(warnings, "warning")].filter(Boolean).join(", ");
  const state = findings.checked === null || findings.checked !== yaml ? "Checking …" : said || "No problems found";
  return html`<div class="findings" id="findings">
    <p class=${`verdict ${errors.length ? "bad" : warnings ? "wait" : "good"}`} role="status">${state}</p>
    ${findings.problems.length ? html`<ul>${findings.problems.map((problem) => html`<li class=${problem.severity}>${problem.line ? html`<button type="button" class="quiet" onClick=${() => jump(problem.line, problem.column)}>Line ${problem.line}</button>` : null}<span><${Ticked} text=${`${problem.message}${problem.remedy ? `; ${problem.remedy}` : ""}`} /></span></li>`)}</ul>` : null}
  </div>`;
}
