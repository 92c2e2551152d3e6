import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isOwnHost, SECURITY_HEADERS } from "../../src/api/guards.ts";

const allowed = new Set(["pulse.example.org"]);
const own = (host: string | undefined) => isOwnHost(host, allowed);

test("addresses, localhost and allowed names are this host, with any port and in any case", () => {
  for (const host of [
    ...["127.0.0.1", "127.0.0.1:8000", "10.1.2.3:80", "0.0.0.0:8000", "[::1]", "[::1]:8000", "[fe80::1]:1"],
    ...["localhost", "localhost:8000", "LOCALHOST:1", "localhost.", "app.localhost:8000"],
    ...["pulse.example.org", "pulse.example.org:443", "Pulse.Example.ORG", "pulse.example.org."],
  ]) {
    assert.ok(own(host), host);
  }
});

test("names of others are not, whatever they look like", () => {
  for (const host of [
    undefined,
    ...["", " ", "example.org", "evil.com:8000", "127.0.0.1.evil.com", "localhost.evil.com", "localhostevil"],
    ...["evil.pulse.example.org", "pulse.example.org.evil.com", "xpulse.example.org", "127.0.0.1.nip.io"],
    ...["evil.com@127.0.0.1", "localhost:pw@evil.com", "user@localhost", "localhost/evil", "localhost\\evil"],
    ...["localhost?evil", "localhost#evil", "localhost:99999", "localhost:x", "[::1", "::1", "[evil]"],
    ...["localhost,evil.com", "localhost evil.com", "%6cocalhost.evil", "127.0.0.1:80:80", "__proto__"],
    `${"a".repeat(300)}.localhost`,
  ]) {
    assert.ok(!own(host), host);
  }
});

test("no header makes it throw, and none that is let through hides another host", () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc
          .array(
            fc.constantFrom(
              "localhost",
              "127.0.0.1",
              "evil.com",
              ":",
              "@",
              ".",
              "/",
              "[::1]",
              "8000",
              "%",
              "#",
            ),
            {
              maxLength: 6,
            },
          )
          .map((parts) => parts.join("")),
      ),
      (host) => {
        if (!own(host)) return;
        const { hostname } = new URL(`http://${host}`);
        assert.doesNotMatch(hostname, /evil\.com\.?$/, host);
        assert.match(hostname, /^\[[0-9a-f:.]+\]$|^[\d.]+$|localhost\.?$|^pulse\.example\.org\.?$/, host);
      },
    ),
  ));

test("the policy for content lets nothing run but the page's own files", () => {
  const policy = SECURITY_HEADERS["content-security-policy"]!;
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.match(policy, /^default-src 'none'; script-src 'self'; /);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(SECURITY_HEADERS["x-content-type-options"], "nosniff");
});
