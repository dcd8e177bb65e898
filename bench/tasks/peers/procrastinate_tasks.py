"""Procrastinate: asyncio and PostgreSQL, durable as ours."""
import procrastinate
from marks import POSTGRES_URL, mark

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=POSTGRES_URL), import_paths=["procrastinate_tasks"])


@app.task
async def noop():
    pass


@app.task
async def marked(name):
    mark(name)
