"""Writes test/fixtures/tokens/counts.json: what tiktoken makes of the texts beside it.

    pip install tiktoken && python3 scripts/token-counts.py

tiktoken fetches its tables when they are first used; where that cannot be, they are made from js-tiktoken's
copies. Either way tiktoken checks them against the hashes that it carries.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENCODINGS = ["cl100k_base", "o200k_base"]
ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"

cache = pathlib.Path(tempfile.mkdtemp())
for name in ENCODINGS:
    module = (ROOT / f"node_modules/js-tiktoken/dist/ranks/{name}.js").read_text()
    table = json.loads(re.search(r'"bpe_ranks":("(?:[^"\\]|\\.)*")', module).group(1))
    lines = []
    for line in table.split("\n"):
        if not line:
            continue
        _, offset, *tokens = line.split(" ")
        lines += [f"{token} {int(offset) + i}\n" for i, token in enumerate(tokens)]
    # The name that tiktoken looks for in its cache.
    (cache / hashlib.sha1(ADDRESS.format(name).encode()).hexdigest()).write_text("".join(lines))
os.environ["TIKTOKEN_CACHE_DIR"] = str(cache)

import tiktoken  # noqa: E402  (it reads the environment when it loads)

folder = ROOT / "test/fixtures/tokens"
texts = json.loads((folder / "texts.json").read_text())
counts = {
    name: {
        script: [len(tiktoken.get_encoding(name).encode(text, disallowed_special=())) for text in group]
        for script, group in texts.items()
    }
    for name in ENCODINGS
}
(folder / "counts.json").write_text(json.dumps({"tiktoken": tiktoken.__version__, **counts}, indent=2) + "\n")
print(f"tiktoken {tiktoken.__version__}: {sum(len(group) for group in texts.values())} texts, {len(ENCODINGS)} encodings")
