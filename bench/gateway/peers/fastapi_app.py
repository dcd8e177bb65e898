"""FastAPI and asyncpg: a signed token, its tenant's 50 rows; written by Python (/rows) or by PostgreSQL (/json)."""
import contextlib
import os

import asyncpg
import jwt
from fastapi import FastAPI, Header, HTTPException, Response

COLUMNS = "id, name, account_id, stage, amount, currency, close_date, owner, probability, created_at, updated_at"
pool = None


@contextlib.asynccontextmanager
async def lifespan(_):
    global pool
    pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=10, max_size=10)
    yield


app = FastAPI(lifespan=lifespan)


def tenant(authorization):
    try:
        return jwt.decode(authorization.removeprefix("Bearer "), os.environ["BENCH_SECRET"], algorithms=["HS256"])["tenant"]
    except jwt.PyJWTError:
        raise HTTPException(401) from None


@app.get("/rows")
async def rows(authorization: str = Header("")):
    found = await pool.fetch(f"SELECT {COLUMNS} FROM opportunities WHERE tenant = $1 ORDER BY id LIMIT 50", tenant(authorization))
    return [dict(row) for row in found]


@app.get("/json")
async def as_json(authorization: str = Header("")):
    text = await pool.fetchval(f"SELECT json_agg(r)::text FROM (SELECT {COLUMNS} FROM opportunities WHERE tenant = $1 ORDER BY id LIMIT 50) r", tenant(authorization))
    return Response(text, media_type="application/json")
