-- Adds a notice, keeps about so many, and rings.
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'position', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], '')
