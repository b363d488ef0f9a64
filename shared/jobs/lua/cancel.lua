-- Asks a job to stop. ARGV: job id, options (JSON) or ''
-- Units that wait are closed at once; those that run are told when they renew their lease.
local id = ARGV[1]
local key = job_key(id)
local status = redis.call('HGET', key, 'status')
if not status then return 'unknown' end
if FINAL[status] then return 'finished' end
if ARGV[2] ~= '' then redis.call('HSET', key, 'cancel', ARGV[2]) end
set_status(id, 'canceling')
local open = tonumber(redis.call('HGET', key, 'open_units'))
for _, n in ipairs(redis.call('ZRANGE', units_key(id), 0, -1)) do
  local uid = id .. ':' .. n
  if redis.call('HGET', unit_key(uid), 'state') == 'queued' then open = close_unit(uid, id, 'canceled') end
end
if open == 0 then end_job(id, 'canceled') else publish('progress', id) end
return 'canceling'
