-- Writes how far a unit has come, and what a later attempt must know. ARGV: unit id, attempt, progress (JSON) or '', notes (JSON) or ''
local uid, attempt = ARGV[1], ARGV[2]
local id = string.match(uid, '^(.*):%d+$')
local u = redis.call('HMGET', unit_key(uid), 'state', 'attempt')
if u[1] ~= 'leased' or u[2] ~= attempt then return 'stale' end
if ARGV[3] ~= '' then
  redis.call('HSET', job_key(id), 'progress', ARGV[3])
  publish('progress', id)
end
if ARGV[4] ~= '' then redis.call('HSET', unit_key(uid), 'payload', ARGV[4]) end
return 'recorded'
