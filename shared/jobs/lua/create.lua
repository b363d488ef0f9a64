-- Creates a job with all its units and their messages, or answers with the job of the same Idempotency-Key.
-- ARGV: the job (JSON), queue limit, time to live (ms), idempotency key or '', fingerprint, its time to live (ms)
local j = cjson.decode(ARGV[1])
local limit, ttl = tonumber(ARGV[2]), tonumber(ARGV[3])
if ARGV[4] ~= '' then
  local known = redis.call('HMGET', ARGV[4], 'fingerprint', 'job')
  -- The key of a job that was deleted or has expired is as good as new.
  if known[1] and redis.call('EXISTS', job_key(known[2])) == 1 then
    if known[1] ~= ARGV[5] then return {'mismatch', known[2]} end
    return {'replayed', known[2]}
  end
end
-- The same create sent twice, because the first answer was lost on its way, makes one job.
if redis.call('EXISTS', job_key(j.id)) == 1 then return {'made before', j.id} end

local items = 0
for _, u in ipairs(j.units) do items = items + u.count end
local open = tonumber(redis.call('GET', P .. 'open-items') or '0')
if open > 0 and open + items > limit then return {'full', tostring(open)} end

local now = now_ms()
local key = job_key(j.id)
redis.call('HSET', key, 'id', j.id, 'kind', j.kind, 'queue', j.queue, 'single', j.single and '1' or '0',
  'status', 'queued', 'created_at', now, 'attempt', 1, 'done', 0, 'failed', 0, 'total', j.total,
  'open_units', #j.units, 'next_unit', #j.units, 'ttl_ms', ttl, 'spec', j.spec)
if j.owner then redis.call('HSET', key, 'owner', j.owner) end
if j.origin then redis.call('HSET', key, 'origin', j.origin) end
if j.webhook then redis.call('HSET', key, 'webhook', j.webhook) end
if j.max_failure_rate then redis.call('HSET', key, 'max_failure_rate', j.max_failure_rate) end
-- A long list has thousands of units, and a command for several takes hardly longer than one for a single unit. Lua
-- hands on a few thousand values at once.
local AT_ONCE = 1000
for start = 1, #j.units, AT_ONCE do
  local ids, firsts, waits = {}, {}, {}
  for n = start, math.min(start + AT_ONCE - 1, #j.units) do
    local u, uid = j.units[n], j.id .. ':' .. (n - 1)
    redis.call('HSET', unit_key(uid), 'state', 'queued', 'attempt', 0, 'queue', j.queue,
      'payload', u.payload, 'first', u.first, 'count', u.count)
    ids[#ids + 1] = uid
    firsts[#firsts + 1], firsts[#firsts + 2] = u.first, n - 1
    waits[#waits + 1], waits[#waits + 2] = now, uid
  end
  redis.call('ZADD', units_key(j.id), unpack(firsts))
  redis.call('ZADD', waiting_key(j.queue), unpack(waits))
  send_all(j.queue, ids)
end
redis.call('INCRBY', P .. 'open-items', items)
index('add', j.id, j.kind, 'queued')
if ARGV[4] ~= '' then
  redis.call('HSET', ARGV[4], 'fingerprint', ARGV[5], 'job', j.id)
  redis.call('PEXPIRE', ARGV[4], ARGV[6])
end
return {'created', now}
