-- What every script shares. A script sees all keys by name: Loupe runs on one Redis, not on a cluster.
local P = 'loupe:'
local FINAL = {succeeded = true, failed = true, canceled = true}

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Units that wait, by the start of their wait; a queue's own set, so that no queue hides another's.
local function waiting_key(queue) return P .. 'waiting:' .. queue end
-- Units lost twice wait here to be run one at a time, so that the next loss names the guilty one.
local function suspects_key(queue) return P .. 'suspects:' .. queue end
local function suspect_key(queue) return P .. 'suspect:' .. queue end

local function job_key(id) return P .. 'job:' .. id end
local function unit_key(id) return P .. 'unit:' .. id end
local function units_key(id) return P .. 'job:' .. id .. ':units' end
local function counts_key(id) return P .. 'job:' .. id .. ':counts' end
local function tries_key(id) return P .. 'job:' .. id .. ':tries' end

-- A unit's message, as Celery (protocol 2) and Kombu write them to Redis; ids are digits, letters, '-' and ':'.
local MESSAGE = '{"body": "[[\\"%s\\"], {}, {}]", "content-encoding": "utf-8", "content-type": "application/json", '
  .. '"headers": {"lang": "py", "task": "%s", "id": "%s"}, "properties": {"correlation_id": "%s", "delivery_tag": "%s", '
  .. '"delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "%s"}, "priority": 0}}'

local function as_message(queue, unit_id, tag) return string.format(MESSAGE, unit_id, queue, tag, tag, tag, queue) end

-- Sends new units to their queue, in the script that lets them wait there: neither is ever without the other.
local function send_all(queue, unit_ids)
  local t = redis.call('TIME')
  local messages = {}
  for i, unit_id in ipairs(unit_ids) do
    messages[i] = as_message(queue, unit_id, unit_id .. '@' .. t[1] .. '.' .. t[2])
  end
  redis.call('LPUSH', P .. queue, unpack(messages))
end

local function send(queue, unit_id) send_all(queue, {unit_id}) end

-- Since when the oldest message of a queue stands there (ms); now if it has none, and for ever if it is somebody else's.
local function sent_since(queue)
  local oldest = redis.call('LINDEX', P .. queue, -1)
  if not oldest then return now_ms() end
  local seconds, micros = string.match(oldest, '"delivery_tag": "[^"@]*@(%d+)%.(%d+)"')
  return seconds and seconds * 1000 + math.floor(micros / 1000) or 0
end

-- Lets a unit wait again, in front of all others: it came before them, and a long list is no reason to wait twice.
-- Messages stand in the order of their times, so this one takes on the time of the first.
local function send_again(queue, unit_id)
  local since = sent_since(queue)
  if since == 0 then
    redis.call('ZADD', waiting_key(queue), now_ms(), unit_id)
    return send(queue, unit_id)
  end
  local t = redis.call('TIME')
  local tag = string.format('%s/%s.%s@%d.%d', unit_id, t[1], t[2], math.floor(since / 1000), since % 1000 * 1000)
  redis.call('ZADD', waiting_key(queue), since, unit_id)
  redis.call('RPUSH', P .. queue, as_message(queue, unit_id, tag))
end

-- Takes the unit of the next message of a queue; '' where none waits. A message of somebody else's is left to Celery.
local function take(queue)
  local message = redis.call('RPOP', P .. queue)
  if not message then return '' end
  local unit_id = string.match(message, '"%[%[\\"([%x:-]+)\\"%]')
  if not unit_id then redis.call('RPUSH', P .. queue, message) end
  return unit_id or ''
end

-- A job stands in four indexes: all, its kind, its status, both. The last two change with its status.
local function index_status(call, id, kind, status)
  for _, k in ipairs({'*', kind}) do
    local key = P .. 'jobs:' .. k .. ':' .. status
    if call == 'add' then redis.call('ZADD', key, 0, id) else redis.call('ZREM', key, id) end
  end
end

local function index(call, id, kind, status)
  index_status(call, id, kind, '*')
  index_status(call, id, kind, status)
end

