-- Returns the era of a tenant's log, its last id, and events after the last one that the reader has. A log that is not there begins
-- here, so that its readers know from when on they miss nothing. Where the reader's process told more, by itself while it was cut off,
-- an era begins too, and rings: the readers of other processes missed that, and shall know.
local log, head = KEYS[1], KEYS[2]
local told, ttl, channel = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local readers_beginning, readers_last, count = tonumber(ARGV[4]), ARGV[5], ARGV[6]

local known = redis.call('HMGET', head, 'beginning', 'last')
local beginning, last = tonumber(known[1]), tonumber(known[2])
if not (beginning and last) or last < told then
  if last then redis.call('PUBLISH', channel, '') end
  local time = redis.call('TIME')
  beginning = math.max(time[1] * 1000000 + time[2], told)
  last = beginning
  redis.call('DEL', log)
  redis.call('HSET', head, 'beginning', string.format('%.0f', beginning), 'last', string.format('%.0f', last), 'bytes', 0)
end
redis.call('PEXPIRE', log, ttl)
redis.call('PEXPIRE', head, ttl)

local after = readers_last
if beginning ~= readers_beginning then after = string.format('%.0f', beginning) end
local events = redis.call('XRANGE', log, '(' .. after .. '-0', '+', 'COUNT', count)
return { string.format('%.0f', beginning), string.format('%.0f', last), events }
