"""An agent of the contract `mister-smith`: its types are Modelina's, its subjects are those of the AsyncAPI document.

Its only argument is the document; the server is named by NATS_URL, and PYTHONPATH names the folder of the models.
"""

import asyncio
import json
import os
import re
import sys
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path

import nats

from models.agent_capabilities import AgentCapabilities
from models.agent_command import AgentCommand
from models.agent_heartbeat import AgentHeartbeat
from models.agent_state import AgentState
from models.agent_status import AgentStatus
from models.capability_query import CapabilityQuery
from models.command_type import CommandType

NAME = "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b"

DOCUMENT = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def subject(channel, **tokens):
    """The subject of a channel, with tokens that its parameters accept."""
    channel = DOCUMENT["channels"][channel]
    for name, text in tokens.items():
        parameter = channel["parameters"][name]
        assert text == "*" or text in parameter.get("enum", [text]), f"{text} is no {name}"
        assert text == "*" or re.search(parameter.get("x-natsmith", {}).get("pattern", ""), text), f"{text} is no {name}"
    return channel["address"].format(**tokens)


def example(message, **members):
    """The first example of a message, with some members of our own."""
    return {**DOCUMENT["components"]["messages"][message]["examples"][0]["payload"], **members}


def plain(value):
    """What JSON knows of a model."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__"):
        return {name.removeprefix("_"): plain(member) for name, member in vars(value).items()}
    return value


def encoded(model):
    return json.dumps(plain(model)).encode()


def now():
    return datetime.now(timezone.utc).isoformat()


async def main():
    connection = await nats.connect(os.environ["NATS_URL"], name=NAME)
    sent = 0

    async def beat():
        nonlocal sent
        sent += 1
        heartbeat = AgentHeartbeat(example("AgentHeartbeat", agent_id=NAME, timestamp=now(), sequence=sent))
        await connection.publish(subject("agents.heartbeat", agent_id=NAME), encoded(heartbeat))

    async def on_query(message):
        CapabilityQuery(json.loads(message.data))
        answer = AgentCapabilities(example("AgentCapabilities", agent_id=NAME))
        await connection.publish(message.reply, encoded(answer))

    async def on_command(message):
        command = AgentCommand(json.loads(message.data))
        state = AgentState.STOPPING if command.command_type == CommandType.STOP else AgentState.ERROR
        status = AgentStatus(example("AgentStatus", agent_id=NAME, timestamp=now(), status=state.value))
        told = subject("agents.status", agent_id=NAME, status_type=status.status.value)
        await connection.publish(told, encoded(status), headers={"Nats-Msg-Id": f"{NAME}-{sent}"})

    await connection.subscribe(subject("agents.capabilities", agent_id=NAME), cb=on_query)
    await connection.subscribe(subject("agents.commands", agent_id=NAME, command_type="*"), cb=on_command)
    await connection.flush()
    await beat()
    # Until whoever started this program closes its standard input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await beat()
    await connection.drain()


asyncio.run(main())
