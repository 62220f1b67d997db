// node --test, against a running mock server (MOCK_SERVER_URL). Each test is an account of its own, so they may run at once.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { callbackServer, screenPerson, verifyPerson } from "./onboarding.mjs";

const url = process.env.MOCK_SERVER_URL ?? "http://127.0.0.1:8484";
const receiverHost = process.env.RECEIVER_HOST ?? "127.0.0.1"; // how the mock server reaches this machine
const person = { name: { given: "Tamsin", family: "Okafor" }, dateofbirth: "1987-03-14" };

/** A fresh account. It needs no set-up: it exists from its first request. */
function newAccount() {
  const name = `test-${randomUUID()}`;
  return {
    cloudcheck: { baseUrl: url, key: name, secret: `${name}-secret` },
    shuftipro: { baseUrl: url, clientId: name, secretKey: `${name}-secret` },
    control: async (method, path, body) => {
      const target = new URL(`/__admin/${path}`, url);
      target.searchParams.set("account", name);
      const response = await fetch(target, { method, body: body && JSON.stringify(body) });
      const answer = await response.json();
      assert.ok(response.ok, JSON.stringify(answer));
      return answer;
    },
  };
}

test("an ordinary customer is approved", async () => {
  const account = newAccount();
  assert.equal(await verifyPerson(account.cloudcheck, person, "customer-1"), "approved");
});

test("a politically exposed person goes to a reviewer", async () => {
  const account = newAccount();
  await account.control("POST", "scenarios", {
    version: 1,
    provider: "cloudcheck",
    scenarios: [{ name: "exposed", match: { operation: "verify" }, respond: { outcome: "pep-match" } }],
  });
  assert.equal(await verifyPerson(account.cloudcheck, person, "customer-2"), "review");
});

test("a wrong secret is refused, and the mock knows why", async () => {
  const account = newAccount();
  await assert.rejects(verifyPerson({ ...account.cloudcheck, secret: `${account.cloudcheck.secret}\n` }, person, "customer-3"), /106/);
  const { requests } = await account.control("GET", "requests");
  const why = await account.control("GET", `requests/${requests[0].id}/explain`);
  assert.match(why.mistakes[0].explanation, /newline|line break|white ?space/i);
});

test("the callback arrives signed, and its decision is kept", async (context) => {
  const account = newAccount();
  const decisions = new Map();
  const receiver = callbackServer(account.shuftipro.secretKey, decisions).listen(0);
  context.after(() => receiver.close());
  await once(receiver, "listening");
  const callbackUrl = `http://${receiverHost}:${receiver.address().port}/callbacks/shufti`;

  await screenPerson(account.shuftipro, { firstName: "Ingrid", lastName: "Solvang", dob: "1979-11-04" }, "customer-4", callbackUrl);
  const { callbacks } = await account.control("GET", "callbacks/wait?reference=customer-4&outcome=delivered&timeout=10s");

  assert.equal(callbacks[0].attempts[0].status, 200);
  assert.equal(decisions.get("customer-4"), "verification.accepted");
});
