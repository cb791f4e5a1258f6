"""A service with one of Langfuse's clients for Python, 2 to 5, which knows Sluice's address and a key.

Reads {prompt, users, scores} as JSON from its only argument: scores says what each version is rated. Each user gets the
prompt by their cell, a generation and a score; a line of JSON says what they were served.
"""

import contextlib
import hashlib
import json
import sys

import langfuse
from langfuse import Langfuse

job = json.loads(sys.argv[1])
client = Langfuse()


def ask(user):
    label = "production~~" + hashlib.sha256(user.encode()).hexdigest()[:2]
    return client.get_prompt(job["prompt"], type="chat", label=label)


def with_traces_of_its_own(user, prompt):
    """2: traces, generations and their ends are events of a batch."""
    trace = client.trace(name="handle-request", user_id=user)
    generation = trace.generation(name="answer", prompt=prompt, usage={"input": 10, "output": 5})
    generation.end()
    return trace.id


def with_spans(user, prompt):
    """3 to 5: OpenTelemetry. 3 may say the user on the trace's root alone, which is what is done with it here."""
    on_root = hasattr(client, "update_current_trace")
    about = contextlib.nullcontext() if on_root else langfuse.propagate_attributes(user_id=user)
    with about, client.start_as_current_observation(name="handle-request", as_type="span") as root:
        with client.start_as_current_observation(
            name="answer", as_type="generation", prompt=prompt, usage_details={"input": 10, "output": 5}
        ):
            pass
        if on_root:
            client.update_current_trace(user_id=user)
        return root.trace_id


for user in job["users"]:
    prompt = ask(user)
    by_events = hasattr(client, "trace")
    trace = with_traces_of_its_own(user, prompt) if by_events else with_spans(user, prompt)
    score = client.score if by_events else client.create_score
    score(trace_id=trace, name="rating", value=job["scores"][str(prompt.version)])
    print(json.dumps({"user": user, "name": prompt.name, "version": prompt.version}))

client.flush()
client.shutdown()
