"""TRL's `OpenRewardSpec`: data set, environments and rewards, as `GRPOTrainer` takes them. URL and tasks (JSON) are arguments."""

import json
import keyword
import os
import re
import sys

# Without it the client asks `sessions.` before the host.
os.environ["OPENREWARD_SESSION_URL"] = sys.argv[1]

from trl.experimental.openreward import OpenRewardSpec

url, tasks = sys.argv[1], {task["task_id"]: task for task in json.load(open(sys.argv[2]))}


def plain(name):
    name = re.sub("[^A-Za-z0-9_]", "_", name)
    return "_" + name if name[0].isdigit() else name + "_" * (keyword.iskeyword(name) or name == "self")


rewards, verdicts = [], []
# Else it binds the tools of the first task alone.
spec = OpenRewardSpec(url, discover_task_tools=False)
dataset = spec.train_dataset
assert {"prompt", "task_index", "task_id", "difficulty"} <= set(dataset.column_names), dataset.column_names
make = spec.environment_factory
for row in dataset:
    known = tasks.get(row["task_id"])
    if known is None:
        continue
    for right in (True, False):
        env = make()
        assert known["question"] in env.reset(**row)
        for call in json.loads(known["gold_calls"]):
            # Arguments that the model leaves out are nulls or the schema's defaults here.
            arguments = {plain(name): value for name, value in call["arguments"].items()}
            getattr(env, plain(f"{call['server']}__{call['tool']}"))(**arguments)
            verdicts.append(env.metadata[-1]["firefly/verdict"])
        env.submit_answer(answer=json.loads(known["answer"]) if right else {})
        assert env.finished
        rewards.append((right, spec.reward_funcs([env])[0]))
        env._close()
print(json.dumps({"rewards": rewards, "verdicts": verdicts}))
