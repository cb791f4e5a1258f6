"""Writes test/fixtures/jinja/values.json: what Jinja2 makes of the templates beside it.

    pip install jinja2 && python3 scripts/jinja-values.py

With StrictUndefined. White space is that of prompts here (trim_blocks, lstrip_blocks, the last end of a line kept),
or Jinja2's default where the group says `whitespace: jinja`.
"""

import json
import pathlib

import jinja2

folder = pathlib.Path(__file__).resolve().parent.parent / "test/fixtures/jinja"
groups = json.loads((folder / "templates.json").read_text())


def environment(trims):
    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.loopcontrols"],
        trim_blocks=trims,
        lstrip_blocks=trims,
        keep_trailing_newline=trims,
    )


def render(env, template, variables):
    try:
        return env.from_string(template).render(**variables)
    except Exception as error:  # what is wrong is part of the answer
        return {"error": type(error).__name__}


values = {
    "jinja2": jinja2.__version__,
    "groups": [
        [
            render(environment(group.get("whitespace") != "jinja"), template, group["variables"])
            for template in group["templates"]
        ]
        for group in groups
    ],
}
(folder / "values.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n")
print(f"Jinja2 {jinja2.__version__}: {sum(map(len, values['groups']))} templates")
