-- Raises the number of a tenant's flags and tells it. A number that was forgotten goes on from the time, which is greater.
local generation = redis.call('GET', KEYS[1])
if generation then
  generation = redis.call('INCR', KEYS[1])
else
  local time = redis.call('TIME')
  generation = time[1] * 1000000 + time[2]
end
local text = string.format('%.0f', generation)
redis.call('SET', KEYS[1], text, 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' ' .. text)
return text
