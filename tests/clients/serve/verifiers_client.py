"""NeMo-Gym's protocol with the taskset of `verifiers`: seed, call tools over MCP, verify. URL and tasks (JSON) are arguments."""

import asyncio
import json
import sys
import tempfile
import urllib.request
from pathlib import Path

from verifiers.v1.graph import MessageNode
from verifiers.v1.harnesses.utils.mcp import mcp_client
from verifiers.v1.tasksets.nemo_gym import NeMoGymConfig, NeMoGymTaskset
from verifiers.v1.tasksets.nemo_gym.toolset import NeMoGymState
from verifiers.v1.trace import AgentInfo, Trace, TraceTask
from verifiers.v1.configs.agent import AgentConfig
from verifiers.v1.types import AssistantMessage, ToolCall, ToolMessage, UserMessage

url, tasks = sys.argv[1], {task["task_id"]: task for task in json.load(open(sys.argv[2]))}


async def episode(task, known, right):
    trace = Trace[type(task.data), NeMoGymState, AgentConfig](
        task=TraceTask(type=type(task).__name__, data=task.data), agent=AgentInfo(config=AgentConfig()), state=NeMoGymState()
    )
    await task.setup(trace, None)
    verdicts, nodes = [], [MessageNode(message=UserMessage(content="go"))]

    def add(message, sampled):
        nodes.append(MessageNode(parent=len(nodes) - 1, message=message, sampled=sampled))

    for number, call in enumerate(json.loads(known["gold_calls"])):
        name = f"{call['server']}__{call['tool']}"
        # Each call on a connection of its own, as the toolset makes it.
        async with mcp_client({"url": trace.state.mcp_url, "headers": trace.state.mcp_headers}) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert name in names, (name, names)
            result = await client.call_tool(name, call["arguments"])
        verdicts.append((result.meta or {}).get("firefly/verdict"))
        add(AssistantMessage(content="", tool_calls=[ToolCall(id=str(number), name=name, arguments=json.dumps(call["arguments"]))]), True)
        add(ToolMessage(tool_call_id=str(number), content="…"), False)
    answer = known["answer"] if right else "{}"
    add(AssistantMessage(content=f"The answer is {answer}"), True)
    trace.nodes.extend(nodes)
    trace.state.tool_names = names
    return await task.nemo_gym(trace), verdicts


async def main():
    dataset = Path(tempfile.mkdtemp()) / "tasks.jsonl"
    rows = urllib.request.urlopen(url + "/nemo-gym.jsonl").read().decode().splitlines()
    dataset.write_text("".join(row + "\n" for row in rows if json.loads(row)["task_id"] in tasks))
    taskset = NeMoGymTaskset(NeMoGymConfig(dataset=dataset, task={"resources_url": url}))
    rewards, verdicts = [], []
    for task in taskset.load():
        known = tasks[task.data.row["task_id"]]
        for right in (True, False):
            reward, said = await episode(task, known, right)
            rewards.append((right, reward))
            verdicts += said
    print(json.dumps({"rewards": rewards, "verdicts": verdicts}))


asyncio.run(main())