-- A job as all who read it get it: JSON, in which what is JSON in the record stands as it is, so that nobody has to read
-- it twice; nil if there is no job. A list's counts are names and numbers in turn.
local JOB = '{"id":"%s","kind":"%s","single":%s,"status":"%s","created_at":%s,"started_at":%s,"finished_at":%s,'
  .. '"attempt":%s,"done":%s,"failed":%s,"total":%s,"progress":%s,"result":%s,"error":%s,"spec":%s,"owner":%s,'
  .. '"counts":%s,"tries":[%s]}'

local function job_text(id, tries)
  local j = redis.call('HMGET', job_key(id), 'id', 'kind', 'single', 'status', 'created_at', 'started_at', 'finished_at',
    'attempt', 'done', 'failed', 'total', 'progress', 'result', 'error', 'spec', 'owner', 'webhook')
  if not j[1] then return nil end
  local list, told = j[3] == '0' and j[2] == 'classification', j[17]
  for i = 6, 14 do
    if not j[i] or j[i] == '' then j[i] = 'null' end
  end
  return string.format(JOB, j[1], j[2], j[3] == '0' and 'false' or 'true', j[4], j[5], j[6], j[7], j[8], j[9], j[10], j[11],
    j[12], j[13], j[14], j[15], j[16] and cjson.encode(j[16]) or 'null',
    list and cjson.encode(redis.call('HGETALL', counts_key(id))) or '{}',
    told and tries and table.concat(redis.call('LRANGE', tries_key(id), 0, -1), ',') or '')
end

-- News of jobs, a line for each. A script that ends many at once may tell of them together, so that each who listens is
-- woken once: it sets `news`, and publishes what has gathered there.
local news

