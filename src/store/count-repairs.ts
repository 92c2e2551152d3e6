import { HISTORY_SECONDS } from "../core/stream-time.ts";

// Keys of the totals may be deleted or evicted one by one; places must not come to mean other names by it. These parts
// of a commit use what its other parts declare: see count-scripts.ts.

/** Without the known categories the other totals mean nothing; with them, the names can be written again. */
export const MEND_TOTALS = `
if size == 0 then redis.call('DEL', namesKey, allKey, recentKey)
elseif redis.call('EXISTS', namesKey) == 0 then
  local pairsOfKnown, texts = redis.call('HGETALL', knownKey), {}
  for i = 1, #pairsOfKnown, 2 do texts[pairsOfKnown[i + 1] + 1] = cjson.encode(pairsOfKnown[i]) .. ',' end
  redis.call('SET', namesKey, table.concat(texts))
end
`;

/** Before the first category gets its place: what the seconds still hold by place is of no category. */
export const FORGET_PLACES = `
if size == 0 and time and added > 0 then
  local current = math.floor(time / 1000)
  for second = current - ${HISTORY_SECONDS}, current do
    local key = prefix .. string.format('%.0f', second)
    local fresh, unnamed = redis.call('HGET', key, 'fresh') or '', 0
    for i = 5, #fresh, 8 do unnamed = unnamed + struct.unpack('<I4', fresh, i) end
    if unnamed > 0 then
      redis.call('HINCRBY', key, 'rest', unnamed)
      redis.call('HDEL', key, 'fresh')
    end
  end
end
`;
