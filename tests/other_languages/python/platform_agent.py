"""An agent of the contract `agent-platform`: it comes, does tasks once each, and tells of it.

Its only argument is the folder of the generated JSON Schemas; the server is named by NATS_URL.
"""

import asyncio
import os
import sys
from datetime import datetime, timezone

import nats

from contract import Contract, Refused, refusal, until_closed

NAME = "python_agent"


def now():
    return datetime.now(timezone.utc).isoformat()


async def main():
    contract = Contract(sys.argv[1])
    connection = await nats.connect(os.environ["NATS_URL"], name=NAME)
    answers = {}

    def work(task):
        words = len(str(task["payload"].get("text", "")).split())
        return {"task_id": task["task_id"], "status": "completed", "result": {"words": words, "run": len(answers) + 1}}

    async def on_task(message):
        try:
            task = contract.read("TaskRequest", message.data)
        except Refused as error:
            await connection.publish(message.reply, b"", headers=refusal(error))
            return
        if task["task_type"] != "count_words":
            why = contract.write("TaskRefusal", {"task_id": task["task_id"], "reason": "unknown_type"})
            await connection.publish(message.reply, why, headers=refusal("I count words", 422))
            return
        if task["task_id"] not in answers:
            answers[task["task_id"]] = work(task)
            answer = answers[task["task_id"]]
            told = {key: answer[key] for key in ("task_id", "status")} | {"agent_name": NAME, "timestamp": now()}
            await connection.publish("platform.events.task_completed", contract.write("TaskCompleted", told))
        await connection.publish(message.reply, contract.write("TaskResponse", answers[task["task_id"]]))

    await connection.subscribe(f"agent.{NAME}.task", queue="agents", cb=on_task)
    # Whoever hears that it has come may ask at once: the server must know of the subscription by then.
    await connection.flush()
    came = {"agent_name": NAME, "task_types": ["count_words"], "timestamp": now()}
    await connection.publish("platform.events.agent_registered", contract.write("AgentRegistered", came))
    await until_closed(asyncio.get_running_loop())
    await connection.drain()


asyncio.run(main())
