// How a request ended, in a word, and how a delivery stands.

/** {kind, word, note} of a journal entry. kind: good, bad (refused by the mock's own checks), script (a scenario wanted it so). */
export function verdict(entry) {
  const scripted = Boolean(entry.scenario);
  if (entry.fault) return { kind: "script", word: `fault: ${entry.fault}`, note: "what a scenario asked for" };
  if (entry.error && !scripted) return { kind: "bad", word: `refused ${entry.error}`, note: `status ${entry.status}` };
  if (entry.error) return { kind: "script", word: `error ${entry.error}`, note: "what a scenario asked for" };
  if (entry.status >= 400) return { kind: scripted ? "script" : "bad", word: `status ${entry.status}`, note: scripted ? "what a scenario asked for" : "" };
  return { kind: "good", word: "accepted", note: entry.outcome };
}

/** {kind, word} of a delivery. */
export function standing(delivery) {
  const tries = delivery.attempts.length;
  if (delivery.state === "delivered") return { kind: "good", word: "delivered" };
  if (delivery.state === "pending") return { kind: "wait", word: tries ? "will be tried again" : "waiting" };
  if (delivery.state === "failed") return { kind: "bad", word: "failed" };
  return { kind: "script", word: delivery.state };
}
