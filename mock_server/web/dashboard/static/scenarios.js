// The scenario files in force, and what is wrong with a broken one.
import { button, fill, h, keyed, toast } from "./dom.js";
import { plural, vendor } from "./text.js";

export function scenarios(frame, root) {
  const search = h("input", { type: "search", placeholder: "Search names and files", "aria-label": "Search scenarios" });
  const banner = h("div");
  const rows = h("tbody");
  const pinned = h("div");
  const table = h("div.panel.scroll", h("table", h("thead", h("tr", h("th", "Scenario"), h("th", "Answers"), h("th.number", "Answered"), h("th", h("span", "Pin")))), rows));
  const reload = button("Reload files", async () => {
    try {
      const { loaded, problems } = await frame.api.post("scenarios/reload");
      toast(`${plural(loaded, "scenario")} in force${problems.length ? `, ${plural(problems.length, "warning")} of the lint` : ""}.`);
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
    keyed(rows, found, (scenario) => `${scenario.provider} ${scenario.name}`, (scenario) => row(frame, scenario));
  }

  return { refresh };
}

function broken(ready) {
  if (!ready?.problems.length) return null;
  return h("div.banner", { role: "alert" }, h("strong", "A scenario file is broken. The last good set stays in force."), h("pre", { tabindex: "0" }, ready.problems.join("\n")));
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
  return h("tr", h("td", h("strong", scenario.name), " ", h("code.note", scenario.inline ? "added over the control API" : scenario.source), scenario.description ? h("p.note.small", scenario.description) : null), h("td", vendor(scenario.provider), " ", h("span.note", scenario.operations ? scenario.operations.join(", ") : "any operation", scenario.before ? ", before the checks" : ""), scenario.match.length ? h("p.small", scenario.match.map((condition) => h("code", condition)).flatMap((node) => [node, h("br")])) : null), h("td.number", scenario.answered || ""), h("td.actions", pin));
}
