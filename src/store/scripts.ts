import { HISTORY_SECONDS } from "../core/stream-time.ts";

/**
 * The two programs that run inside Redis. Each touches one partition: the keys of seconds are built from the prefix
 * of KEYS[1], so they carry its hash tag. Times and sums stay exact: Lua's numbers are doubles, and whole ones below
 * 2^53 are printed in full with %.0f.
 */

/** Wall seconds that a stream's meta data outlives its last commit. */
const META_SECONDS = 30 * 86_400;
/** Wall seconds that a writer's last number is kept. */
const WRITER_SECONDS = 3600;
/** Wall seconds that a second is kept beyond every window it could be asked for in. */
const SWEEP_SECONDS = 3600;

/**
 * KEYS: meta, writer. ARGV: prefix of seconds, sequence, ttl, first time, first connected, last time, last connected,
 * newest or "", cursor or "", number of cells, number of blind ranges; then second, count, sum, min, max, newest of
 * each cell; then from, to of each range.
 * Gives {applied, stream time before or ""}.
 */
export const COMMIT = `
local prefix, ttl = ARGV[1], tonumber(ARGV[3])
local firstTime, lastTime = tonumber(ARGV[4]), tonumber(ARGV[6])
local meta = redis.call('HMGET', KEYS[1], 'time', 'connected', 'newest')
local time = tonumber(meta[1] or '')
local number = tonumber(redis.call('GET', KEYS[2]) or '')
if number and tonumber(ARGV[2]) <= number then return {0, meta[1] or ''} end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ${WRITER_SECONDS})

local expire = math.ceil(ttl) + ${HISTORY_SECONDS + SWEEP_SECONDS}
local function key(second) return prefix .. string.format('%.0f', second) end
local function blind(from, to)
  for second = from, to do
    redis.call('HSET', key(second), 'blind', 1)
    redis.call('EXPIRE', key(second), expire)
  end
end
if time and firstTime > time and (meta[2] == '0' or ARGV[5] == '0') then
  local to = math.ceil(firstTime / 1000) - 1
  blind(math.max(math.floor(time / 1000), to - ${HISTORY_SECONDS - 1}), to)
end
local function add(k, count, sum, min, max, newest)
  local old = redis.call('HMGET', k, 'count', 'sum', 'min', 'max', 'newest')
  if old[1] then
    count, sum = old[1] + count, old[2] + sum
    if tonumber(old[3]) < tonumber(min) then min = old[3] end
    if tonumber(old[4]) > tonumber(max) then max = old[4] end
    if tonumber(old[5]) > tonumber(newest) then newest = old[5] end
  end
  redis.call('HSET', k, 'count', string.format('%.0f', count), 'sum', string.format('%.0f', sum), 'min', min, 'max', max, 'newest', newest)
  redis.call('EXPIRE', k, expire)
end
local at = 12
local minutes = {}
for _ = 1, tonumber(ARGV[10]) do
  local cell = {ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]}
  add(prefix .. ARGV[at], unpack(cell))
  local minute = math.floor(tonumber(ARGV[at]) / 60)
  local sum = minutes[minute]
  if sum then
    sum[1], sum[2] = sum[1] + cell[1], sum[2] + cell[2]
    if tonumber(cell[3]) < tonumber(sum[3]) then sum[3] = cell[3] end
    if tonumber(cell[4]) > tonumber(sum[4]) then sum[4] = cell[4] end
    if tonumber(cell[5]) > tonumber(sum[5]) then sum[5] = cell[5] end
  else
    minutes[minute] = cell
  end
  at = at + 6
end
for minute, sum in pairs(minutes) do add(prefix .. 'minute:' .. string.format('%.0f', minute), unpack(sum)) end
for _ = 1, tonumber(ARGV[11]) do
  blind(tonumber(ARGV[at]), tonumber(ARGV[at + 1]))
  at = at + 2
end

redis.call('HSET', KEYS[1], 'ttl', ARGV[3])
redis.call('HSETNX', KEYS[1], 'since', string.format('%.0f', math.floor(firstTime / 1000)))
if not time or lastTime >= time then redis.call('HSET', KEYS[1], 'connected', ARGV[7]) end
if not time or lastTime > time then
  local now = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'time', ARGV[6], 'moved', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)))
end
if ARGV[8] ~= '' and not (meta[3] and tonumber(meta[3]) >= tonumber(ARGV[8])) then
  redis.call('HSET', KEYS[1], 'newest', ARGV[8])
end
if ARGV[9] ~= '' then redis.call('HSET', KEYS[1], 'cursor', ARGV[9]) end
redis.call('EXPIRE', KEYS[1], ${META_SECONDS})
return {1, meta[1] or ''}
`;

/**
 * KEYS: meta. ARGV: prefix of seconds, most seconds wanted, first one wanted or "".
 * Gives false where there is no such stream, else {time, connected, newest or "", ttl, ms since time moved, count,
 * sum, min or "", max or "", completed}; completed holds second, events, blind, newest or "", count, sum in turn.
 * Reads at most one hash for each second of the window and of the seconds asked for, whatever the rate.
 */
export const READ = `
local prefix = ARGV[1]
local meta = redis.call('HMGET', KEYS[1], 'time', 'connected', 'newest', 'ttl', 'moved', 'since')
if not meta[1] then return false end
local time, ttl = tonumber(meta[1]), tonumber(meta[4])
local now = redis.call('TIME')
local stale = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - meta[5])

local current = math.floor(time / 1000)
local windowFrom = math.floor((time - ttl * 1000) / 1000)
local from = math.max(tonumber(meta[6]), current - math.min(tonumber(ARGV[2]), ${HISTORY_SECONDS}))
if ARGV[3] ~= '' then from = math.max(from, tonumber(ARGV[3])) end
local scanFrom = windowFrom
if from < current then scanFrom = math.min(windowFrom, math.floor(((from + 1) * 1000 - ttl * 1000) / 1000)) end

-- Running totals up to each second at both ends of the window; those before the scan are nought. Whole minutes in
-- between are read as one, so that a window of a day takes as long as one of half an hour.
local counts, sums, cells = {}, {}, {}
local count, sum, min, max = 0, 0, nil, nil
local tailFrom = math.min(from, current)
local second = scanFrom
while second <= current do
  local length = 1
  if second % 60 == 0 and second >= windowFrom and second + 60 <= tailFrom then length = 60 end
  local k = length == 60 and 'minute:' .. string.format('%.0f', second / 60) or string.format('%.0f', second)
  local cell = redis.call('HMGET', prefix .. k, 'count', 'sum', 'min', 'max', 'newest', 'blind')
  if cell[1] then
    count, sum = count + cell[1], sum + cell[2]
    if second >= windowFrom then
      min = math.min(min or math.huge, cell[3])
      max = math.max(max or -1, cell[4])
    end
  end
  if second >= from then cells[second] = cell end
  second = second + length
  counts[second - 1], sums[second - 1] = count, sum
end
local function totals(first, last)
  return counts[last] - (counts[first - 1] or 0), sums[last] - (sums[first - 1] or 0)
end
local completed = {}
for second = from, current - 1 do
  local cell = cells[second]
  local c, s = totals(math.floor(((second + 1) * 1000 - ttl * 1000) / 1000), second)
  for _, value in ipairs({second, tonumber(cell[1] or 0), cell[6] and 1 or 0, cell[5] or '', c, s}) do
    completed[#completed + 1] = value
  end
end
local c, s = totals(windowFrom, current)
return {meta[1], meta[2], meta[3] or '', meta[4], stale, c, s, min or '', max or '', completed}
`;
