// Removes all that Redis holds of one stream.
//   node scripts/forget-stream.mjs NAME        the Redis of REDIS_URL, else the one on this machine
import { Redis } from "ioredis";

const [stream] = process.argv.slice(2);
const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
const redis = new Redis(url.replace(/^unix:\/\//, ""), { lazyConnect: true, retryStrategy: null });
try {
  await redis.connect();
  const pattern = `rsvpulse:{${encodeURIComponent(stream)}/*`;
  for await (const keys of redis.scanStream({ match: pattern, count: 1000 })) {
    if (keys.length > 0) await redis.unlink(...keys);
  }
  await redis.srem("rsvpulse:streams", stream);
} catch (error) {
  process.stderr.write(`forget-stream: ${error.message}\n`);
  process.exitCode = 69;
} finally {
  redis.disconnect();
}
