// Exactly-once under difficult load: a constant rate, a burst, concurrent requests with the same order, and batches. At the end,
// checks the audit.
//
//   docker compose run --rm k6 run /scripts/exactly-once.js

import http from 'k6/http';
import { check } from 'k6';
import {
  PRODUCER, CONSUMER, audit, configure, order, orderId, ordersAccepted, ordersUncertain, post, send, summary, TREND_STATS,
} from './lab.js';

const BATCH = 20;

export const options = {
  scenarios: {
    steady: {
      executor: 'constant-arrival-rate', exec: 'single', rate: 30, timeUnit: '1s', duration: '30s',
      preAllocatedVUs: 30, maxVUs: 200,
    },
    burst: {
      executor: 'ramping-arrival-rate', exec: 'single', startTime: '10s', startRate: 0, timeUnit: '1s',
      stages: [{ target: 200, duration: '2s' }, { target: 200, duration: '4s' }, { target: 0, duration: '1s' }],
      preAllocatedVUs: 100, maxVUs: 500,
    },
    twins: {
      executor: 'constant-arrival-rate', exec: 'twins', rate: 5, timeUnit: '1s', duration: '30s',
      preAllocatedVUs: 10, maxVUs: 100,
    },
    batches: {
      executor: 'constant-arrival-rate', exec: 'batch', rate: 2, timeUnit: '1s', duration: '30s',
      preAllocatedVUs: 5, maxVUs: 50,
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    'http_req_failed{to:orders}': ['rate<0.01'],
    'http_req_duration{to:orders}': ['p(95)<1000'],
    'checks{scenario:batches}': ['rate>0.99'],
    audit_faults: ['value==0'],
  },
  teardownTimeout: '3m',
  summaryTrendStats: TREND_STATS,
};

export function setup() {
  configure(PRODUCER, { delivery_mode: 'exactly-once', enable_transactions: true });
  configure(CONSUMER, { enable_idempotency: true, crash_after_messages: 0, failure_rate: 0 });
}

export function single() {
  send(order(orderId()));
}

/** Sends the same order in two concurrent requests, like a client that retries too early. */
export function twins() {
  const body = JSON.stringify(order(orderId()));
  const params = { headers: { 'Content-Type': 'application/json' }, tags: { to: 'orders' } };
  const responses = http.batch([
    ['POST', `${PRODUCER}/orders`, body, params],
    ['POST', `${PRODUCER}/orders`, body, params],
  ]);
  for (const response of responses) {
    (check(response, { 'order accepted': (r) => r.status === 200 }) ? ordersAccepted : ordersUncertain).add(1);
  }
}

export function batch() {
  const id = orderId();
  const orders = Array.from({ length: BATCH }, (_, i) => order(`${id}-${i}`));
  const response = post(`${PRODUCER}/orders/batch`, { orders }, { to: 'batch' });
  const committed = check(response, {
    'batch committed': (r) => r.status === 200 && r.json('status') === 'committed' && r.json('count') === BATCH,
  });
  (committed ? ordersAccepted : ordersUncertain).add(BATCH);
}

export const teardown = audit;

export const handleSummary = summary('Exactly-once: constant rate, burst, concurrent duplicates, batches');