local function publish(event, id)
  local line = event .. ' ' .. id
  if news then news[#news + 1] = line else redis.call('PUBLISH', P .. 'events', line) end
end

-- Webhooks. An event waits in its receiver's own set by when it is due, and receivers stand in one by their first event:
-- one that hangs lets only its own events wait. An event's record is all there is of it, and goes when it is done.
local RECEIVERS = P .. 'webhooks'
local function receiver_key(host) return P .. 'webhooks:' .. host end
local function event_key(id) return P .. 'webhook:' .. id end
-- All tries of an event take little more than an hour. One that was never claimed in a week has too many before it,
-- or no sender: then it is forgotten, as its job is.
local EVENT_TTL_MS = 7 * 24 * 3600 * 1000

local function rank_receiver(host)
  local first = redis.call('ZRANGE', receiver_key(host), 0, 0, 'WITHSCORES')
  if first[1] then redis.call('ZADD', RECEIVERS, first[2], host) else redis.call('ZREM', RECEIVERS, host) end
end

local function event_due(event_id, host, due)
  redis.call('ZADD', receiver_key(host), due, event_id)
  rank_receiver(host)
end

local function drop_event(event_id, host)
  redis.call('DEL', event_key(event_id))
  redis.call('ZREM', receiver_key(host), event_id)
  rank_receiver(host)
end

-- Lets an event wait for the sender. `receiver` is {"url", "host"} in JSON, as the job's record has it.
local function tell(receiver, event_id, job_id, kind, at, content)
  local to = cjson.decode(receiver)
  redis.call('HSET', event_key(event_id), 'job', job_id, 'type', kind, 'at', at, 'url', to.url, 'host', to.host,
    'tried', 0, 'content', content)
  -- A try that is under way was of before: what it comes to is not this one's end.
  redis.call('HDEL', event_key(event_id), 'token')
  redis.call('PEXPIRE', event_key(event_id), EVENT_TTL_MS)
  event_due(event_id, to.host, now_ms())
end

local function tell_end(id, record)
  local j = redis.call('HMGET', job_key(id), 'webhook', 'status', 'finished_at')
  tell(j[1], 'msg_' .. id, id, 'job.' .. j[2], j[3], record)
end

local function set_status(id, status)
  local old = redis.call('HMGET', job_key(id), 'kind', 'status')
  if old[2] == status then return end
  index_status('remove', id, old[1], old[2])
  index_status('add', id, old[1], status)
  redis.call('HSET', job_key(id), 'status', status)
end

-- Ends a job once. Everything it owns gets an expiry; `expiring` tells the scheduler when to purge its files.
local function end_job(id, status, result, error)
  local key = job_key(id)
  local now = now_ms()
  local j = redis.call('HMGET', key, 'ttl_ms', 'webhook')
  local ttl = tonumber(j[1])
  set_status(id, status)
  redis.call('HSET', key, 'finished_at', now, 'result', result or '', 'error', error or '')
  for _, n in ipairs(redis.call('ZRANGE', units_key(id), 0, -1)) do
    redis.call('PEXPIRE', unit_key(id .. ':' .. n), ttl)
  end
  redis.call('PEXPIRE', key, ttl)
  redis.call('PEXPIRE', units_key(id), ttl)
  redis.call('PEXPIRE', counts_key(id), ttl)
  redis.call('ZADD', P .. 'expiring', now + ttl, id)
  -- An ended job never changes again, so its end is told with all of it: nobody who waited has to read it. What is
  -- told to webhooks does not say how often it was told.
  local record = job_text(id)
  publish('end', id .. ' ' .. record)
  if j[2] then
    redis.call('PEXPIRE', tries_key(id), ttl)
    tell_end(id, record)
  end
end

-- A list whose units are all closed ends by its counters.
local function end_list(id)
  local j = redis.call('HMGET', job_key(id), 'failed', 'total', 'max_failure_rate')
  local rate = tonumber(j[3])
  if rate and tonumber(j[1]) / tonumber(j[2]) > rate then
    end_job(id, 'failed', nil, cjson.encode({
      code = 'too_many_failures',
      message = j[1] .. ' of ' .. j[2] .. ' items failed, more than the share of ' .. j[3] .. ' that was allowed.'}))
  else
    end_job(id, 'succeeded')
  end
end

-- Closes a unit: it is nobody's any more and will never run again.
local function close_unit(unit_id, id, state)
  local key = unit_key(unit_id)
  local u = redis.call('HMGET', key, 'count', 'queue')
  redis.call('HSET', key, 'state', state)
  redis.call('HDEL', key, 'token', 'lease_until')
  redis.call('ZREM', P .. 'leases', unit_id)
  redis.call('ZREM', waiting_key(u[2]), unit_id)
  redis.call('ZREM', suspects_key(u[2]), unit_id)
  if redis.call('GET', suspect_key(u[2])) == unit_id then redis.call('DEL', suspect_key(u[2])) end
  redis.call('DECRBY', P .. 'open-items', u[1])
  return redis.call('HINCRBY', job_key(id), 'open_units', -1)
end

-- Closes a unit with its counts and ends the job with its last unit. `o` is an outcome (see Outcome in model.py).
local function settle(unit_id, id, o)
  local key = job_key(id)
  if o.results then redis.call('HSET', unit_key(unit_id), 'results', o.results) end
  redis.call('HINCRBY', key, 'done', o.done)
  redis.call('HINCRBY', key, 'failed', o.failed)
  for label, n in pairs(o.labels) do redis.call('HINCRBY', counts_key(id), 'l:' .. label, n) end
  for code, n in pairs(o.errors) do redis.call('HINCRBY', counts_key(id), 'e:' .. code, n) end
  if o.below_threshold > 0 then redis.call('HINCRBY', counts_key(id), 'below_threshold', o.below_threshold) end
  local open = close_unit(unit_id, id, 'done')
  if open > 0 then return publish('progress', id) end
  if redis.call('HGET', key, 'status') == 'canceling' then return end_job(id, 'canceled', o.result) end
  if o.status then return end_job(id, o.status, o.result, o.error) end
  end_list(id)
end

-- Sends the next suspect of a queue on its way, if none is under way. Answers how many were sent.
local function next_suspect(queue)
  if redis.call('EXISTS', suspect_key(queue)) == 1 then return 0 end
  local first = redis.call('ZPOPMIN', suspects_key(queue))[1]
  if not first then return 0 end
  redis.call('SET', suspect_key(queue), first)
  send_again(queue, first)
  return 1
end
