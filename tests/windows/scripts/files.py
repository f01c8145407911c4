"""Json files that the scripts read and write."""

import json
from pathlib import Path


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write(path, content):
    Path(path).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
