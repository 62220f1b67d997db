// The account's own time: a year passes with one press.
import { button, fill, h, toast } from "./dom.js";
import { deliveryLine } from "./deliveries.js";
import { dayTime, duration, plural } from "./text.js";

const STEPS = [["1 minute", "1m"], ["15 minutes", "15m"], ["1 hour", "1h"], ["1 day", "24h"], ["30 days", "720h"]];

export function clock(frame, root) {
  const face = h("p.bigclock", { role: "timer" });
  const state = h("p.note");
  const happened = h("div.stack.tight");
  const by = h("input", { value: "2h", "aria-label": "Duration such as 90s, 15m, 2h or 7d", size: "8" });
  const at = h("input", { type: "datetime-local", step: "1", "aria-label": "Instant, in your time zone" });

  const advance = async (step) => {
    const answer = await frame.api.post("clock/advance", { by: step });
    const due = answer.callbacks ?? [];
    fill(happened, h("h2", `What fell due: ${plural(due.length, "callback")}`), due.length ? due.map(deliveryLine) : h("p.note", "Nothing was waiting for that time."));
    frame.refresh();
  };
  const put = async (body) => {
    await frame.api.put("clock", body);
    frame.refresh();
  };
  const instant = () => {
    if (!at.value) throw new Error("Choose a date and time first.");
    return new Date(at.value).toISOString();
  };

  fill(
    root,
    h("div.head", h("h1", "Clock")),
    h("p.lead", "Each account has its own time. It decides how old a timestamp is, when a nonce, token or link expires, and when callbacks and their retries leave."),
    h("div.panel.pad.stack", h("div", face, state), h("div.row", button("Freeze", () => put({ freeze: new Date(frame.time() * 1000).toISOString() }), { class: "main" }), button("Back to real time", async () => (await frame.api.delete("clock"), toast("Real time again."), frame.refresh())))),
    h(
      "div.cards",
      h("section.panel.pad.stack", h("h2", "Move on"), h("div.row", STEPS.map(([label, step]) => button(`+ ${label}`, () => advance(step)))), h("div.row", by, button("Move on", () => advance(by.value))), happened),
      h("section.panel.pad.stack", h("h2", "Set"), h("p.note.small", "For a test that needs a certain day."), h("div.row", at), h("div.row", button("Freeze there", () => put({ freeze: instant() })), button("Run from there", () => put({ set: instant() })))),
    ),
  );
  root.classList.add("stack");

  function tick(now) {
    face.textContent = dayTime(now);
    const current = frame.clock;
    const moved = current.offset ? `${current.offset > 0 ? "ahead of" : "behind"} real time by ${duration(current.offset)}` : "";
    state.textContent = current.frozen ? "Frozen: it stands still until you move it." : moved ? `Running, ${moved}.` : "Real time.";
  }

  return { refresh: async () => {}, tick };
}
