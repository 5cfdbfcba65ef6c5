"""OpenEnv's `GenericEnvClient` and `MCPToolClient`. URL and tasks (JSON) are arguments."""

import json
import sys

from openenv.core import GenericEnvClient
from openenv.core.mcp_client import MCPToolClient

url, tasks = sys.argv[1], json.load(open(sys.argv[2]))
rewards, verdicts = [], []
for known in tasks:
    calls = [(f"{call['server']}__{call['tool']}", call["arguments"]) for call in json.loads(known["gold_calls"])]
    answer = json.loads(known["answer"])
    with GenericEnvClient(base_url=url).sync() as env:
        first = env.reset(task_id=known["task_id"])
        assert known["question"] in first.observation["question"] and not first.done
        tools = env.step({"type": "list_tools"}).observation["tools"]
        assert {name for name, _ in calls} | {"submit_answer"} <= {tool["name"] for tool in tools}
        for name, arguments in calls:
            result = env.step({"type": "call_tool", "tool_name": name, "arguments": arguments})
            assert result.observation["result"]["content"] and not result.done
            verdicts.append(result.metadata["firefly/verdict"])
        last = env.step({"type": "call_tool", "tool_name": "submit_answer", "arguments": {"answer": answer}})
        assert last.done
        rewards.append((True, last.reward))
        assert env.state()["step_count"] == len(calls) + 1
    with MCPToolClient(base_url=url).sync() as env:
        env.reset(task_id=known["task_id"])
        assert {name for name, _ in calls} <= {tool.name for tool in env.list_tools()}
        for name, arguments in calls:
            assert env.call_tool(name, **arguments) is not None
        wrong = env.call_tool("submit_answer", answer={})
        rewards.append((False, wrong["reward"]))
        try:
            env.call_tool("nobody__nothing")
            raise SystemExit("a tool that is not there answers")
        except RuntimeError as error:
            assert "Unknown tool" in str(error), error
print(json.dumps({"rewards": rewards, "verdicts": verdicts}))
