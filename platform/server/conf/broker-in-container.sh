#!/bin/bash
# Starts a broker in a container of the image onlyonce/kafka, with the common settings and those of the container. Uses existing storage,
# so that a container can be restarted, killed and replaced.
#
#   NODE_ID         1, 2, …
#   VOTERS          the controllers, as a list of ID@HOST:9093
#   PUBLISHED_PORT  the port of this broker on localhost for clients on the host
#   REPLICATION     further settings, one per line; empty for a single broker
set -euo pipefail

settings=/tmp/broker.properties
cat "$(dirname "$0")/broker.properties" - >"$settings" <<OWN
node.id=$NODE_ID
controller.quorum.voters=$VOTERS
listeners=INTERNAL://:19092,EXTERNAL://:9092,CONTROLLER://:9093
advertised.listeners=INTERNAL://$HOSTNAME:19092,EXTERNAL://localhost:$PUBLISHED_PORT
inter.broker.listener.name=INTERNAL
listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=/var/lib/kafka/data
$REPLICATION
OWN

# The same on every broker of a cluster.
cluster=b25seW9uY2Utb25seW9uYw

# Writes its log only to standard output.
export LOG_DIR=/tmp EXTRA_ARGS="-name kafkaServer"
export KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=/conf/log4j2.properties

/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$cluster" --config "$settings"
# Not in the environment of the container, because its tools would start the exporter on the same port.
export KAFKA_OPTS="-XX:+ExitOnOutOfMemoryError -javaagent:/agents/jmx_prometheus_javaagent.jar=9404:/agents/broker-jmx.yml"
exec /opt/kafka/bin/kafka-server-start.sh "$settings"
