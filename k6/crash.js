// Load during a crash of the stream. The stream halts between the output of an order and its commit. Restart it within one minute
// (`docker compose up -d consumer`). At the end, checks the audit.
//
//   docker compose run --rm k6 run /scripts/crash.js

import http from 'k6/http';
import { sleep } from 'k6';
import {
  PRODUCER, CONSUMER, audit, configure, order, orderId, recoverySeconds, send, summary, TREND_STATS,
} from './lab.js';

const RATE = Number(__ENV.RATE || 50);

export const options = {
  scenarios: {
    load: {
      executor: 'constant-arrival-rate', exec: 'load', rate: RATE, timeUnit: '1s', duration: '30s',
      preAllocatedVUs: 50, maxVUs: 500,
    },
    crash: { executor: 'shared-iterations', exec: 'crash', vus: 1, iterations: 1, startTime: '10s', maxDuration: '90s' },
  },
  thresholds: {
    // The ingest API does not depend on the stream.
    'http_req_failed{to:orders}': ['rate<0.01'],
    'http_req_duration{to:orders}': ['p(95)<500'],
    audit_faults: ['value==0'],
    // 0 if the stream did not crash.
    recovery_seconds: ['value>0', 'value<60'],
  },
  teardownTimeout: '3m',
  summaryTrendStats: TREND_STATS,
};

export function setup() {
  configure(PRODUCER, { delivery_mode: 'exactly-once', enable_transactions: true });
  configure(CONSUMER, { enable_idempotency: true, crash_after_messages: 0, failure_rate: 0 });
}

export function load() {
  send(order(orderId()));
}

/** Returns 200, 503 if the stream runs but is not healthy, or 0 if it does not respond. */
function health() {
  return http.get(`${CONSUMER}/health`, { tags: { to: 'consumer' }, timeout: '2s' }).status;
}

export function crash() {
  configure(CONSUMER, { crash_after_messages: RATE });
  while (health() !== 0) {
    sleep(0.1);
  }
  const crashed = Date.now();
  console.log('The stream has crashed. Restart it: docker compose up -d consumer');
  while (health() !== 200 && Date.now() - crashed < 60000) {
    sleep(0.2);
  }
  recoverySeconds.add((Date.now() - crashed) / 1000);
}

export const teardown = audit;

export const handleSummary = summary(`${RATE} orders per second during a crash of the stream`);
