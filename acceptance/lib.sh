# Functions of the acceptance scripts. Sourced with the project root as the current directory.

# Prints the comment at the start of the calling script and exits.
usage() { # [ERROR]
  local head
  head=$(sed -nE '2,$ { /^#/!q; s/^# ?//p }' "acceptance/$(basename "$0")")
  [[ $# -gt 0 ]] || { echo "$head"; exit 0; }
  printf '%s\n\n%s\n' "$*" "$head" >&2
  exit 2
}

# Handles --help and rejects other options.
options() {
  case "${1:-}" in
    -h | --help) usage ;;
    -*) usage "no such option: $1" ;;
  esac
}

# Prints the names of the blocks of a document, in order: ```bash {"name": "NAME"}
blocks() { sed -nE 's/^```bash \{"name": "([^"]+)"\}$/\1/p' "$1"; }

# Prints the text of a block.
block() { awk -v opening="\`\`\`bash {\"name\": \"$2\"}" '$0 == opening {inside = 1; next} /^```/ {inside = 0} inside' "$1"; }

# Search the output of the last step, in the file $output, for an extended regular expression.
says() { grep -qE "$1" "$output" || { echo "not in the output: $1"; return 1; }; }
says_nothing_of() { ! grep -E "$1" "$output"; }
count() { grep -cE "$1" "$output"; }

# Prints the last number of a JSON key in the output.
value() { grep -oE "\"$1\": *[0-9.]+" "$output" | tail -1 | grep -oE '[0-9.]+$'; }

answers() { curl -fs -o /dev/null --max-time 5 "$1"; }

# Repeats a command until it succeeds or the timeout ends.
eventually() { # SECONDS COMMAND...
  local timeout=$1 end=$((SECONDS + $1))
  shift
  until "$@"; do
    [[ $SECONDS -lt $end ]] || { echo "not within $timeout s: $*"; return 1; }
    sleep 0.5
  done
}

# Compares a number of GET /stats.
stats_show() { # KEY OPERATOR NUMBER
  test "$(curl -fs http://localhost:8003/stats | jq ".$1")" "$2" "$3" 2>/dev/null
}
no_lag() { [[ $(curl -fs http://localhost:8003/kafka/lag | jq .total_lag) == 0 ]]; }

audit() { curl -fsS --max-time 60 http://localhost:8003/audit; }
# Whether the audit report on standard input contains no lost, duplicated, phantom or altered order.
clean() { jq -e '.verdict == "ok" and .missing + .rows_missing + .duplicated + .phantom + .altered == 0' >/dev/null; }

# Whether every service is running and healthy, and every one-time container has exited with 0.
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

# Runs a command, shows its output and writes it to the file $output, then checks the result.
step() { # NAME COMMAND CHECK
  local name=$1 started=$SECONDS
  printf '\n\033[1m%s\033[0m\n' "$name"
  $2 "$name" 2>&1 | tee "$output"
  ran=$((ran + 1))
  if $3 "$name"; then
    printf '\033[32mpassed\033[0m %s (%d s)\n' "$name" $((SECONDS - started))
  else
    printf '\033[31mFAILED\033[0m %s (%d s)\n' "$name" $((SECONDS - started))
    failures+=("$name")
  fi
}

# Prints a summary. Succeeds if all steps have passed.
report_steps() {
  printf '\n%d steps, %d failed, %d s' $ran ${#failures[@]} $SECONDS
  [[ ${#failures[@]} -eq 0 ]] && echo || { printf ': %s\n' "${failures[*]}"; return 1; }
}
