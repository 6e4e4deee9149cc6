#!/bin/bash
# Writes program.aot: the classes of a service, loaded, linked and profiled in a rehearsal with a real broker, so that
# the JVM's AOT cache holds what a start takes and what the first orders take. The stream is killed once beforehand, as
# its next start then is the one that matters most: after a crash.
#
#   rehearse-in-image-build.sh MODULE     in the folder of program.jar and lib, with Kafka in /opt/kafka
set -euo pipefail
module=$1 conf=$(dirname "$0") place=$(mktemp -d)
trap 'cat "$place"/*.log >&2' ERR

cat "$conf/broker.properties" - >"$place/broker.properties" <<PLACE
controller.quorum.voters=1@localhost:9093
listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
log.dirs=$place/kafka
PLACE
export LOG_DIR=$place KAFKA_HEAP_OPTS=-Xmx256m KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=$conf/log4j2.properties
/opt/kafka/bin/kafka-storage.sh format --cluster-id b25seW9uY2Utb25seW9uYw --config "$place/broker.properties" >"$place/format.log" 2>&1
/opt/kafka/bin/kafka-server-start.sh "$place/broker.properties" >"$place/broker.log" 2>&1 &
broker=$!
until (exec 3<>/dev/tcp/localhost/9092) 2>/dev/null; do kill -0 $broker; sleep 0.2; done
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp program.jar io.onlyonce.ingest.setup.KafkaSetup >"$place/topics.log" 2>&1

service=
start() { # flags of the JVM; returns when the service answers
  SERVER_PORT=8080 STATE_DIR=$place/state KAFKA_BOOTSTRAP_SERVERS=localhost:9092 \
    java -Xmx256m -XX:+UseSerialGC "$@" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dspring.aot.enabled=true -jar program.jar >"$place/service.log" 2>&1 &
  service=$!
  until curl -s -o /dev/null localhost:8080/health; do kill -0 $service; sleep 0.2; done
}
get() { curl -s -o /dev/null "localhost:8080/$1"; }
post() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "localhost:8080/$1"; }
order() { printf '{"order_id":"rehearsal-%s","customer_id":"rehearsal","items":[{"name":"Chair","quantity":2,"price":12.50}],"total_amount":25.00,"created_at":"2026-01-01T00:00:00Z"}' "$1"; }

# Orders number $1 to $2, past the ingest API; the broker is the only other part here.
send() {
  for n in $(seq "$1" "$2"); do printf 'rehearsal-%s|%s\n' "$n" "$(order "$n")"; done |
    /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders \
      --property parse.key=true --property 'key.separator=|' >>"$place/send.log" 2>&1
}
consumed() { # until the stream has taken so many since it was started
  until [[ $(curl -s localhost:8080/stats | sed -nE 's/.*"messages_consumed":([0-9]+).*/\1/p') -ge $1 ]]; do
    kill -0 $service
    sleep 0.2
  done
}

if [[ $module == order-stream ]]; then
  start
  send 1 20
  consumed 20
  kill -KILL $service
  wait $service || true
  send 21 40
fi

start -XX:AOTCacheOutput=program.aot
case $module in
  order-stream)
    consumed 20
    send 31 60
    consumed 50
    ;;
  ingest-api)
    for n in $(seq 30); do post orders "$(order "$n")"; done
    post orders/batch "{\"orders\":[$(order a),$(order b)]}"
    post simulate/duplicate "$(order c)"
    post config '{"delivery_mode":"at-most-once"}'
    for n in $(seq 5); do post orders "$(order "m$n")"; done
    ;;
  query-api)
    for page in kafka/lag kafka/topics kafka/consumer-groups compare/semantics; do get $page; done
    ;;
esac
for page in config health actuator/prometheus v3/api-docs; do get $page; done
kill $service
wait $service || true
kill $broker
wait $broker || true
rm -rf "$place"
test -s program.aot
