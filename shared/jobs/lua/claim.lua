-- Claims waiting units. ARGV: lease (ms), most losses that they may have had, then of each unit its id and the token of
-- this delivery. Answers for each: what it is to work with, how often it was lost if that is more, or nothing.
-- A unit that somebody holds, that is closed or unknown gives nothing: a message delivered twice does nothing.
local lease, most_losses = tonumber(ARGV[1]), tonumber(ARGV[2])

local function claim(uid, token)
  local key = unit_key(uid)
  local u = redis.call('HMGET', key, 'state', 'attempt', 'token', 'payload', 'first', 'count', 'queue', 'lost')
  local id = string.match(uid, '^(.*):%d+$')
  if not u[1] or not id then return false end
  local jkey = job_key(id)
  local j = redis.call('HMGET', jkey, 'kind', 'status', 'spec', 'attempt', 'started_at', 'single', 'origin')
  if not j[1] then return false end
  local attempt = tonumber(u[2])
  if u[1] == 'leased' and u[3] == token then
    -- The answer to this very claim was lost on its way; it stands.
  elseif u[1] == 'queued' then
    -- What was lost more often is to be run with more care; it still waits.
    if tonumber(u[8] or '0') > most_losses then return u[8] end
    attempt = attempt + 1
  else
    return false
  end
  local now = now_ms()
  redis.call('HSET', key, 'state', 'leased', 'attempt', attempt, 'token', token, 'lease_until', now + lease)
  redis.call('ZADD', P .. 'leases', now + lease, uid)
  redis.call('ZREM', waiting_key(u[7]), uid)
  redis.call('ZREM', suspects_key(u[7]), uid)
  redis.call('HDEL', key, 'grace')
  if j[2] == 'queued' then
    set_status(id, 'running')
    -- Of a single job the end is the news.
    if j[6] ~= '1' then publish('progress', id) end
  end
  if not j[5] then redis.call('HSET', jkey, 'started_at', now) end
  -- What clients see counts lost attempts alone; the token grows with every unit that was given back, too.
  local seen = tonumber(u[8] or '0') + 1
  if seen > tonumber(j[4]) then redis.call('HSET', jkey, 'attempt', seen) end
  return {attempt, u[4], tonumber(u[5]), tonumber(u[6]), j[1], j[3], j[7] or '', seen - 1}
end

local answers = {}
for i = 3, #ARGV, 2 do answers[#answers + 1] = claim(ARGV[i], ARGV[i + 1]) end
return answers
