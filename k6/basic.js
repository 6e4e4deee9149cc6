// The load test of the runbook: single orders at a constant rate.
//
//   docker compose run --rm k6 run /scripts/basic.js
//   docker compose run --rm -e RATE=200 -e DURATION=2m k6 run /scripts/basic.js

import { send, order, orderId, summary, TREND_STATS } from './lab.js';

const RATE = Number(__ENV.RATE || 50);

export const options = {
  scenarios: {
    basic: {
      executor: 'constant-arrival-rate',
      rate: RATE,
      timeUnit: '1s',
      duration: __ENV.DURATION || '20s',
      preAllocatedVUs: 50,
      maxVUs: 500,
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    'http_req_failed{to:orders}': ['rate<0.01'],
    // For a machine that also runs the whole system.
    'http_req_duration{to:orders}': ['p(95)<500', 'p(99)<1500'],
    orders_accepted: ['count>0'],
  },
  summaryTrendStats: TREND_STATS,
};

export default function () {
  send(order(orderId()));
}

export const handleSummary = summary(`Single orders, ${RATE} per second`);
