// The scenario files in force, and what is wrong with a broken one.
import { button, fill, h, keyed, toast } from "./dom.js";

export function scenarios(frame, root) {
  const search = h("input", { type: "search", placeholder: "Search names and files", "aria-label": "Search scenarios" });
  const banner = h("div");
  const rows = h("tbody");
  const pinned = h("div");
  const table = h("div.panel.scroll", h("table", h("thead", h("tr", h("th", "Scenario"), h("th", "Answers"), h("th.number", "Answered"), h("th", h("span", "Pin")))), rows));
  const reload = button("Reload files", async () => {
    try {
      const report = await frame.api.post("scenarios/reload");
      toast(report.problems?.length ? "The files are broken; the last good set stays in force." : "Loaded.", report.problems?.length ? "bad" : "good");
    } finally {
      frame.refresh();
    }
  });
  fill(root, h("div.head", h("h1", "Scenarios"), h("div.row", search, reload)), banner, pinned, table);
  search.addEventListener("input", frame.refresh);

  async function refresh() {
    const answer = await frame.api.get("scenarios");
    const word = search.value.trim().toLowerCase();
    const found = answer.scenarios.filter((scenario) => `${scenario.name} ${scenario.source} ${scenario.description}`.toLowerCase().includes(word));
    fill(banner, broken(frame.ready));
    fill(pinned, answer.pinned ? h("div.panel.pad.row", h("span", "Pinned: ", h("strong", answer.pinned), " answers every request of this account that it can."), unpin(frame)) : null);
    keyed(rows, found.map((scenario) => ({ ...scenario, pinned: scenario.name === answer.pinned })), (scenario) => `${scenario.provider} ${scenario.name}`, (scenario) => row(frame, scenario));
  }

  return { refresh };
}

function broken(ready) {
  const problems = ready?.problems ?? [];
  const error = ready?.error;
  if (!problems.length && !error) return null;
  return h("div.banner", { role: "alert" }, h("strong", "A scenario file is broken. The last good set stays in force."), h("pre", { tabindex: "0" }, problems.length ? problems.map((problem) => (typeof problem === "string" ? problem : problem.text ?? JSON.stringify(problem))).join("\n") : error));
}

function unpin(frame) {
  return button("Unpin", async () => {
    await frame.api.delete("scenarios/pinned");
    frame.refresh();
  });
}

function row(frame, scenario) {
  const pin = button(scenario.pinned ? "Pinned" : "Pin", async () => {
    if (scenario.pinned) await frame.api.delete("scenarios/pinned");
    else await frame.api.put("scenarios/pinned", { name: scenario.name });
    frame.refresh();
  }, { "aria-pressed": String(scenario.pinned), "aria-label": `Pin ${scenario.name}` });
  return h("tr", h("td", h("strong", scenario.name), h("br"), h("code.note", scenario.source), scenario.description ? h("p.note.small", scenario.description) : null), h("td", scenario.provider, h("br"), h("span.note", [scenario.operations ?? "any operation"].flat().join(", "))), h("td.number", scenario.answered ?? 0), h("td.actions", pin));
}
