# Runs parts 2 to 7 of the runbook against ./lab up, on the same ports and without Docker: a function replaces the docker
# command. Sourced by acceptance/runbook.

steps() { demo_blocks | sed -n '/^verify-services$/,/^setup-loadtest$/p' | grep -vx show-urls; }

docker() {
  case $* in
    'compose logs consumer --tail='*) ./lab logs consumer --tail="${4#--tail=}" ;;
    'compose up -d consumer') ./lab start consumer ;;
    'compose ps consumer') ./lab status ;;
    *) echo "unexpected command: docker $*" >&2 && return 1 ;;
  esac
}
# Each block runs in a separate shell.
export -f docker

begin() { step lab-up lab_up true; }
finish() { step lab-down lab_down lab_is_down; }
lab_up() { ./lab down --volumes && ./lab up --detach; }
lab_down() { ./lab down --volumes; }
lab_is_down() { ! answers http://localhost:8001/health; }
consumer_is_dead() { ! (exec 3<>/dev/tcp/127.0.0.1/8001) 2>/dev/null; }
