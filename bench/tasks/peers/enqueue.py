"""Enqueues no-op tasks of one peer, one call each, and prints how long the calls took.

    enqueue.py SYSTEM COUNT      SYSTEM is arq, dramatiq or procrastinate
"""
import asyncio
import json
import sys
import time


def figures(calls, total):
    calls.sort()
    at = lambda share: round(calls[min(len(calls) - 1, int(len(calls) * share))] * 1e6)
    return {"per_s": round(len(calls) / total, 1), "p50_us": at(0.5), "p95_us": at(0.95), "p99_us": at(0.99)}


async def timed(count, marked, noop):
    """The first and the last task leave a mark."""
    await marked("first")
    calls = []
    begun = time.perf_counter()
    for _ in range(count - 2):
        call = time.perf_counter()
        await noop()
        calls.append(time.perf_counter() - call)
    total = time.perf_counter() - begun
    await marked("last")
    return figures(calls, total)


async def arq(count):
    import arq
    from arq_tasks import WorkerSettings
    pool = await arq.create_pool(WorkerSettings.redis_settings)
    return await timed(count, lambda name: pool.enqueue_job("marked", name), lambda: pool.enqueue_job("noop"))


async def dramatiq(count):
    import dramatiq_tasks

    async def marked(name):
        dramatiq_tasks.marked.send(name)

    async def noop():
        dramatiq_tasks.noop.send()

    return await timed(count, marked, noop)


async def procrastinate(count):
    import procrastinate_tasks
    async with procrastinate_tasks.app.open_async():
        return await timed(count, lambda name: procrastinate_tasks.marked.defer_async(name=name), lambda: procrastinate_tasks.noop.defer_async())


def main():
    systems = {"arq": arq, "dramatiq": dramatiq, "procrastinate": procrastinate}
    print(json.dumps(asyncio.run(systems[sys.argv[1]](int(sys.argv[2])))))


main()
