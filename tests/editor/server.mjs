// The YAML language server that editors use, spoken to over its own protocol.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const program = createRequire(import.meta.url).resolve("yaml-language-server/bin/yaml-language-server");

export class LanguageServer {
  #process = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  #received = Buffer.alloc(0);
  #answers = new Map();
  #diagnostics = new Map();
  #id = 0;

  constructor(schema) {
    this.settings = { schemas: { [schema]: "*.yaml" }, validate: true, completion: true, hover: true, schemaStore: { enable: false } };
    this.#process.stdout.on("data", (bytes) => this.#receive(bytes));
  }

  async start() {
    const textDocument = {
      completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
      hover: { contentFormat: ["markdown"] },
    };
    await this.#ask("initialize", { processId: process.pid, rootUri: null, capabilities: { textDocument, workspace: { configuration: true } } });
    this.#send({ method: "initialized", params: {} });
    return this;
  }

  stop() {
    this.#process.kill();
  }

  // What the editor offers, shows and marks with the cursor at the first | of the text.
  async at(text) {
    const uri = `file:///scenarios/${++this.#id}.yaml`;
    const before = text.split("|")[0].split("\n");
    const position = { line: before.length - 1, character: before.at(-1).length };
    const found = new Promise((resolve) => this.#diagnostics.set(uri, resolve));
    this.#send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text: text.replace("|", "") } } });
    const marked = await found;
    const completion = await this.#ask("textDocument/completion", { textDocument: { uri }, position });
    const hover = await this.#ask("textDocument/hover", { textDocument: { uri }, position });
    return {
      offered: [...new Set((completion?.items ?? []).map((item) => item.label))],
      shown: hover?.contents?.value ?? "",
      marked: marked.map((one) => `${one.range.start.line + 1}: ${one.message}`),
    };
  }

  #send(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #ask(method, params) {
    const id = ++this.#id;
    this.#send({ id, method, params });
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  #receive(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      const length = end < 0 ? NaN : Number(/Content-Length: (\d+)/.exec(this.#received.subarray(0, end))[1]);
      if (!(this.#received.length >= end + 4 + length)) return;
      const message = JSON.parse(this.#received.subarray(end + 4, end + 4 + length));
      this.#received = this.#received.subarray(end + 4 + length);
      this.#handle(message);
    }
  }

  #handle({ id, method, params, result }) {
    if (method === "textDocument/publishDiagnostics") this.#diagnostics.get(params.uri)?.(params.diagnostics);
    else if (method === "workspace/configuration") this.#send({ id, result: params.items.map(({ section }) => (section === "yaml" ? this.settings : null)) });
    else if (method !== undefined && id !== undefined) this.#send({ id, result: null });
    else if (id !== undefined) this.#answers.get(id)?.(result);
  }
}
