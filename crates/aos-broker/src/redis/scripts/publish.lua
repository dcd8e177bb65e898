-- Adds an event to a tenant's log, keeps the log small, and rings.
-- The head holds: the id before this era's first, the last id, and the bytes kept. Ids are below 2^53, which Lua counts exactly.
local log, head = KEYS[1], KEYS[2]
local told, ttl, channel = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local topic, at, payload = ARGV[4], ARGV[5], ARGV[6]
local max_events, max_bytes = tonumber(ARGV[7]), tonumber(ARGV[8])

local known = redis.call('HMGET', head, 'beginning', 'last', 'bytes')
local beginning, last, bytes = tonumber(known[1]), tonumber(known[2]), tonumber(known[3])
if not (beginning and last and bytes) or last < told then
  local time = redis.call('TIME')
  beginning = math.max(time[1] * 1000000 + time[2], told)
  last, bytes = beginning, 0
  redis.call('DEL', log)
end

last = last + 1
local id = string.format('%.0f', last)
redis.call('XADD', log, id .. '-0', 'topic', topic, 'at', at, 'payload', payload)
bytes = bytes + #payload
local length = redis.call('XLEN', log)
while length > max_events or bytes > max_bytes do
  local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
  bytes = bytes - #oldest[2][6]
  redis.call('XDEL', log, oldest[1])
  length = length - 1
  if length == 0 then bytes = 0 end
end

redis.call('HSET', head, 'beginning', string.format('%.0f', beginning), 'last', id, 'bytes', string.format('%.0f', bytes))
redis.call('PEXPIRE', log, ttl)
redis.call('PEXPIRE', head, ttl)
redis.call('PUBLISH', channel, id)
return id
