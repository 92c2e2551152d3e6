import { HALF_LIFE_MS, LANDMARK_HALF_LIVES_MAX } from "../distribution/decay.ts";
import { SAMPLES_MAX } from "../distribution/sampling.ts";
import { OVERLAP_MS_MAX } from "../records/place.ts";
import { FORGET_PLACES, MEND_TOTALS } from "./count-repairs.ts";
import { commitScript, META_SECONDS, readScript } from "./script-frames.ts";
import { TRAIL_BYTES_MAX } from "./trail.ts";

/**
 * Each known category has a place, from 0. A hash gives the place of a name, a text the names in order of their places,
 * and two strings hold a double a place: so a reading of a thousand categories takes three commands whose replies need
 * no conversion, where hashes of texts took twelve times as long as ten categories.
 */
const TOTALS = `
local knownKey, namesKey, allKey, recentKey = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
-- The same steps as src/distribution/decay.ts takes.
local function scaled(weight, left)
  while math.abs(left) > 1000 do
    if weight == 0 or weight == math.huge then return weight end
    local step = left > 0 and 1000 or -1000
    weight = math.ldexp(weight, step)
    left = left - step
  end
  return math.ldexp(weight, left)
end
local function halfLives(from, to) return math.floor((to - from) / ${HALF_LIFE_MS} + 0.5) end
local size = redis.call('HLEN', knownKey)
${MEND_TOTALS}local all, recent = redis.call('GET', allKey) or '', redis.call('GET', recentKey) or ''
local function number(packed, place)
  return #packed >= 8 * place + 8 and struct.unpack('<d', packed, 8 * place + 1) or 0
end
`;

/** Keeps the landmark within reach of stream time; weights move with it by whole powers of two. */
const MOVE_LANDMARK = `
local selective, batchLandmark = ARGV[at] == '1', tonumber(ARGV[at + 1])
at = at + 1
local moved = math.max(time or lastTime, lastTime)
local before = tonumber(redis.call('HGET', KEYS[1], 'landmark') or '')
local landmark = before or batchLandmark
if moved - landmark >= ${LANDMARK_HALF_LIVES_MAX * HALF_LIFE_MS} then
  landmark = math.floor(moved / ${HALF_LIFE_MS}) * ${HALF_LIFE_MS}
end
if landmark ~= before then
  redis.call('HSET', KEYS[1], 'landmark', string.format('%.0f', landmark))
  local weights = {}
  for place = 0, size - 1 do
    -- Without a landmark the weights ran out with the meta data.
    local weight = before and scaled(number(recent, place), halfLives(landmark, before)) or 0
    weights[place + 1] = struct.pack('<d', weight)
  end
  recent = table.concat(weights)
  redis.call('SET', recentKey, recent)
end
`;

/** \`CountTable.merge\`: the categories, in their order. */
const ADD_CATEGORIES = `
local categoriesMax, other = tonumber(ARGV[at + 1]), ARGV[at + 2] == '1' and ARGV[at + 3] or nil
local added, shift = tonumber(ARGV[at + 4]), halfLives(landmark, batchLandmark)
at = at + 5
${FORGET_PLACES}local known = {}
local function placeOf(name)
  if not known[name] then known[name] = tonumber(redis.call('HGET', knownKey, name) or '') end
  return known[name]
end
local own = size
if other and placeOf(other) then own = own - 1 end
local function begin(name)
  known[name] = size
  redis.call('HSET', knownKey, name, size)
  redis.call('APPEND', namesKey, cjson.encode(name) .. ',')
  size = size + 1
  return known[name]
end
local places, counts, weights = {}, {}, {}
for i = 1, added do
  local name, count, weight = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local target = name
  local place = placeOf(name)
  if not place and name ~= other then
    if own < categoriesMax then own = own + 1 else target = other end
  end
  if target ~= name then result = result + count end
  if target then
    place = placeOf(target) or begin(target)
    counts[place] = (counts[place] or number(all, place)) + count
    weights[place] = (weights[place] or number(recent, place)) + scaled(weight, shift)
  end
  places[i] = place or false
  at = at + 3
end
for place, count in pairs(counts) do
  redis.call('SETRANGE', allKey, 8 * place, struct.pack('<d', count))
  redis.call('SETRANGE', recentKey, 8 * place, struct.pack('<d', weights[place]))
end
redis.call('EXPIRE', recentKey, ${META_SECONDS})
if selective or result > 0 then redis.call('HSET', KEYS[1], 'selective', 1) end
`;

