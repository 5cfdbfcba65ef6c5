"""firefly's own Python client. URL and tasks (JSON) are arguments."""

import json
import re
import sys

from firefly_client import Client, FireflyError

url, tasks = sys.argv[1], {task["task_id"]: task for task in json.load(open(sys.argv[2]))}
client = Client(url, token="sesame")
rewards, verdicts = [], []


def plain(server, tool):
    name = re.sub("[^A-Za-z0-9_]", "_", f"{server}__{tool}")
    return "_" + name if name[0].isdigit() else name


for split in client.splits():
    for task in client.tasks(split):
        known = tasks.get(task.task_id)
        if known is None:
            continue
        for right in (True, False):
            with client.session(task) as session:
                assert known["question"] in session.prompt
                names = [tool.name for tool in session.tools]
                for call in json.loads(known["gold_calls"]):
                    name = plain(call["server"], call["tool"])
                    assert name in names
                    verdicts.append(session.call(name, **call["arguments"]).verdict)
                rewards.append((right, session.submit(json.loads(known["answer"]) if right else {})))
            try:
                session.call(name)
                raise SystemExit("a session that is closed answers")
            except FireflyError as error:
                assert error.status == 404, error
print(json.dumps({"rewards": rewards, "verdicts": verdicts}))
