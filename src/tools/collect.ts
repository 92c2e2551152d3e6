import { checkAll } from "../collect/check.ts";
import { collect } from "../collect/collect.ts";
import { readSettings, STRUCTURED } from "../collect/config.ts";
import { parsePing } from "../collect/ping.ts";
import { stateFolderOf } from "../collect/places.ts";
import { type Context, defineTool, Option } from "../core/cli.ts";
import { environmentVariable } from "../core/environment.ts";
import { ToolError } from "../core/errors.ts";
import { parseSeverity, type Severity } from "../core/log.ts";
import { print } from "../core/output.ts";
import { parsePositiveSpan, parseSpan } from "../core/spans.ts";
import { type Allowance, parseAllowance } from "../sinks/slack/allowance.ts";
import { isWebhookSet, readWebhook, type Webhook } from "../sinks/slack/webhook.ts";
import { aheadOption, stallOption } from "../sources/live-options.ts";

interface Options {
  readonly check: boolean;
  readonly heartbeat?: number | undefined;
  readonly ping?: URL | undefined;
  readonly slackConfig?: string | undefined;
  readonly minSeverity: Severity;
  readonly fold: number;
  readonly atMost: Allowance;
  readonly state?: string | undefined;
  readonly ahead: number;
  readonly stall: number;
}

export const run = defineTool<Options>({
  name: "collect",
  role: "service",
  structured: STRUCTURED,
  declare: (base) =>
    base
      .option("--check", "try all that a run needs, tell it line by line, and collect nothing", false)
      .addOption(
        new Option(
          "--heartbeat <span>",
          "tell Slack this often, and at the start, that it lives and what it saved",
        ).argParser(parsePositiveSpan),
      )
      .addOption(
        new Option("--ping <address>", "ask for this address each minute while all is well").argParser(
          parsePing,
        ),
      )
      .option("--slack-config <file>", 'read {"url": …} from FILE (default: CONFIG_SLACK.json)')
      .addOption(
        new Option("--min-severity <severity>", "tell Slack of log records of this severity and graver ones")
          .argParser(parseSeverity)
          .default("ERROR" as Severity, "ERROR"),
      )
      .addOption(
        new Option("--fold <span>", "how long repeats of a log record are gathered into one post")
          .argParser(parseSpan)
          .default(60, "60s"),
      )
      .addOption(
        new Option("--at-most <posts/span>", "most posts of log records in any such span")
          .argParser(parseAllowance)
          .default(parseAllowance("20/10m"), "20/10m"),
      )
      .option(
        "--state <folder>",
        "where it is kept how far each stream is (default: a folder of this machine for each config file)",
      )
      .addOption(aheadOption())
      .addOption(stallOption())
      .addHelpText("after", HELP),
  run: work,
});

const HELP = `
What is collected, and where it goes, stands in the object "collect" of rsvpulse.config.json: streams (default: Meetup's
five), archive, profiles; see rsvpulse.config.example.json. Each option can stand there too. Secrets come from
MEETUP_API_KEY, and from SLACK_WEBHOOK_URL or CONFIG_SLACK.json.

All streams go through one process. One that fails is started again, after waits that double up to five minutes; one that
does not let us in stays down, and the others go on. A stream's place moves on once archive and profiles have what came
before it, for good: a run that is killed loses nothing that its source gives again. In batches what came in the last
minute before a kill may be kept twice.

Examples:
  $ bin/collect --check
  $ bin/collect --config rsvpulse.config.json --heartbeat 6h
  $ bin/collect --ping https://hc-ping.com/your-check 2> collect.log`;

async function work(options: Options, context: Context): Promise<void> {
  const settings = readSettings(context.config);
  if (options.check) {
    const slack = () => {
      const webhook = webhookOf(options);
      if (webhook !== undefined) return `a webhook is set (${webhook.hash})`;
      if (options.heartbeat === undefined) return "no webhook is set: errors go to standard error alone";
      throw new ToolError("configuration", NO_WEBHOOK);
    };
    const line = (text: string) => print(`${text}\n`);
    return checkAll({ settings, slack, log: context.log, stop: context.stop.signal, line });
  }
  const webhook = webhookOf(options);
  if (webhook === undefined && options.heartbeat !== undefined) context.log.warning(NO_WEBHOOK);
  const { heartbeat, ping, state } = options;
  await collect(
    {
      ...{ ...options, settings, webhook, heartbeat, ping },
      state: state ?? stateFolderOf(context.config?.path ?? "rsvpulse.config.json"),
    },
    context,
  );
}

const NO_WEBHOOK =
  'a heartbeat is asked for, and no Slack webhook is set: set SLACK_WEBHOOK_URL, or write {"url": …} into CONFIG_SLACK.json';

/** undefined where nobody says one. @throws ToolError (configuration) for one that cannot be used. */
function webhookOf({ slackConfig: file }: Options): Webhook | undefined {
  const variable = environmentVariable("SLACK_WEBHOOK_URL");
  return isWebhookSet({ variable, file }) ? readWebhook({ variable, file }) : undefined;
}
