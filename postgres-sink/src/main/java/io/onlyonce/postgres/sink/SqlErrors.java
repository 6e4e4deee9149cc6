package io.onlyonce.postgres.sink;

import java.sql.SQLException;

/** Classifies the errors of PostgreSQL by their SQLSTATE. */
final class SqlErrors {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** RAISE EXCEPTION, for example in a trigger. */
    private static final String RAISED_BY_A_FUNCTION = "P0";

    private static final String DATATYPE_MISMATCH = "42804";
    /** Error class. Occurs, for example, if an index row is too large. */
    private static final String PROGRAM_LIMIT_EXCEEDED = "54";

    private SqlErrors() {}

    static boolean isUniqueViolation(SQLException e) {
        return UNIQUE_VIOLATION.equals(e.getSQLState());
    }

    static boolean isLockTimeout(SQLException e) {
        return LOCK_NOT_AVAILABLE.equals(e.getSQLState());
    }

    /** Returns true if a record causes the error: the batch fails again with this record, and succeeds without it. */
    static boolean isCausedByARecord(SQLException e) {
        String state = state(e);
        return state.startsWith("22")
                || state.startsWith("23")
                || state.startsWith("44")
                || state.startsWith(RAISED_BY_A_FUNCTION)
                || state.startsWith(PROGRAM_LIMIT_EXCEEDED)
                || state.equals(DATATYPE_MISMATCH);
    }

    /**
     * Returns true if the same batch may succeed later, for example after a lost connection, a failover, a deadlock,
     * too many connections, or a full disk.
     */
    static boolean isTransient(SQLException e) {
        String state = state(e);
        return state.isEmpty()
                || state.startsWith("08")
                || state.startsWith("40")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.equals("25P03")
                || state.equals(LOCK_NOT_AVAILABLE);
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }
}
