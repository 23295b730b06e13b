// Finds the service of the contract `agent-platform`, calls it, and hears the platform's events.
//
// Its arguments are the folder of the generated JSON Schemas and the folder of the contract's examples; the server is named by NATS_URL. It
// writes one line of JSON for each thing that it finds out.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const { connect } = require("@nats-io/transport-node");
const { Svcm } = require("@nats-io/services");
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const [schemas, examples] = process.argv.slice(2);
const ajv = new Ajv({ strict: false, allErrors: false });
addFormats(ajv);
const validators = new Map();

/** The first fault of a document, or null. */
function fault(payload, text) {
  if (!validators.has(payload)) {
    const schema = JSON.parse(fs.readFileSync(path.join(schemas, `${payload}.json`), "utf8"));
    validators.set(payload, ajv.compile(schema));
  }
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return String(error);
  }
  const validate = validators.get(payload);
  return validate(document) ? null : `${validate.errors[0].instancePath}: ${validate.errors[0].keyword}`;
}

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function all(found) {
  const answers = [];
  for await (const answer of await found) {
    answers.push(answer);
  }
  return answers;
}

async function main() {
  const connection = await connect({ servers: process.env.NATS_URL, name: "caller" });
  const services = new Svcm(connection).client({ strategy: "count", maxMessages: 1, maxWait: 5000 });
  const [ping] = await all(services.ping("task-desk"));
  const [info] = await all(services.info("task-desk", ping.id));
  tell({ ping, info });

  const { subject } = info.endpoints[0];
  for (const verdict of ["valid", "invalid"]) {
    const folder = path.join(examples, "TaskRequest", verdict);
    for (const file of fs.readdirSync(folder).sort()) {
      const text = fs.readFileSync(path.join(folder, file), "utf8");
      const answer = await connection.request(subject, text, { timeout: 5000 });
      tell({
        file,
        verdict,
        own: fault("TaskRequest", text),
        code: answer.headers?.get("Nats-Service-Error-Code") || null,
        error: answer.headers?.get("Nats-Service-Error") || null,
        answer: answer.data.length > 0 ? answer.json() : null,
        fault: answer.data.length > 0 ? fault("TaskResponse", answer.string()) : null,
      });
    }
  }
  const [stats] = await all(services.stats("task-desk", ping.id));
  tell({ stats });

  const payloads = { agent_registered: "AgentRegistered", task_completed: "TaskCompleted" };
  connection.subscribe("platform.events.*", {
    callback(error, message) {
      const payload = payloads[message.subject.split(".")[2]];
      tell({ heard: message.subject, fault: error ? String(error) : fault(payload, message.string()) });
    },
  });
  await connection.flush();
  tell({ listening: true });
  // Until whoever started this program closes its standard input.
  readline.createInterface({ input: process.stdin }).on("close", () => connection.drain());
  await connection.closed();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
