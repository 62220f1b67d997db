// What a tester sees in an editor: what is offered, and what is said of a mistake.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LanguageServer } from "./server.mjs";

const schema = new URL("../../scenarios/scenario.schema.json", import.meta.url).href;
let server;
before(async () => {
  server = await new LanguageServer(schema).start();
});
after(() => server.stop());

const scenario = (provider, ...lines) =>
  [`version: 1`, `provider: ${provider}`, `scenarios:`, `  - name: Māui’s order 🥝`, ...lines.map((line) => `    ${line}`), ""].join("\n");

describe("completion", () => {
  for (const [operation, expected] of [
    ["verification", ["accepted", "cancelled", "declined", "pending", "received", "review", "timeout"]],
    ["status", ["accepted", "cancelled", "declined", "found", "pending", "review", "timeout"]],
    ["delete", ["deleted"]],
  ]) {
    it(`offers the outcomes of ${operation} and no others`, async () => {
      const text = scenario("shuftipro", `match: {operation: ${operation}}`, "respond:", "  outcome: |");
      assert.deepEqual((await server.at(text)).offered.sort(), expected);
    });
    it(`offers them within a sequence of ${operation}`, async () => {
      const text = scenario("shuftipro", `match: {operation: ${operation}}`, "sequence:", "  - respond:", "      outcome: |");
      assert.deepEqual((await server.at(text)).offered.sort(), expected);
    });
  }
  it("offers every outcome of the vendor where no operation is named, and none of another's", async () => {
    const { offered } = await server.at(scenario("shuftipro", "respond:", "  outcome: |"));
    assert.ok(offered.includes("deleted") && offered.includes("declined"));
    assert.ok(!offered.includes("pep-match"));
  });
  it("offers the keys of the answer under merge", async () => {
    const text = scenario("shuftipro", "match: {operation: verification}", "respond:", "  outcome: accepted", "  merge:", "    |");
    const { offered } = await server.at(text);
    assert.ok(offered.includes("verification_data") && offered.includes("declined_reason"), offered.join());
  });
  it("offers the paths that a request can have", async () => {
    const { offered } = await server.at(scenario("cloudcheck", "match:", "  operation: verify", "  |"));
    assert.ok(offered.includes("body.details.name.family"), offered.join());
  });
});

describe("hover", () => {
  it("explains an outcome", async () => {
    const { shown } = await server.at(scenario("shuftipro", "match: {operation: verification}", "respond:", "  outcome: dec|lined"));
    assert.match(shown, /Declined, with the codes of `decline` or the usual ones\./);
  });
});

describe("messages", () => {
  for (const [line, expected] of [
    ["respond: {outcome: accepted, delay: 2 secs}", "5: A duration is written as 500ms, 2s, 5m, 1h30m or 7d."],
    ["respond: {outcome: accepted, error: request.invalid}", "5: An answer has one of `outcome`, `error`, `body` and `fault`; `merge` goes with the first two."],
    ["respond: {outcom: accepted}", "5: Property outcom is not allowed."],
  ]) {
    it(`says of ${line}: ${expected}`, async () => {
      assert.deepEqual((await server.at(scenario("shuftipro", line))).marked, [expected]);
    });
  }
  it("finds nothing wrong in what lint accepts", async () => {
    const text = scenario("shuftipro", "match: {operation: status}", "sequence:", "  by: account", "  steps:", "    - {times: 2, respond: {outcome: found}}", "    - respond: {status: 503, body: down}");
    assert.deepEqual((await server.at(text)).marked, []);
  });
});
