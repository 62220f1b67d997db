// How a request ended, in a word, and how a delivery stands.

/**
 * {kind, word, note} of a journal entry. kind: passed (the request was in order, whatever the answer says of the person), bad
 * (refused by the vendor's own checks) or script (a scenario wanted trouble).
 */
export function verdict(entry) {
  const scripted = Boolean(entry.scenario);
  if (entry.fault) return { kind: "script", word: `fault ${entry.fault}`, note: "as the scenario asked" };
  if (entry.evidence?.check === "magic value") return { kind: "script", word: `error ${entry.error}`, note: "as its magic value asks" };
  if (entry.error && !scripted) return { kind: "bad", word: `refused ${entry.error}`, note: `status ${entry.status}` };
  if (entry.error) return { kind: "script", word: `error ${entry.error}`, note: "as the scenario asked" };
  if (entry.status >= 400) return { kind: scripted ? "script" : "bad", word: `status ${entry.status}`, note: scripted ? "as the scenario asked" : "" };
  return { kind: "passed", word: entry.response.json?.event || entry.outcome || "answered", note: "request in order" };
}

/** {kind, word} of a delivery. */
export function standing(delivery) {
  const tries = delivery.attempts.length;
  if (delivery.state === "delivered") return { kind: "good", word: "delivered" };
  if (delivery.state === "pending") return { kind: "wait", word: tries ? "trying again" : "waiting" };
  if (delivery.state === "failed" || delivery.state === "not sent") return { kind: "bad", word: delivery.state };
  return { kind: "script", word: delivery.state };
}
