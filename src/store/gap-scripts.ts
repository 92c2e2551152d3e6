import { commitScript, readScript } from "./script-frames.ts";

/** Prints of events of one time that are kept, bytes: who has more of one time may count some of them twice. */
const EDGE_BYTES_MAX = 64 << 10;

/**
 * After what all commits have: ttl, time of the last gap with prints or "", those prints, number of cells; then second,
 * count, sum, min, max, newest of each cell.
 */
export const COMMIT_GAPS = commitScript(`
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
local minutes = {}
local cells = tonumber(ARGV[at + 3])
redis.call('HSET', KEYS[1], 'ttl', ARGV[at])
if ARGV[at + 1] ~= '' then
  local edge = redis.call('HMGET', KEYS[1], 'edge', 'prints')
  local t, prints = tonumber(ARGV[at + 1]), ARGV[at + 2]
  local known = tonumber(edge[1] or '') or -math.huge
  if t == known and #edge[2] < ${EDGE_BYTES_MAX} then prints = edge[2] .. ',' .. prints end
  if t >= known then redis.call('HSET', KEYS[1], 'edge', ARGV[at + 1], 'prints', prints) end
end
at = at + 4
for _ = 1, cells do
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
`);

/**
 * Gives {time, connected, newest or "", ttl, ms since time moved, count, sum, min or "", max or "", completed};
 * completed holds second, events, blind, newest or "", count, sum in turn. Reads at most one hash for each second of
 * the window and of the seconds asked for, whatever the rate.
 */
export const READ_GAPS = readScript(
  "ttl",
  `
local ttl = tonumber(meta[6])
local windowFrom = math.floor((time - ttl * 1000) / 1000)
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
return {meta[1], meta[2], meta[3] or '', meta[6], stale, c, s, min or '', max or '', completed}
`,
);
