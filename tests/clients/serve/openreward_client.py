"""The Open Reward Standard with the `openreward` client, as TRL's `OpenRewardSpec` drives it. URL and tasks are arguments."""

import json
import re
import sys

import openreward
from openreward.api.environments import ToolCallError

url, tasks = sys.argv[1], {task["task_id"]: task for task in json.load(open(sys.argv[2]))}
# Without it the client asks `sessions.` before the host.
env = openreward.OpenReward(base_url=url).environments.get("env", base_url=url)


def plain(server, tool):
    name = re.sub("[^A-Za-z0-9_]", "_", f"{server}__{tool}")
    return "_" + name if name[0].isdigit() else name


splits = env.list_splits()
shared = {tool.name for tool in env.list_tools()}
assert all(name.isidentifier() for name in shared), shared
rewards, verdicts, finished = [], [], []
for split in splits:
    assert env.num_tasks(split) == len(env.list_tasks(split))
    for index, task in enumerate(env.list_tasks(split)):
        assert env.get_task(split, index).task_spec == task.task_spec == env.get_task_range(split, index, index + 1)[0].task_spec
        assert "answer" not in task.task_spec
        known = tasks.get(task.task_spec["task_id"])
        if known is None:
            continue
        for right in (True, False):
            with env.session(split=split, index=index) as session:
                assert known["question"] in session.get_prompt()[0].text
                bound = {tool.name: tool for tool in session.list_tools()}
                assert set(bound) <= shared
                for call in json.loads(known["gold_calls"]):
                    name = plain(call["server"], call["tool"])
                    # TRL passes every parameter it bound, nulls for those left out.
                    given = {p: None for p in bound[name].input_schema.get("properties", {}) if p not in bound[name].input_schema.get("required", [])
                             and "default" not in bound[name].input_schema["properties"][p]}
                    output = session.call_tool(name, {**given, **call["arguments"]})
                    assert output.reward is None and not output.finished
                    verdicts.append(output.metadata["firefly/verdict"])
                output = session.call_tool("submit_answer", {"answer": json.loads(known["answer"]) if right else {}})
                rewards.append((right, output.reward))
                finished.append(output.finished)
                try:
                    session.call_tool("submit_answer", {"answer": {}})
                    raise SystemExit("an episode goes on after its end")
                except ToolCallError as error:
                    assert error.reason == "episode_finished", error
print(json.dumps({"rewards": rewards, "verdicts": verdicts, "finished": finished}))
