"""An agent of the contract `agent-mesh`: it announces itself, answers questions and asks back.

Its only argument is the folder of the generated JSON Schemas; the server is named by NATS_URL.
"""

import asyncio
import os
import sys
import uuid
from datetime import datetime, timezone

import nats

from contract import Contract, Refused, refusal, until_closed

NAME = "python_bot"


def message(kind, content, **more):
    return {
        "message_type": kind,
        "from_agent": NAME,
        "content": content,
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "message_id": str(uuid.uuid4()),
        **more,
    }


async def main():
    contract = Contract(sys.argv[1])
    connection = await nats.connect(os.environ["NATS_URL"], name=NAME)

    async def on_request(request):
        try:
            question = contract.read("AgentRequest", request.data)
        except Refused as error:
            await connection.publish(request.reply, b"", headers=refusal(error))
            return
        # It does not know, and asks the one who has asked for a hint.
        hint = message("request", "A hint?", to_agent=question["from_agent"])
        try:
            subject = f"agents.request.{question['from_agent']}"
            answer = await connection.request(subject, contract.write("AgentRequest", hint), timeout=5)
            known = contract.read("AgentResponse", answer.data)["content"]
        except Refused as error:
            known = f"no answer of this contract: {error}"
        told = message("response", f"{question['content']} {known}", in_reply_to=question["message_id"])
        await connection.publish(request.reply, contract.write("AgentResponse", told))

    await connection.subscribe(f"agents.request.{NAME}", cb=on_request)
    await connection.flush()
    await connection.publish("agents.all", contract.write("Announcement", message("announcement", "Here I am.")))
    await until_closed(asyncio.get_running_loop())
    await connection.publish("agents.all", contract.write("Announcement", message("offline", "Goodbye.")))
    await connection.drain()


asyncio.run(main())
