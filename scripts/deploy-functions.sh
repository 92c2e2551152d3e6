#!/usr/bin/env bash
# Prints the gcloud commands that put the cloud functions, their secrets, their log sinks and their schedule in place.
# Runs them only with --run; then what is there already is left as it is, but for the functions, which are deployed anew,
# and the schedule, which is as --groups and --collection say (without --groups it is left as it is).
#
#   scripts/deploy-functions.sh --project P --bucket B [options]
#
#     --project P        the Google Cloud project
#     --bucket B         where save_stream_data keeps messages
#     --region R         where all of it is (default: us-central1)
#     --groups 1,2       groups whose profiles are fetched once a day, up to 200 of them
#     --collection C     where they go in Firestore (default: groups)
#     --api URL          another server that speaks Meetup's API, which Meetup has retired
#     --run              run the commands; SLACK_WEBHOOK_URL and MEETUP_API_KEY of the environment become secrets
#
# docs/DEPLOY.md says what each is for, and what it may do.
set -euo pipefail

project=
bucket=
region=us-central1
groups=
collection=groups
api=
run=
topic=rsvpulse-errors

main() {
  read_options "$@"
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  [ -z "$run" ] || command -v gcloud >/dev/null || fail 69 "gcloud is needed: install the Google Cloud CLI"
  step "The services that are used"
  cloud services enable run.googleapis.com cloudfunctions.googleapis.com cloudbuild.googleapis.com \
    artifactregistry.googleapis.com eventarc.googleapis.com pubsub.googleapis.com secretmanager.googleapis.com \
    logging.googleapis.com cloudscheduler.googleapis.com storage.googleapis.com firestore.googleapis.com
  make_accounts
  make_stores
  make_secrets
  step "The functions, from dist/functions"
  act node scripts/build.mjs
  deploy_saving
  make_sinks
  deploy_reporting
  make_schedule
  [ -n "$run" ] || say "nothing was run; --run runs these commands"
}

