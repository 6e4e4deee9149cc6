package io.onlyonce.query.tables;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of a page that ends early if its rows are large.
 *
 * @param available number of rows that were read for the page, at most one more than its limit
 */
record PageRow<T>(T element, int available) {
    /**
     * Returns the offset of the next page; null if there is none.
     *
     * @param offset of this page
     */
    static <T> @Nullable Integer nextOffset(int offset, List<PageRow<T>> rows) {
        boolean last = rows.isEmpty() || rows.size() == rows.getFirst().available();
        return last ? null : offset + rows.size();
    }
}
