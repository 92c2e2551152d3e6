import { cloudEvent, http } from "@google-cloud/functions-framework";
import { systemClock } from "../core/clock.ts";
import { defaultVariable, environmentVariable } from "../core/environment.ts";
import { jsonLog } from "../core/log-json.ts";
import type { ProfileKind } from "../profiles/kinds.ts";
import { openBucket } from "./archive-wiring.ts";
import { httpFunction } from "./http-function.ts";
import { profilesHandler } from "./profiles-handler.ts";
import { fetchProfiles } from "./profiles-wiring.ts";
import { reportSlack } from "./report-slack.ts";
import { saveStreamData } from "./save-stream-data.ts";

// Express shows its callers stacks (of a body that is no JSON, say) unless it is told that this is no workbench.
defaultVariable("NODE_ENV", "production");

/** Without the newline that came with it where the secret was made by echo. */
const meetupKey = () => environmentVariable("MEETUP_API_KEY")?.trim();
const webhook = () => environmentVariable("SLACK_WEBHOOK_URL");

function profilesFunction(name: string, kind: ProfileKind) {
  const log = jsonLog(name);
  return httpFunction(profilesHandler({ kind, fetchProfiles, key: meetupKey, log }), {
    log,
    methods: ["POST", "GET"],
    secretParameters: ["key"],
    secrets: () => [meetupKey()],
  });
}

http(
  "save_stream_data",
  httpFunction(saveStreamData(openBucket), { log: jsonLog("save_stream_data"), methods: ["POST"] }),
);
http("save_member_data", profilesFunction("save_member_data", "members"));
http("save_group_data", profilesFunction("save_group_data", "groups"));
cloudEvent(
  "report_slack",
  reportSlack({
    webhook,
    service: () => environmentVariable("K_SERVICE"),
    log: jsonLog("report_slack"),
    clock: systemClock,
  }),
);
