-- Forgets a job that has ended. ARGV: job id
local id = ARGV[1]
local j = redis.call('HMGET', job_key(id), 'kind', 'status')
if not j[1] then return 'unknown' end
if not FINAL[j[2]] then return 'running' end
for _, n in ipairs(redis.call('ZRANGE', units_key(id), 0, -1)) do redis.call('DEL', unit_key(id .. ':' .. n)) end
redis.call('DEL', job_key(id), units_key(id), counts_key(id), tries_key(id))
index('remove', id, j[1], j[2])
redis.call('ZREM', P .. 'expiring', id)
return 'deleted'
