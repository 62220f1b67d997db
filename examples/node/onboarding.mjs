// The app under test. It knows nothing of any mock: only base URLs and credentials differ between a test and production.
import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** Ask Cloudcheck to verify a person. Resolves to "approved", "review" or "rejected". */
export async function verifyPerson({ baseUrl, key, secret }, person, reference) {
  const params = {
    data: JSON.stringify({ details: person, reference, consent: "Yes" }),
    key,
    nonce: randomUUID(),
    timestamp: String(Date.now()),
  };
  const path = "/verify/";
  const canonical = path + Object.keys(params).sort().map((name) => `${name}=${params[name]};`).join("");
  const signature = createHmac("sha256", secret).update(canonical).digest("hex");
  const response = await fetch(new URL(path, baseUrl), { method: "POST", body: new URLSearchParams({ ...params, signature }) });
  const answer = await response.json();
  const verification = answer.verification ?? answer;
  if (verification.error) throw new Error(`Cloudcheck refused with ${verification.error}: ${verification.message}`);
  if (verification.pepMatches?.length) return "review";
  return verification.verificationSuccess ? "approved" : "rejected";
}

/** Ask Shufti Pro to screen a person; the decision comes to callbackUrl. Resolves to the event answered at once. */
export async function screenPerson({ baseUrl, clientId, secretKey }, { firstName, lastName, dob }, reference, callbackUrl) {
  const response = await fetch(baseUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${clientId}:${secretKey}`)}` },
    body: JSON.stringify({
      reference,
      callback_url: callbackUrl,
      background_checks: { name: { first_name: firstName, last_name: lastName }, dob },
    }),
  });
  return (await response.json()).event;
}

/** Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key, as for accounts since March 2023. */
export function isGenuine(body, signature, secretKey) {
  const sha256 = (data) => createHash("sha256").update(data).digest("hex");
  const expected = sha256(Buffer.concat([body, Buffer.from(sha256(secretKey))]));
  return signature?.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

/** The receiver of Shufti Pro's callbacks. Decisions go into the map: reference → event. */
export function callbackServer(secretKey, decisions) {
  return createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (!isGenuine(body, request.headers.signature, secretKey)) return response.writeHead(401).end();
    const { reference, event } = JSON.parse(body);
    decisions.set(reference, event);
    response.writeHead(200).end();
  });
}
