#!/bin/bash
# Starts a broker in a container of Kafka's own image: the settings that hold everywhere, then those of this place.
# A storage that is formatted already is used as it is, so that a container can be restarted, killed and replaced.
#
#   NODE_ID         1, 2, …
#   VOTERS          the controllers, ID@HOST:9093 each
#   PUBLISHED_PORT  where the host's clients find this broker on localhost
#   REPLICATION     further settings, one a line; none for a broker that is alone
set -euo pipefail

settings=/tmp/broker.properties
cat "$(dirname "$0")/broker.properties" - >"$settings" <<PLACE
node.id=$NODE_ID
controller.quorum.voters=$VOTERS
listeners=INTERNAL://:19092,EXTERNAL://:9092,CONTROLLER://:9093
advertised.listeners=INTERNAL://$HOSTNAME:19092,EXTERNAL://localhost:$PUBLISHED_PORT
inter.broker.listener.name=INTERNAL
listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=/var/lib/kafka/data
$REPLICATION
PLACE

# The same on every broker of a cluster.
cluster=b25seW9uY2Utb25seW9uYw

# Its log is what it prints; nothing is written beside it.
export LOG_DIR=/tmp EXTRA_ARGS="-name kafkaServer"
export KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=/conf/log4j2.properties

/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$cluster" --config "$settings"
exec /opt/kafka/bin/kafka-server-start.sh "$settings"
