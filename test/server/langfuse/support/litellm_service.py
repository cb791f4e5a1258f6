"""A service that asks models through LiteLLM, whose prompts come from Langfuse's address. Each ask is made as it stands,
its variables filled by LiteLLM; a line of JSON says what went wrong with it, or null.
"""

import json
import sys

import litellm

job = json.loads(sys.argv[1])

for ask in job["asks"]:
    try:
        litellm.completion(
            model="langfuse/" + job["model"],
            prompt_id=job["prompt"],
            messages=[],
            api_base=job["models"],
            api_key="local",
            **ask,
        )
        print(json.dumps(None))
    except Exception as error:  # Whatever it is: the test says what it expects.
        print(json.dumps(str(error)))
