-- Takes from a bucket, as `local/rate.rs` does. The key holds the microsecond at which the bucket is full again.
local step, depth, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local backlog = math.max((tonumber(redis.call('GET', KEYS[1])) or now) - now, 0)
local wanted = backlog + cost * step
if wanted > depth then
  return { 0, string.format('%.0f', backlog) }
end
if wanted > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', now + wanted), 'PX', math.ceil(wanted / 1000))
end
return { 1, string.format('%.0f', wanted) }