say() { printf 'deploy-functions: %s\n' "$*" >&2; }
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}
help() { sed -n '2,/^set -e/{/^set -e/d;s/^# \{0,1\}//;p;}' "$0"; }
step() { printf '\n# %s\n' "$*"; }

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
      help
      exit 0
      ;;
    --run) run=yes ;;
    --project | --bucket | --region | --groups | --collection | --api)
      [ $# -ge 2 ] || fail 64 "$1: expected a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    *) fail 64 "unknown option $1; --help lists them" ;;
    esac
    shift
  done
  [[ $project =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || fail 64 "--project: expected a project's id, got '$project'"
  [[ $bucket =~ ^[a-z0-9][a-z0-9._-]+[a-z0-9]$ ]] || fail 64 "--bucket: expected a bucket's name, got '$bucket'"
  [[ $region =~ ^[a-z]+-[a-z]+[0-9]+$ ]] || fail 64 "--region: expected a region such as us-central1, got '$region'"
  [[ $groups =~ ^([0-9]+(,[0-9]+)*)?$ ]] || fail 64 "--groups: expected numbers, separated by commas, got '$groups'"
  [ "$(tr -cd , <<<"$groups" | wc -c)" -lt 200 ] || fail 64 "--groups: expected 200 numbers at most; a request takes no more"
  [[ $api =~ ^(https://[A-Za-z0-9./:_-]+)?$ ]] || fail 64 "--api: expected an address of https without a query, got another"
  [[ $collection =~ ^[A-Za-z0-9_-]+$ ]] || fail 64 "--collection: expected letters, digits, _ and -, got '$collection'"
}

# Prints a command, so that it can be pasted, and with --run runs it. The one place where anything is run.
act() {
  quoted "$@"
  [ -z "$run" ] || "$@"
}
quoted() {
  local word
  for word in "$@"; do
    case $word in
    *[!A-Za-z0-9_.,:/=@%+-]* | '') printf "'%s' " "${word//\'/\'\\\'\'}" ;;
    *) printf '%s ' "$word" ;;
    esac
  done | sed 's/ $//'
  printf '\n'
}
cloud() { act gcloud "$@" "--project=$project"; }

# The same for what is made once: $1 words after gcloud ask for it, the others make it.
cloud_once() {
  local ask=("${@:2:$1}")
  shift $(($1 + 1))
  if [ -n "$run" ] && gcloud "${ask[@]}" "--project=$project" >/dev/null 2>&1; then
    printf '# is there: %s\n' "$(quoted gcloud "${ask[@]}")"
  else
    cloud "$@"
  fi
}

account() { printf '%s@%s.iam.gserviceaccount.com' "$1" "$project"; }
member() { printf 'serviceAccount:%s' "$(account "$1")"; }

make_accounts() {
  local name
  step "Accounts: one that saves, one that reports, one that calls"
  for name in rsvpulse-save rsvpulse-report rsvpulse-call; do
    cloud_once 4 iam service-accounts describe "$(account "$name")" iam service-accounts create "$name"
  done
}

make_stores() {
  local role
  step "The bucket: no access but by roles, none for the public; objects can be made and read, not changed"
  cloud_once 4 storage buckets describe "gs://$bucket" storage buckets create "gs://$bucket" \
    "--location=$region" --uniform-bucket-level-access --public-access-prevention
  for role in objectCreator objectViewer; do
    cloud storage buckets add-iam-policy-binding "gs://$bucket" "--member=$(member rsvpulse-save)" \
      "--role=roles/storage.$role"
  done
  step "Firestore, for profiles"
  cloud_once 4 firestore databases describe '--database=(default)' firestore databases create "--location=$region"
  cloud projects add-iam-policy-binding "$project" "--member=$(member rsvpulse-save)" --role=roles/datastore.user \
    --condition=None
}

make_secrets() {
  step "Secrets, from the environment by a pipe: they are in no command line"
  make_secret slack-webhook SLACK_WEBHOOK_URL rsvpulse-report
  make_secret meetup-api-key MEETUP_API_KEY rsvpulse-save
}
make_secret() {
  local name=$1 variable=$2 reader=$3
  if [ -z "$run" ]; then
    # shellcheck disable=SC2016 # whoever pastes it expands it
    printf 'printf %%s "$%s" | ' "$variable"
    cloud secrets create "$name" --replication-policy=automatic --data-file=-
  elif gcloud secrets describe "$name" "--project=$project" >/dev/null 2>&1; then
    printf '# is there: the secret %s\n' "$name"
  else
    [ -n "${!variable-}" ] || fail 78 "there is no secret $name yet: set $variable in the environment"
    printf %s "${!variable}" | cloud secrets create "$name" --replication-policy=automatic --data-file=-
  fi
  cloud secrets add-iam-policy-binding "$name" "--member=$(member "$reader")" \
    --role=roles/secretmanager.secretAccessor
}

# $1 the function, $2 its account, $3 its memory, then what is its own. One request at a time: memory is reckoned for that.
deploy() {
  cloud functions deploy "${1//_/-}" --gen2 "--region=$region" --runtime=nodejs22 --source=dist/functions \
    "--entry-point=$1" "--service-account=$(account "$2")" "--memory=$3" --timeout=60s \
    --concurrency=1 "${@:4}"
}

deploy_saving() {
  local name
  # A message of 10 MiB takes 280 MB.
  deploy save_stream_data rsvpulse-save 512Mi --trigger-http --no-allow-unauthenticated --max-instances=10
  for name in save_member_data save_group_data; do
    # One instance: Meetup's API counts requests by key.
    deploy "$name" rsvpulse-save 256Mi --trigger-http --no-allow-unauthenticated --max-instances=1 \
      --set-secrets=MEETUP_API_KEY=meetup-api-key:latest ${api:+"--set-env-vars=RSVPULSE_API=$api"}
  done
  for name in save-stream-data save-member-data save-group-data; do may_call rsvpulse-call "$name"; done
}
may_call() {
  cloud run services add-iam-policy-binding "$2" "--region=$region" "--member=$(member "$1")" --role=roles/run.invoker
}

# What the reporting says of itself is left out, or a post that fails would be the next one to post.
make_sinks() {
  local own='NOT resource.labels.service_name="report-slack"'
  step "Errors, and whatever is written to the log Script-Monitor, into one topic"
  cloud_once 4 pubsub topics describe "$topic" pubsub topics create "$topic"
  make_sink rsvpulse-errors "severity>=ERROR AND $own"
  make_sink rsvpulse-script-monitor "logName=\"projects/$project/logs/Script-Monitor\" AND severity<ERROR"
}
make_sink() {
  local writer
  cloud_once 4 logging sinks describe "$1" logging sinks create "$1" \
    "pubsub.googleapis.com/projects/$project/topics/$topic" "--log-filter=$2"
  if [ -n "$run" ]; then
    writer=$(gcloud logging sinks describe "$1" '--format=value(writerIdentity)' "--project=$project")
    cloud pubsub topics add-iam-policy-binding "$topic" "--member=$writer" --role=roles/pubsub.publisher
  else
    # shellcheck disable=SC2016 # whoever pastes it expands it
    printf 'gcloud pubsub topics add-iam-policy-binding %s --role=roles/pubsub.publisher --project=%s --member="$(gcloud logging sinks describe %s --format="value(writerIdentity)" --project=%s)"\n' \
      "$topic" "$project" "$1" "$project"
  fi
}

deploy_reporting() {
  step "What is in the topic to Slack: one at a time, and again where Slack took none"
  cloud projects add-iam-policy-binding "$project" "--member=$(member rsvpulse-call)" \
    --role=roles/eventarc.eventReceiver --condition=None
  deploy report_slack rsvpulse-report 256Mi "--trigger-topic=$topic" --retry --max-instances=1 \
    "--trigger-service-account=$(account rsvpulse-call)" --set-secrets=SLACK_WEBHOOK_URL=slack-webhook:latest
  may_call rsvpulse-call report-slack
}

make_schedule() {
  local url="https://$region-$project.cloudfunctions.net/save-group-data" job=rsvpulse-groups verb=create
  [ -n "$groups" ] || return 0
  step "Profiles of groups, once a day; again where the function says that it may be asked again"
  if [ -n "$run" ] && gcloud scheduler jobs describe "$job" "--location=$region" "--project=$project" >/dev/null 2>&1; then
    verb=update
  fi
  cloud scheduler jobs "$verb" http "$job" "--location=$region" '--schedule=17 4 * * *' --http-method=POST \
    --max-retry-attempts=5 --min-backoff=60s \
    "--uri=$url?group_id=$groups&collection=$collection" \
    "--oidc-service-account-email=$(account rsvpulse-call)" "--oidc-token-audience=$url"
}

main "$@"
exit
