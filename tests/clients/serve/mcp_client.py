"""The official MCP SDK, over streamable HTTP (each protocol it speaks) or over stdio. URL or command, and tasks, are arguments."""

import asyncio
import json
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

target, tasks = json.loads(sys.argv[1]), json.load(open(sys.argv[2]))


async def work(client, known, right):
    verdicts = []
    tools = {tool.name for tool in (await client.list_tools()).tools}
    for call in json.loads(known["gold_calls"]):
        name = f"{call['server']}__{call['tool']}"
        assert name in tools, (name, tools)
        result = await client.call_tool(name, call["arguments"])
        verdicts.append(result.meta["firefly/verdict"])
    answer = json.loads(known["answer"]) if right else {}
    result = await client.call_tool("submit_answer", {"answer": answer})
    return result.structured_content["reward"], verdicts


async def main():
    rewards, verdicts, protocols = [], [], set()
    for known in tasks:
        for mode in ("auto", "legacy"):
            for right in (True, False):
                if isinstance(target, str):
                    name = f"{known['task_id']}-{mode}-{right}"
                    where = f"{target}?task={known['task_id']}&session={name}"
                else:
                    where = stdio_client(StdioServerParameters(command=target[0], args=target[1:] + ["--task", known["task_id"]]))
                async with Client(where, mode=mode) as client:
                    protocols.add(client.protocol_version)
                    reward, said = await work(client, known, right)
                    rewards.append((right, reward))
                    verdicts += said
    print(json.dumps({"rewards": rewards, "verdicts": verdicts, "protocols": sorted(protocols)}))


asyncio.run(main())
