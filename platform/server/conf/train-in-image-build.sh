#!/bin/bash
# AOT training run of a service: writes program.aot, the AOT cache with the classes that the start and the first orders need.
# Uses a real broker. Kills the stream once before the training run, so that the cache covers a start after a crash.
#
#   train-in-image-build.sh MODULE     in the directory of program.jar and lib, with Kafka in /opt/kafka
set -euo pipefail
module=$1 conf=$(dirname "$0") directory=$(mktemp -d)
trap 'cat "$directory"/*.log >&2' ERR

cat "$conf/broker.properties" - >"$directory/broker.properties" <<OWN
controller.quorum.voters=1@localhost:9093
listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
log.dirs=$directory/kafka
OWN
export LOG_DIR=$directory KAFKA_HEAP_OPTS=-Xmx256m KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=$conf/log4j2.properties
/opt/kafka/bin/kafka-storage.sh format --cluster-id b25seW9uY2Utb25seW9uYw --config "$directory/broker.properties" >"$directory/format.log" 2>&1
/opt/kafka/bin/kafka-server-start.sh "$directory/broker.properties" >"$directory/broker.log" 2>&1 &
broker=$!
until (exec 3<>/dev/tcp/localhost/9092) 2>/dev/null; do kill -0 $broker; sleep 0.2; done
# Only the image of the ingest API contains the program that creates the topics of the product.
for topic in orders orders.processed orders.duplicates orders.dlq; do
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server localhost:9092 --create --topic $topic --partitions 6 >>"$directory/topics.log" 2>&1
done

service=
start() { # JVM_FLAGS...; returns when the service responds
  SERVER_PORT=8080 STATE_DIR=$directory/state KAFKA_BOOTSTRAP_SERVERS=localhost:9092 \
    java -Xmx256m -XX:+UseSerialGC "$@" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dspring.aot.enabled=true -jar program.jar >"$directory/service.log" 2>&1 &
  service=$!
  until curl -s -o /dev/null localhost:8080/health; do kill -0 $service; sleep 0.2; done
}
get() { curl -s -o /dev/null "localhost:8080/$1"; }
post() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "localhost:8080/$1"; }
order() { printf '{"order_id":"training-%s","customer_id":"training","items":[{"name":"Chair","quantity":2,"price":12.50}],"total_amount":25.00,"created_at":"2026-01-01T00:00:00Z"}' "$1"; }

# Writes orders number $1 to $2 to the topic. The image build has no ingest API.
send() {
  for n in $(seq "$1" "$2"); do printf 'training-%s|%s\n' "$n" "$(order "$n")"; done |
    /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders \
      --reader-property parse.key=true --reader-property 'key.separator=|' >>"$directory/send.log" 2>&1
}
consumed() { # COUNT; waits until the stream has consumed this number of orders since its start
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
rm -rf "$directory"
test -s program.aot