/** \`CountTable.merge\`: the seconds. What is fresh by category is packed as pairs of place and count; samples are lines. */
const ADD_CELLS = `
local cells = tonumber(ARGV[at])
at = at + 1
for _ = 1, cells do
  local key, rest, late, fresh = prefix .. ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], {}
  local stop, samples = at + 5 + 2 * tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  at = at + 5
  while at < stop do
    local place, count = places[tonumber(ARGV[at])], tonumber(ARGV[at + 1])
    if place then fresh[place] = (fresh[place] or 0) + count else rest = rest + count end
    at = at + 2
  end
  if rest > 0 then redis.call('HINCRBY', key, 'rest', rest) end
  if late ~= '0' then redis.call('HINCRBY', key, 'late', late) end
  if next(fresh) then
    local packed, pieces = redis.call('HGET', key, 'fresh') or '', {}
    for i = 1, #packed, 8 do
      local place, count = struct.unpack('<I4I4', packed, i)
      pieces[#pieces + 1] = struct.pack('<I4I4', place, count + (fresh[place] or 0))
      fresh[place] = nil
    end
    for place, count in pairs(fresh) do pieces[#pieces + 1] = struct.pack('<I4I4', place, count) end
    redis.call('HSET', key, 'fresh', table.concat(pieces))
  end
  if samples > 0 then
    local lines = redis.call('HGET', key, 'samples') or ''
    local _, kept = string.gsub(lines, '\\n', '')
    local fitting = math.min(samples, ${SAMPLES_MAX} - kept)
    for i = at, at + fitting - 1 do lines = lines .. ARGV[i] .. '\\n' end
    if fitting > 0 then redis.call('HSET', key, 'samples', lines) end
    at = at + samples
  end
  redis.call('EXPIRE', key, expire)
end
`;

/**
 * Footprints: kept while a branch could ask for what came before them, or for want of room. A branch that is there and has
 * no place yet could ask for all. `lost` says up to where they went for want of room.
 */
const ADD_FOOTPRINTS = `
redis.call('EXPIRE', KEYS[7], ${META_SECONDS})
if ARGV[at] ~= '' then
  redis.call('RPUSH', KEYS[7], ARGV[at])
  local held = redis.call('HINCRBY', KEYS[1], 'trail', #ARGV[at])
  local own, gaps = redis.call('HGET', KEYS[1], 'passed'), redis.call('HGET', KEYS[8], 'passed')
  local need = -math.huge
  if own and (gaps or redis.call('EXISTS', KEYS[8]) == 0) then
    need = math.min(tonumber(own), tonumber(gaps or own)) - ${OVERLAP_MS_MAX}
  end
  local first = redis.call('LINDEX', KEYS[7], 0)
  while first do
    local passed = struct.unpack('<d', first)
    if held <= ${TRAIL_BYTES_MAX} and passed >= need then break end
    if passed >= need then redis.call('HSET', KEYS[1], 'lost', string.format('%.17g', passed)) end
    redis.call('LPOP', KEYS[7])
    held = redis.call('HINCRBY', KEYS[1], 'trail', -#first)
    first = redis.call('LINDEX', KEYS[7], 0)
  end
  -- Evicted keys leave a wrong sum behind.
  if redis.call('LLEN', KEYS[7]) == 0 then redis.call('HSET', KEYS[1], 'trail', 0) end
end
`;

/**
 * KEYS 3 to 8: known, names, all, recent, trail, the gaps' meta. After what all commits have: 1 where the batch is selective, landmark, most categories, 1 where there is an
 * other, its name, number of categories; then name, count, weight of each; then the number of cells; then second, rest,
 * late, number of categories and number of samples of each; for each of those categories its number among the batch's and
 * its count; then each sample's JSON. At the end the footprints, or "".
 * The result is the number of events refused.
 */
export const COMMIT_COUNTS = commitScript(
  TOTALS + MOVE_LANDMARK + ADD_CATEGORIES + ADD_CELLS + ADD_FOOTPRINTS,
);

/**
 * KEYS 2 to 4: names, all, recent. After what all reads have: 1 where all is wanted, 1 where recent is.
 * Gives {time, connected, newest or "", landmark, ms since time moved, first second, completed, names, all, recent,
 * 1 where the counts are selective};
 * completed holds rest, late, blind, fresh, samples of each second from the first on.
 */
export const READ_COUNTS = readScript(
  "landmark",
  `
local completed = {}
for second = from, current - 1 do
  local key = prefix .. string.format('%.0f', second)
  completed[#completed + 1] = redis.call('HMGET', key, 'rest', 'late', 'blind', 'fresh', 'samples')
end
local selective = redis.call('HEXISTS', KEYS[1], 'selective')
local names = #completed + ARGV[4] + ARGV[5] > 0 and redis.call('GET', KEYS[2]) or ''
local all = ARGV[4] == '1' and redis.call('GET', KEYS[3]) or ''
local recent = ARGV[5] == '1' and redis.call('GET', KEYS[4]) or ''
return {meta[1], meta[2], meta[3] or '', meta[6], stale, from, completed, names, all, recent, selective}`,
);
