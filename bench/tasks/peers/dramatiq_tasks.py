"""Dramatiq: threads and Redis, without durability. `dramatiq_queue_prefetch` is raised in its favour: its default throttles it."""
import dramatiq
from dramatiq.brokers.redis import RedisBroker
from marks import REDIS_URL, mark

broker = RedisBroker(url=REDIS_URL)
dramatiq.set_broker(broker)


@dramatiq.actor
def noop():
    pass


@dramatiq.actor
def marked(name):
    mark(name)
