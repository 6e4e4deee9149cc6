package io.onlyonce.query.deadletters;

import io.onlyonce.query.Limits;
import io.onlyonce.query.deadletters.DeadLetterReader.Batch;
import io.onlyonce.query.deadletters.Replay.Replayed;
import io.onlyonce.web.Guarded;
import io.onlyonce.web.Problem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Lists and replays the dead letters of the stream and of the sink. */
@RestController
@RequestMapping("/dead-letters")
@Tag(name = "Dead letters", description = "The records that the stream or the sink could not process")
final class DeadLetters {
    private static final int MAX_LIMIT = 100;

    /**
     * The maximum number of empty pages that one request skips. A page is empty if all transactions in its range were aborted.
     * Without skipping, a client could conclude from an empty page that no dead letters exist.
     */
    private static final int MAX_SKIPPED = 20;

    private static final String COORDINATES = "/{topic}/{partition}/{offset}";

    /** One partition in a cursor, for example orders.dlq-0:17. */
    private static final Pattern POSITION = Pattern.compile("([a-z.-]+)-(\\d{1,4}):(\\d{1,18})");

    private final DeadLetterReader reader;
    private final Replay replay;

    DeadLetters(DeadLetterReader reader, Replay replay) {
        this.reader = reader;
        this.replay = replay;
    }

    /**
     * @param deadLetters the newest first; can be fewer than `limit`
     * @param next the `cursor` of the next page; null for the last page
     */
    record DeadLetterPage(
            List<DeadLetterSummary> deadLetters,
            int limit,
            @Nullable String next) {}

    @GetMapping
    @Operation(
            operationId = "listDeadLetters",
            summary = "Lists the dead letters of the stream (orders.dlq) and of the sink, the newest first")
    DeadLetterPage list(
            @Schema(minimum = "1", maximum = "" + MAX_LIMIT) @RequestParam(defaultValue = "20") int limit,
            @Parameter(description = "`next` of the previous page") @RequestParam(defaultValue = "") String cursor) {
        Limits.requireBetween("limit", limit, 1, MAX_LIMIT);
        Batch batch = reader.newest(limit, parse(cursor));
        for (int skipped = 0;
                batch.letters().isEmpty() && !batch.next().isEmpty() && skipped < MAX_SKIPPED;
                skipped++) {
            batch = reader.newest(limit, batch.next());
        }
        String next = batch.next().entrySet().stream()
                .map(position -> position.getKey() + ":" + position.getValue())
                .collect(Collectors.joining(","));
        return new DeadLetterPage(batch.letters(), limit, next.isEmpty() ? null : next);
    }

    private static Map<TopicPartition, Long> parse(String cursor) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        if (cursor.isEmpty()) {
            return positions;
        }
        for (String position : cursor.split(",", -1)) {
            Matcher matcher = POSITION.matcher(position);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "cursor must be the `next` of an earlier page, but was \"" + cursor + "\"");
            }
            positions.put(
                    new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2))),
                    Long.parseLong(matcher.group(3)));
        }
        return positions;
    }

    @GetMapping(path = COORDINATES, produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @Operation(
            operationId = "getDeadLetter",
            summary = "Returns the value of a dead letter as bytes. If the stream cut the value, only its first MiB")
    @ApiResponse(
            responseCode = "200",
            description = "OK",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    byte[] value(@PathVariable String topic, @PathVariable int partition, @PathVariable long offset) {
        byte[] value = find(topic, partition, offset).value();
        return value == null ? new byte[0] : value;
    }

    @PostMapping(COORDINATES + "/replay")
    @Guarded
    @Operation(
            operationId = "replayDeadLetter",
            summary =
                    "Replays a dead letter after its cause was fixed. Replaying it twice results in one order. The body can contain "
                            + "the corrected order for a dead letter of orders.dlq")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            content = @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(type = "object")))
    @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
    @ApiResponse(
            responseCode = "409",
            description =
                    "The source record was deleted, the connector does not exist, or another reset or replay is running")
    @ApiResponse(responseCode = "422", description = "The order is still invalid")
    Replayed replay(
            @PathVariable String topic,
            @PathVariable int partition,
            @PathVariable long offset,
            @RequestBody(required = false) byte[] corrected,
            @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false)
                    String authorization) {
        return replay.replay(
                find(topic, partition, offset), corrected == null ? new byte[0] : corrected, authorization);
    }

    private ConsumerRecord<byte[], byte[]> find(String topic, int partition, long offset) {
        if (!DeadLetterReader.TOPICS.contains(topic)) {
            throw Problem.of(
                    HttpStatus.NOT_FOUND,
                    "The topic must be one of %s, but was \"%s\""
                            .formatted(String.join(", ", DeadLetterReader.TOPICS), topic));
        }
        return reader.find(new TopicPartition(topic, partition), offset)
                .orElseThrow(() -> Problem.of(
                        HttpStatus.NOT_FOUND,
                        "No dead letter exists at offset %d of %s-%d".formatted(offset, topic, partition)));
    }
}
