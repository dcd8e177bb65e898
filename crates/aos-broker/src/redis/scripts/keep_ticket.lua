-- Keeps a ticket, unless the tenant has as many as it may. The set holds for each waiting ticket when it ends.
local ticket, waiting = KEYS[1], KEYS[2]
local digest, bearer, ttl, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', waiting, '-inf', now)
if redis.call('ZCARD', waiting) >= limit then return 0 end
redis.call('SET', ticket, bearer, 'PX', ttl)
redis.call('ZADD', waiting, now + ttl, digest)
-- No ticket outlives the longest life of one.
redis.call('PEXPIRE', waiting, math.max(ttl, redis.call('PTTL', waiting)))
return 1
