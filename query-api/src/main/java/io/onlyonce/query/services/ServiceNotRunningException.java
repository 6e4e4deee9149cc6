package io.onlyonce.query.services;

/** No process listens at the address of the service. A process that listens but does not answer is a different case. */
public final class ServiceNotRunningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ServiceNotRunningException(RemoteService service, Throwable cause) {
        super(service + " is not running", cause);
    }
}
