package io.onlyonce.query.tables;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.onlyonce.query.Limits;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reads the table `duplicate_messages`. */
@RestController
@Tag(name = "Orders")
final class DuplicatesController {
    private final JdbcClient jdbc;

    DuplicatesController(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A record of `orders` that the stream rejected.
     *
     * @param partition the coordinates of the record in `orders.duplicates`, together with `offset`
     * @param sourcePartition the coordinates of the rejected record in `orders`, together with `sourceOffset`
     * @param firstOffset the offset of the first record with this order_id, in the same partition of `orders`
     * @param conflict whether its content differs from the first record with this order_id
     * @param content the complete order if it is a conflict, else null
     */
    record Duplicate(
            String orderId,
            boolean conflict,
            Instant detectedAt,
            String consumerId,
            int partition,
            long offset,
            int sourcePartition,
            long sourceOffset,
            Instant firstSeenAt,
            long firstOffset,

            @JsonRawValue @Nullable @Schema(implementation = Object.class)
            String content) {}

    /**
     * @param duplicates the newest first; fewer than `limit` if the conflicts are larger than 1 MiB together
     * @param nextOffset the offset of the next page; null if there is none
     */
    record DuplicatePage(
            List<Duplicate> duplicates,
            int limit,
            int offset,
            @Nullable Integer nextOffset) {}

    @GetMapping("/duplicates")
    @Operation(
            operationId = "listDuplicates",
            summary = "Lists the rejected duplicates, newest first. Conflicts are marked")
    DuplicatePage list(
            @Schema(minimum = "1", maximum = "" + Limits.PAGE) @RequestParam(defaultValue = "50") int limit,
            @Schema(minimum = "0", maximum = "" + Limits.OFFSET) @RequestParam(defaultValue = "0") int offset,
            @Schema(description = "true returns only conflicts") @RequestParam(defaultValue = "false")
                    boolean conflicts) {
        Limits.requirePage(limit, offset);
        List<PageRow<Duplicate>> found = jdbc.sql("""
                        SELECT * FROM (
                            SELECT d.*, count(*) OVER () AS available,
                                   coalesce(sum(octet_length(content::text)) OVER (
                                       ORDER BY detected_at DESC, __connect_partition, __connect_offset DESC
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS preceding_bytes
                              FROM (SELECT * FROM duplicate_messages %s
                                     ORDER BY detected_at DESC, __connect_partition, __connect_offset DESC
                                     LIMIT :limit + 1 OFFSET :offset) d) sized
                         WHERE preceding_bytes < :bytes
                         ORDER BY detected_at DESC, __connect_partition, __connect_offset DESC LIMIT :limit""".formatted(conflicts ? "WHERE conflict" : ""))
                .param("limit", limit)
                .param("offset", offset)
                .param("bytes", Limits.BYTES)
                .query((row, number) -> new PageRow<>(
                        new Duplicate(
                                row.getString("order_id"),
                                row.getBoolean("conflict"),
                                Totals.instant(row, "detected_at"),
                                row.getString("consumer_id"),
                                row.getInt("__connect_partition"),
                                row.getLong("__connect_offset"),
                                row.getInt("source_partition"),
                                row.getLong("source_offset"),
                                Totals.instant(row, "first_seen_at"),
                                row.getLong("first_offset"),
                                row.getString("content")),
                        row.getInt("available")))
                .list();
        return new DuplicatePage(
                found.stream().map(PageRow::element).toList(), limit, offset, PageRow.nextOffset(offset, found));
    }
}
