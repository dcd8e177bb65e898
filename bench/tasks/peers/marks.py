"""What the peers' tasks share: they say in Redis when the first and the last of a run were done."""
import os
import time

import redis

REDIS_PORT = int(os.environ["BENCH_REDIS_PORT"])
REDIS_URL = f"redis://127.0.0.1:{REDIS_PORT}/1"
POSTGRES_URL = os.environ["BENCH_POSTGRES_URL"]

_marks = None


def marks():
    global _marks
    if _marks is None:
        _marks = redis.Redis("127.0.0.1", REDIS_PORT, db=2)
    return _marks


def mark(name):
    marks().rpush(f"mark:{name}", repr(time.time()))
