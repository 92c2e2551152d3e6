import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { requestAllowance, type SavedAllowance } from "../../src/profiles/request-allowance.ts";
import { throttle } from "../../src/simulate/throttle.ts";

/** The limit of simulate, by a clock of its own; `round` is how it writes the seconds until the reset. */
function setting(memory?: { saved: SavedAllowance | undefined }, offset = 0) {
  let now = offset;
  const kept = memory ?? { saved: undefined };
  const allowance = requestAllowance(
    { now: () => now },
    {
      load: () => kept.saved,
      save(saved) {
        kept.saved = saved;
      },
    },
  );
  return { allowance, kept, now: () => now, pass: (ms: number) => (now += ms) };
}

test("the first request goes out at once; of a server that tells no limit, one a second do", () => {
  const { allowance, pass } = setting();
  assert.equal(allowance.wait(), 0);
  allowance.spend();
  allowance.told({ remaining: undefined, reset: undefined });
  pass(400);
  assert.equal(allowance.wait(), 600);
  assert.equal(allowance.left(), undefined);
});

test("where another server told a limit, one that tells none is asked once a second, and not past that limit", () => {
  const { allowance, pass } = setting({ saved: { remaining: 2, until: 5000 } });
  allowance.spend();
  allowance.told({ remaining: undefined, reset: undefined });
  pass(300);
  assert.equal(allowance.wait(), 700);
  pass(700);
  allowance.spend();
  allowance.told({ remaining: undefined, reset: undefined });
  assert.equal(allowance.wait(), 4000);
  pass(4000);
  assert.equal(allowance.wait(), 0);
  allowance.spend();
  assert.equal(allowance.wait(), 1000);
  allowance.told({ remaining: 5, reset: 9 });
  assert.equal(allowance.wait(), 0);
});

test("when none is left it waits until a second after the reset, for seconds are rounded", () => {
  const { allowance, pass } = setting();
  allowance.told({ remaining: 1, reset: 7 });
  allowance.spend();
  assert.equal(allowance.wait(), 8000);
  pass(8000);
  assert.equal(allowance.wait(), 0);
});

test("no server with fixed windows ever refuses, however slow answers are and whatever is killed", () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ delay: fc.nat(60), killed: fc.boolean(), pause: fc.nat(120) }), {
        minLength: 40,
        maxLength: 120,
      }),
      (requests) => {
        const server = throttle();
        const memory: { saved: SavedAllowance | undefined } = { saved: undefined };
        let { allowance, now, pass } = setting(memory);
        for (const { delay, killed, pause } of requests) {
          pass(allowance.wait());
          assert.equal(allowance.wait(), 0);
          allowance.spend();
          pass(delay);
          const { allowed, headers } = server("key", now());
          assert.ok(allowed);
          pass(delay);
          if (killed) ({ allowance, now, pass } = setting(memory, now()));
          else {
            allowance.told({
              remaining: Number(headers["x-ratelimit-remaining"]),
              reset: Number(headers["x-ratelimit-reset"]),
            });
          }
          pass(pause);
        }
      },
    ),
  ));

test("what another program used up with this key is known after a restart, too", () => {
  const { allowance, kept } = setting();
  allowance.spend();
  allowance.told({ remaining: 0, reset: 9 });
  assert.equal(setting(kept).allowance.wait(), 10_000);
});

test("a window that a restart finds in the far future, from a clock that was wrong, is none", () => {
  const { allowance } = setting({ saved: { remaining: 0, until: 1e12 } });
  assert.equal(allowance.wait(), 0);
});
