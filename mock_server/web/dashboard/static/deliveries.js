// Outgoing callbacks: what left, what came back, and what was done to it on purpose.
import { button, details, facts, fill, h, toast } from "./dom.js";
import { content, headers, raw, unshowable } from "./message.js";
import { Split } from "./split.js";
import { clockTime, dayTime, duration, plural, seconds, vendor } from "./text.js";
import { standing } from "./verdict.js";

const STATES = [["", "Every state"], ["pending", "Pending"], ["delivered", "Delivered"], ["failed", "Failed"], ["dropped", "Dropped"], ["cancelled", "Cancelled"], ["not sent", "Not sent"]];

export function deliveries(frame, root) {
  const state = h("select", { "aria-label": "State" }, STATES.map(([value, text]) => h("option", { value }, text)));
  const split = new Split("Callbacks, newest first", "Callback");
  const flush = button("Send all now", async () => {
    const { callbacks } = await frame.api.post("callbacks/flush");
    toast(callbacks.length ? `${plural(callbacks.length, "callback")} sent.` : "Nothing was waiting.");
    frame.refresh();
  });
  fill(root, h("div.head", h("h1", "Callbacks"), h("div.row", state, flush)), split.root);
  state.addEventListener("input", frame.refresh);
  let print = "";

  async function refresh() {
    const { callbacks } = await frame.api.get("callbacks", { limit: 100, outcome: state.value });
    split.fill(callbacks, row, h("div.panel.empty", h("h2", "No callbacks"), h("p", "They appear when a request names a ", h("code", "callback_url"), ", when a scenario lists ", h("code", "callbacks"), ", or when you decide a verification.")));
    if (split.shown) await load(split.shown);
  }

  async function load(id) {
    let page;
    try {
      const delivery = await frame.api.get(`callbacks/${id}`);
      // Made anew only when something has happened, so that what is unfolded stays so.
      if (JSON.stringify(delivery) === print) return;
      print = JSON.stringify(delivery);
      page = one(frame, delivery);
    } catch (error) {
      if (error.status !== 404) throw error;
      page = h("div.empty", h("h2", "This callback is gone"), h("p", "The account was reset."));
    }
    if (id === split.shown) fill(split.detail, page);
  }

  function show(id) {
    print = "";
    split.show(id);
  }

  return { refresh, show };
}

function row(delivery) {
  const { kind, word } = standing(delivery);
  const done = delivery.attempts.map((attempt) => attempt.done).filter(Boolean);
  return h(
    "li",
    h(
      "a",
      { href: `#/deliveries/${delivery.id}` },
      h("span.when", { title: dayTime(delivery.created) }, clockTime(delivery.created)),
      h("span.what", delivery.event),
      h("span.verdict", h(`span.pill.${kind}`, word)),
      h("span.sub", delivery.request.url || "no address", delivery.reference ? ` · ${delivery.reference}` : "", done.length ? ` · on purpose: ${done.join(", ")}` : "", delivery.unshowable ? ` · ${delivery.unshowable}` : ""),
    ),
  );
}

/** One line that leads to a delivery. */
export function deliveryLine(delivery) {
  const { kind, word } = standing(delivery);
  return h("p.row", h("a", { href: `#/deliveries/${delivery.id}` }, delivery.event), h(`span.pill.${kind}`, word));
}

/** Every attempt as a line of time, and when the next one leaves. */
export function attemptsOf(frame, delivery) {
  const tried = delivery.attempts.map((attempt) =>
    h(
      `li.${attempt.error ? "bad" : "good"}`,
      h("div.row", h("strong", attempt.error || `answered ${attempt.status}`), attempt.done ? h("span.pill.script", attempt.done) : null, h("span.note.small", `${clockTime(attempt.at)} · took ${duration(attempt.took)}`)),
      attempt.sent ? details("What was really sent", h("div.stack.tight", headers(attempt.sent.headers), content(attempt.sent))) : null,
      attempt.status ? details("The receiver's answer", h("div.stack.tight", headers(attempt.response.headers), content(attempt.response))) : null,
    ),
  );
  const next = delivery.state === "pending" ? h("li.wait", h("div.row", h("span", due(frame, delivery)), jump(frame, delivery))) : null;
  return tried.length || next ? h("ol.attempts", tried, next) : null;
}

function due(frame, delivery) {
  if (delivery.held) return "Waits for its HTTP answer to leave.";
  const left = seconds(delivery.due) - frame.time();
  return left > 0 ? `Leaves in ${duration(left)}, at ${clockTime(delivery.due)}` : "Leaves now.";
}

function jump(frame, delivery) {
  const left = seconds(delivery.due) - frame.time();
  if (delivery.held || left <= 1) return null;
  return button(`Move the clock on by ${duration(left)}`, async () => {
    await frame.api.post("clock/advance", { by: Math.ceil(seconds(delivery.due) - frame.time()) });
    frame.refresh();
  });
}

function one(frame, delivery) {
  const { kind, word } = standing(delivery);
  const resend = button("Send again", async () => {
    await frame.api.post(`callbacks/${delivery.id}/resend`);
    toast("Sent again.");
    frame.refresh();
  }, { class: "main" });
  return [
    h("header", h("div", h("a.back.small", { href: "#/deliveries" }, "← All callbacks"), h("h1", delivery.event), h("p.note.small", `${vendor(delivery.provider)} · ${delivery.reference || "no reference"} · ${delivery.id}`)), h(`div.stamp.${kind}`, word)),
    unshowable(delivery),
    h("section.stack.tight", h("h2", "Attempts"), attemptsOf(frame, delivery) ?? h("p.note", "None yet."), h("div.row", resend)),
    h(
      "section",
      h("h2", "How it came about"),
      facts([
        ["to", h("code", `${delivery.request.method} ${delivery.request.url}`)],
        ["caused by", delivery.request_id ? h("a", { href: `#/requests/${delivery.request_id}` }, delivery.request_id) : "by hand, or a timer"],
        ["scenario", delivery.scenario],
        ["to be done to it", delivery.deliver.length ? h("code", JSON.stringify(delivery.deliver)) : ""],
        ["waits between attempts", delivery.waits.map(duration).join(", ")],
      ]),
    ),
    h("section.stack.tight", h("h2", "The message"), content(delivery.request), details("Bytes as sent", raw(delivery.request)), details("Headers", headers(delivery.request.headers))),
  ];
}
