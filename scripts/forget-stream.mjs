// Removes all that Redis holds of one stream.
//   node scripts/forget-stream.mjs NAME        the Redis of REDIS_URL, else the one on this machine
import { Redis } from "ioredis";

const [stream, ...more] = process.argv.slice(2);
if (stream === undefined || more.length > 0) {
  process.stderr.write("forget-stream: expected the name of one stream\n");
  process.exitCode = 64;
} else {
  const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
  await forget(new Redis(url.replace(/^unix:\/\//, ""), { lazyConnect: true, retryStrategy: null }));
}

async function forget(redis) {
  try {
    await redis.connect();
    // A name may hold what means something in a pattern.
    const name = encodeURIComponent(stream).replace(/[*?[\]\\]/g, "\\$&");
    let removed = 0;
    for await (const keys of redis.scanStream({ match: `rsvpulse:{${name}/*`, count: 1000 })) {
      if (keys.length > 0) removed += await redis.unlink(...keys);
    }
    const known = await redis.srem("rsvpulse:streams", stream);
    const found = removed > 0 || known > 0;
    process.stderr.write(
      `forget-stream: ${found ? `${stream} is forgotten` : `nothing is stored of a stream ${stream}`}\n`,
    );
  } catch (error) {
    process.stderr.write(`forget-stream: ${error.message}\n`);
    process.exitCode = 69;
  } finally {
    redis.disconnect();
  }
}
