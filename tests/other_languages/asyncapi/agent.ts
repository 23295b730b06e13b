// An agent of the contract `agent-platform`: its types are Modelina's, its subjects are those of the AsyncAPI document.
//
// Its only argument is the document; the server is named by NATS_URL.
import * as fs from "node:fs";
import * as readline from "node:readline";

import { connect } from "@nats-io/transport-node";

import { AgentRegistered } from "./models/AgentRegistered";
import { Priority } from "./models/Priority";
import { TaskCompleted } from "./models/TaskCompleted";
import { TaskRequest } from "./models/TaskRequest";
import { TaskResponse } from "./models/TaskResponse";
import { TaskStatus } from "./models/TaskStatus";

const NAME = "typescript_agent";

interface Channel {
  address: string;
  parameters?: Record<string, { "x-natsmith"?: { pattern?: string } }>;
}

const document = JSON.parse(fs.readFileSync(process.argv[2] as string, "utf8"));

/** The subject of a channel, with tokens that its parameters accept. */
function subject(id: string, tokens: Record<string, string>): string {
  const channel: Channel = document.channels[id];
  return channel.address.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = tokens[name] as string;
    const pattern = channel.parameters?.[name]?.["x-natsmith"]?.pattern ?? "";
    if (!new RegExp(pattern).test(text)) {
      throw new Error(`${text} is no ${name}`);
    }
    return text;
  });
}

function work(task: TaskRequest): TaskResponse {
  if (task.priority === Priority.LOW) {
    return { task_id: task.task_id, status: TaskStatus.REJECTED, error: "I am busy" };
  }
  const words = String(task.payload["text"]).split(" ").length;
  return { task_id: task.task_id, status: TaskStatus.COMPLETED, result: { words } };
}

async function main(): Promise<void> {
  const connection = await connect({ servers: process.env["NATS_URL"] as string, name: NAME });
  const queue: string = document.operations["agent.task.answer"].bindings.nats.queue;
  connection.subscribe(subject("agent.task", { agent_name: NAME }), {
    queue,
    callback(error, message) {
      if (error) {
        throw error;
      }
      const answer = work(message.json<TaskRequest>());
      message.respond(JSON.stringify(answer));
      const told: TaskCompleted = {
        task_id: answer.task_id,
        agent_name: NAME,
        status: answer.status,
        timestamp: new Date().toISOString(),
      };
      connection.publish(subject("platform.task_completed", {}), JSON.stringify(told));
    },
  });
  await connection.flush();
  const came: AgentRegistered = { agent_name: NAME, task_types: ["count_words"], timestamp: new Date().toISOString() };
  connection.publish(subject("platform.agent_registered", {}), JSON.stringify(came));
  // Until whoever started this program closes its standard input.
  readline.createInterface({ input: process.stdin }).on("close", () => void connection.drain());
  await connection.closed();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
