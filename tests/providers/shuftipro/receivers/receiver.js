// A receiver as a Node team would write it: 200 where the signature is right, else 400. Prints its port when it listens.
"use strict";

const { createHash, timingSafeEqual } = require("node:crypto");
const { createServer } = require("node:http");

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
const [secret, scheme] = process.argv.slice(2);
const key = scheme === "legacy" ? secret : sha256(secret);

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const computed = Buffer.from(sha256(Buffer.concat(chunks), key));
    const received = Buffer.from(request.headers.signature ?? "");
    const right = computed.length === received.length && timingSafeEqual(computed, received);
    response.writeHead(right ? 200 : 400).end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
