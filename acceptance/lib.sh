# What the acceptance scripts share. To be sourced from the root of the tree.

# For the calling script's arguments: shows what its head says, and ends it.
usage() { # [what is wrong with the arguments]
  local head
  head=$(sed -nE '2,$ { /^#/!q; s/^# ?//p }' "acceptance/$(basename "$0")")
  [[ $# -gt 0 ]] || { echo "$head"; exit 0; }
  printf '%s\n\n%s\n' "$*" "$head" >&2
  exit 2
}

# Refuses what looks like an option: of most scripts there is none but --help.
options() {
  case "${1:-}" in
    -h | --help) usage ;;
    -*) usage "no such option: $1" ;;
  esac
}

# The names of a document's blocks, in order: ```bash {"name": "NAME"}
blocks() { sed -nE 's/^```bash \{"name": "([^"]+)"\}$/\1/p' "$1"; }

# The text of one of them.
block() { awk -v opening="\`\`\`bash {\"name\": \"$2\"}" '$0 == opening {inside = 1; next} /^```/ {inside = 0} inside' "$1"; }

# What the latest output, in the file $output, holds: extended regular expressions.
says() { grep -qE "$1" "$output" || { echo "does not say: $1"; return 1; }; }
says_nothing_of() { ! grep -E "$1" "$output"; }
count() { grep -cE "$1" "$output"; }

# The number that the output gives for a JSON key, the latest one.
value() { grep -oE "\"$1\": *[0-9.]+" "$output" | tail -1 | grep -oE '[0-9.]+$'; }

answers() { curl -fs -o /dev/null --max-time 5 "$1"; }

# Until a command succeeds, for so many seconds.
eventually() {
  local patience=$1 end=$((SECONDS + $1))
  shift
  until "$@"; do
    [[ $SECONDS -lt $end ]] || { echo "not within $patience s: $*"; return 1; }
    sleep 0.5
  done
}

# stats_show KEY TEST NUMBER, of the query API
stats_show() { test "$(curl -fs http://localhost:8003/stats | jq ".$1")" "$2" "$3" 2>/dev/null; }
no_lag() { [[ $(curl -fs http://localhost:8003/kafka/lag | jq .total_lag) == 0 ]]; }

audit() { curl -fsS --max-time 60 http://localhost:8003/audit; }
# Whether an audit, from the standard input, says that nothing is lost, double, made up or altered.
clean() { jq -e '.verdict == "ok" and .missing + .rows_missing + .duplicated + .phantom + .altered == 0' >/dev/null; }

# Every container that should run does, and is healthy where it can say; those that run once have ended well.
all_healthy() {
  local container state
  for container in $(docker compose ps -aq); do
    state=$(docker inspect "$container" --format \
      '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.ExitCode}}{{end}}')
    case $state in
      'running healthy' | 'running 0' | 'exited 0') ;;
      *) return 1 ;;
    esac
  done
  [[ -n $(docker compose ps -aq) ]] &&
    for port in 8000 8001 8003; do answers "http://localhost:$port/health" || return 1; done
}

failures=() ran=0

# A name, then what is run, whose output is shown and left in the file $output, then what must hold.
step() {
  local name=$1 started=$SECONDS
  printf '\n\033[1m%s\033[0m\n' "$name"
  $2 "$name" 2>&1 | tee "$output"
  ran=$((ran + 1))
  if $3 "$name"; then
    printf '\033[32mkept\033[0m %s (%d s)\n' "$name" $((SECONDS - started))
  else
    printf '\033[31mBROKEN\033[0m %s (%d s)\n' "$name" $((SECONDS - started))
    failures+=("$name")
  fi
}

# How the steps went, and whether all were kept.
steps_kept() {
  printf '\n%d steps, %d broken, %d s' $ran ${#failures[@]} $SECONDS
  [[ ${#failures[@]} -eq 0 ]] && echo || { printf ': %s\n' "${failures[*]}"; return 1; }
}
