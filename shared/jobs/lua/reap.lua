-- Finds work that nobody does any more and sends it again. ARGV: lease (ms), longest quiet time (ms), patience (ms), losses allowed, most at once,
-- items of a part of a chunk that was lost once, then the tokens of claims whose process is dead
-- Answers how many were sent, and {{unit, attempt}, …} whose last attempt was lost and whose end is to be written.
local lease, quiet, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local allowed, most, few = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local now = now_ms()
local sent, dead = 0, {}

-- When this script has not run for a while, Redis or the reaper stood still and workers may not have been able to
-- renew: every lease is extended once, and a standstill costs nobody an attempt. Once: a lease that was not renewed
-- since its last extension belongs to nobody who lives.
local last = tonumber(redis.call('GET', P .. 'reaped-at') or now)
redis.call('SET', P .. 'reaped-at', now)
if now - last > quiet then
  for _, uid in ipairs(redis.call('ZRANGE', P .. 'leases', 0, -1)) do
    if redis.call('HSETNX', unit_key(uid), 'grace', 1) == 1 then
      redis.call('ZADD', P .. 'leases', now + lease, uid)
      redis.call('HSET', unit_key(uid), 'lease_until', now + lease)
    end
  end
end

-- The lease of a dead process runs out now.
local orphans = {}
for i = 7, #ARGV do orphans[ARGV[i]] = true end
if next(orphans) then
  for _, uid in ipairs(redis.call('ZRANGE', P .. 'leases', 0, -1)) do
    if orphans[redis.call('HGET', unit_key(uid), 'token')] then redis.call('ZADD', P .. 'leases', now, uid) end
  end
end

local function requeue(uid, queue)
  send_again(queue, uid)
  sent = sent + 1
end

-- Puts units of so many items, the last one of fewer, in the place of a chunk, and lets each go.
local function split(uid, id, u, size, let_go)
  local key = job_key(id)
  local count = tonumber(u.count)
  local parts = math.ceil(count / size)
  -- The last one first: each is sent in front of those before it.
  for i = parts - 1, 0, -1 do
    local n = redis.call('HINCRBY', key, 'next_unit', 1) - 1
    local part, first = id .. ':' .. n, u.first + i * size
    redis.call('HSET', unit_key(part), 'state', 'queued', 'attempt', u.attempt, 'lost', u.lost, 'queue', u.queue,
      'payload', u.payload, 'first', first, 'count', math.min(size, count - i * size))
    redis.call('ZADD', units_key(id), first, n)
    let_go(part, u.queue)
  end
  redis.call('HINCRBY', key, 'open_units', parts - 1)
  redis.call('ZREM', units_key(id), string.match(uid, ':(%d+)$'))
  redis.call('DEL', unit_key(uid))
end

-- Units of a dead worker are lost together and would die together again: from the second loss on, one at a time.
local function suspect(uid, queue) redis.call('ZADD', suspects_key(queue), now, uid) end

local function lose(uid)
  local id = string.match(uid, '^(.*):%d+$')
  local key = unit_key(uid)
  redis.call('ZREM', P .. 'leases', uid)
  local queue = redis.call('HGET', key, 'queue')
  if redis.call('HGET', key, 'state') ~= 'leased' then return end
  if redis.call('GET', suspect_key(queue)) == uid then redis.call('DEL', suspect_key(queue)) end
  if redis.call('HGET', job_key(id), 'status') == 'canceling' then
    if close_unit(uid, id, 'canceled') == 0 then end_job(id, 'canceled') end
    return
  end
  redis.call('INCR', P .. 'leases-lost')
  local lost = redis.call('HINCRBY', key, 'lost', 1)
  local f = redis.call('HMGET', key, 'attempt', 'queue', 'payload', 'first', 'count')
  if lost >= allowed then
    -- The reaper holds the unit itself while it writes the end.
    local attempt = redis.call('HINCRBY', key, 'attempt', 1)
    redis.call('HSET', key, 'token', 'reaper', 'lease_until', now + lease)
    redis.call('ZADD', P .. 'leases', now + lease, uid)
    dead[#dead + 1] = {uid, attempt}
    return
  end
  redis.call('HSET', key, 'state', 'queued')
  redis.call('HDEL', key, 'token', 'lease_until')
  local let_go, size = requeue, few
  if lost == allowed - 1 then let_go, size = suspect, 1 end
  -- A chunk is split, so that less is lost with it the next time, and a poison item ends alone.
  if tonumber(f[5]) <= size then return let_go(uid, queue) end
  split(uid, id, {attempt = f[1], lost = lost, queue = queue, payload = f[3], first = f[4], count = f[5]}, size, let_go)
end

-- The youngest first: each is sent in front of those before it, so the oldest runs first.
for _, uid in ipairs(redis.call('ZREVRANGEBYSCORE', P .. 'leases', now, '-inf', 'LIMIT', 0, most)) do lose(uid) end

for _, queue in ipairs({'classify', 'batch', 'train'}) do
  local current = redis.call('GET', suspect_key(queue))
  if current and redis.call('EXISTS', unit_key(current)) == 0 then redis.call('DEL', suspect_key(queue)) end
  sent = sent + next_suspect(queue)
  -- Messages are taken in the order they were sent: a unit that has waited for longer than the oldest message was taken
  -- by somebody who died with it. It is sent again; if he lives, the second message claims nothing.
  local sent_until = sent_since(queue) - patience
  for _, uid in ipairs(redis.call('ZREVRANGEBYSCORE', waiting_key(queue), sent_until, '-inf', 'LIMIT', 0, most)) do
    if redis.call('EXISTS', unit_key(uid)) == 1 then
      requeue(uid, queue)
    else
      redis.call('ZREM', waiting_key(queue), uid)
    end
  end
end
return {sent, dead}
