import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "@grpc/grpc-js";
import { firestoreServer } from "../support/firestore-server.ts";
import { groupId, meetupApi, memberIds, rsvpOf, rsvpsOf } from "../support/meetup-api.ts";
import { runTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

const scratch = scratchFolder();
const KEY = "0123456789abcdef";
const env = { MEETUP_API_KEY: KEY, XDG_STATE_HOME: scratch };

test("into Firestore, by its official client: merged documents, though one commit in five fails", async () => {
  const server = await meetupApi();
  const failures = [status.ABORTED, status.UNAVAILABLE];
  const database = await firestoreServer((commit) =>
    commit % 5 === 1 ? { code: failures[commit % 2]!, stored: commit % 3 === 0 } : undefined,
  );
  const google = {
    ...env,
    FIRESTORE_EMULATOR_HOST: database.host,
    METADATA_SERVER_DETECTION: "none",
    GOOGLE_CLOUD_PROJECT: "test-project",
  };
  const args = ["--to", "firestore://meetup", "--api", server.url.href];
  const input = rsvpsOf(memberIds(900)).join("");
  const { code, err } = await runTool("profiles", args, { env: google, input });
  assert.equal(code, 0, err);
  const names = [...database.documents.keys()];
  assert.equal(names.filter((name) => name.startsWith("meetup-members/m")).length, 900);
  assert.equal(names.filter((name) => name.startsWith("meetup-groups/m")).length, 50);
  assert.equal(database.documents.get("meetup-members/m8000007")?.["id"], 8_000_007);
  assert.doesNotMatch(JSON.stringify([...database.documents.values()]), new RegExp(KEY));
  const again = await runTool("profiles", args, { env: google, input });
  assert.match(again.err, /1800 ids = 0 stored \+ 1800 repeats/);
});

test("Firestore without credentials, and one that does not let us write, are told with what to do", async () => {
  const server = await meetupApi();
  const database = await firestoreServer(() => ({ code: status.PERMISSION_DENIED }));
  const google = {
    ...env,
    FIRESTORE_EMULATOR_HOST: database.host,
    METADATA_SERVER_DETECTION: "none",
    GOOGLE_CLOUD_PROJECT: "another-project",
  };
  const args = ["--to", "firestore://meetup", "--api", server.url.href];
  const denied = await runTool("profiles", args, { env: google, input: rsvpOf(8_000_001, groupId(1)) });
  assert.equal(denied.code, 77);
  assert.match(denied.err, /give the account the role Cloud Datastore User/);
  const nobody = {
    ...google,
    FIRESTORE_EMULATOR_HOST: undefined,
    HOME: scratch,
    GOOGLE_CLOUD_PROJECT: undefined,
  };
  const alone = await runTool("profiles", args, { env: nobody, input: rsvpOf(8_000_001, groupId(1)) });
  assert.equal(alone.code, 78, alone.err);
  assert.match(alone.err, /gcloud auth application-default login/);
});
