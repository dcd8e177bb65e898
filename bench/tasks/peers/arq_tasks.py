"""arq: asyncio and Redis. `poll_delay` is lowered in its favour: the default of 0.5 s bounds its rate at 2 × max_jobs."""
from arq.connections import RedisSettings
from marks import REDIS_PORT, mark


async def noop(context):
    pass


async def marked(context, name):
    mark(name)


class WorkerSettings:
    functions = [noop, marked]
    redis_settings = RedisSettings(host="127.0.0.1", port=REDIS_PORT, database=1)
    keep_result = 0
    poll_delay = 0.05
    max_jobs = 50
    log_results = False
