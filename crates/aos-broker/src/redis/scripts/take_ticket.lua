-- Takes a ticket: returns it and forgets it.
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('GETDEL', KEYS[1])
