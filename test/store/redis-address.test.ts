import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedisAddress } from "../../src/store/redis-address.ts";

test("an address of each kind gives its place", () => {
  const tcp = { kind: "tcp", host: "127.0.0.1", port: 6379, tls: false };
  assert.deepEqual(parseRedisAddress("redis://").place, tcp);
  assert.deepEqual(parseRedisAddress("redis://10.0.0.7:7000/3").place, {
    ...tcp,
    host: "10.0.0.7",
    port: 7000,
  });
  assert.equal(parseRedisAddress("redis://10.0.0.7:7000/3").db, 3);
  assert.deepEqual(parseRedisAddress("rediss://db.example").place, { ...tcp, host: "db.example", tls: true });
  assert.deepEqual(parseRedisAddress("redis://[::1]:1").place, { ...tcp, host: "::1", port: 1 });
  const socket = parseRedisAddress("unix:///run/redis/redis.sock?db=2");
  assert.deepEqual(socket.place, { kind: "socket", path: "/run/redis/redis.sock" });
  assert.equal(socket.db, 2);
});

test("user and password are read and never shown", () => {
  for (const text of [
    "redis://me:s%40crt@host:1/0",
    "rediss://me:s%40crt@host",
    "unix://me:s%40crt@/run/r.sock",
  ]) {
    const address = parseRedisAddress(text);
    assert.equal(address.username, "me");
    assert.equal(address.secret, "s@crt");
    assert.doesNotMatch(address.shown, /crt|me/);
  }
  assert.equal(parseRedisAddress("redis://:secret@host").username, undefined);
});

test("what is no address is refused without being repeated", () => {
  for (const text of [
    "localhost",
    "http://:secret@host",
    "unix://",
    "unix://:secret@",
    "redis://:secret@host/x",
    "",
  ]) {
    assert.throws(
      () => parseRedisAddress(text),
      (error: Error) => error.message.includes("redis://HOST") && !error.message.includes("secret"),
      text,
    );
  }
});
