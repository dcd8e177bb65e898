-- Counts one more, from the first on for so many milliseconds; returns the count and how long it lasts.
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, math.max(redis.call('PTTL', KEYS[1]), 0) }
