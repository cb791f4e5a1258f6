"""Writes src/domain/models/model-table.ts: prices, windows and abilities of the vendors' models, from LiteLLM's table.

    python3 scripts/refresh-models.py            the newest release of LiteLLM on PyPI (needs pip)
    python3 scripts/refresh-models.py FILE.json  a copy of its model_prices_and_context_window.json

Nothing in the table is typed by hand; what is missing or wrong in it is said to LiteLLM, or in a prices file.
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = "litellm/model_prices_and_context_window_backup.json"
# A dated name has what its model has, unless the table says otherwise.
SNAPSHOT = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$")


def newest():
    folder = pathlib.Path(tempfile.mkdtemp())
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "litellm"], check=True
    )
    wheel = next(folder.glob("litellm-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        return json.loads(archive.read(TABLE)), f"LiteLLM {wheel.name.split('-')[1]}"


def per_million(row, key):
    value = row.get(key)
    return None if value is None else float(f"{value * 1e6:.6g}")


def sampling(name, row):
    """When temperature and its like are taken; None: always."""
    if row["litellm_provider"] == "anthropic":
        return "never" if row.get("supports_sampling_params") is False else None
    if not row.get("supports_reasoning") or "-chat" in name:
        return None
    if not row.get("supports_none_reasoning_effort"):
        return "never"
    return "unless_reasoning" if row.get("default_reasoning_effort") == "none" else "without_reasoning"


def facts(name, row):
    found = {
        "window": row.get("max_input_tokens"),
        "maxOutput": row.get("max_output_tokens"),
        "input": per_million(row, "input_cost_per_token"),
        "output": per_million(row, "output_cost_per_token"),
        "cachedInput": per_million(row, "cache_read_input_token_cost"),
        "cacheWrite": per_million(row, "cache_creation_input_token_cost"),
        "retires": row.get("deprecation_date"),
    }
    if row["mode"] != "embedding":
        found |= {
            "reasoning": True if row.get("supports_reasoning") and "-chat" not in name else None,
            "sampling": sampling(name, row),
            "prefill": False if row.get("supports_assistant_prefill") is False else None,
            "forcedTools": False if row.get("supports_forced_tool_use") is False else None,
            "schema": None if row.get("supports_response_schema") else False,
            "images": None if row.get("supports_vision") else False,
        }
    return {key: value for key, value in found.items() if value is not None}


def main():
    if len(sys.argv) > 1:
        table, source = json.loads(pathlib.Path(sys.argv[1]).read_text()), "a copy of LiteLLM's table"
    else:
        table, source = newest()
    rows = {
        f"{row['litellm_provider']}/{name}": facts(name, row)
        for name, row in table.items()
        if row.get("litellm_provider") in ("openai", "anthropic")
        and row.get("mode") in ("chat", "responses", "embedding")
        and "input_cost_per_token" in row
        and not name.startswith("ft:")
    }
    kept = {
        name: row
        for name, row in sorted(rows.items())
        if SNAPSHOT.sub("", name) == name or row != rows.get(SNAPSHOT.sub("", name))
    }
    lines = [
        f"// Written by scripts/refresh-models.py from {source}; not edited by hand.",
        "/** The day on which it was written. */",
        f'export const MODEL_TABLE_DATE = "{datetime.date.today()}";',
        "",
        "// oxfmt-ignore",
        "export const MODEL_TABLE = {",
        *(f"  {json.dumps(name)}: {json.dumps(row)}," for name, row in kept.items()),
        "} as const;",
    ]
    path = ROOT / "src/domain/models/model-table.ts"
    path.write_text("\n".join(lines) + "\n")
    print(f"{len(kept)} models from {source}")


main()
