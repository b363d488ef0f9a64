-- Records the outcomes of units, each once, and lets the next suspects of their queues go.
-- Then takes the next messages of a queue, as many as are asked for and wait there.
-- Answers a list of recorded or stale, and a list of the units that were taken.
-- ARGV: queue, how many to take from it, then of each unit its id, attempt and outcome (JSON)
local function finish(uid, attempt, outcome)
  local id = string.match(uid, '^(.*):%d+$')
  local u = redis.call('HMGET', unit_key(uid), 'state', 'attempt', 'queue')
  -- The same outcome sent twice, because the first answer was lost on its way, counts once.
  if u[1] == 'done' and u[2] == attempt then return 'recorded' end
  if u[1] ~= 'leased' or u[2] ~= attempt then return 'stale' end
  settle(uid, id, cjson.decode(outcome))
  next_suspect(u[3])
  return 'recorded'
end

local states, taken = {}, {}
news = {}
for i = 3, #ARGV, 3 do states[#states + 1] = finish(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
if #news > 0 then redis.call('PUBLISH', P .. 'events', table.concat(news, '\n')) end
for _ = 1, tonumber(ARGV[2]) do
  local unit_id = take(ARGV[1])
  if unit_id == '' then break end
  taken[#taken + 1] = unit_id
end
return {states, taken}
