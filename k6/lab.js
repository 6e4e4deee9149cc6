// Shared by the three scripts: URLs, orders, requests, and the summary of a run.

import http from 'k6/http';
import { check, sleep } from 'k6';
import exec from 'k6/execution';
import { Counter, Gauge } from 'k6/metrics';

export const PRODUCER = __ENV.PRODUCER_URL || 'http://localhost:8000';
export const CONSUMER = __ENV.CONSUMER_URL || 'http://localhost:8001';
export const API = __ENV.API_URL || 'http://localhost:8003';

const HEADERS = { 'Content-Type': 'application/json' };
if (__ENV.ADMIN_TOKEN) {
  HEADERS.Authorization = `Bearer ${__ENV.ADMIN_TOKEN}`;
}

export const ordersAccepted = new Counter('orders_accepted');
export const ordersUncertain = new Counter('orders_uncertain');
export const faults = new Gauge('audit_faults');
export const recoverySeconds = new Gauge('recovery_seconds');

/** Unique per run, because the order ids of an earlier run would be duplicates. */
export const RUN = __ENV.RUN || `${Date.now().toString(36)}`;

export function orderId() {
  return `k6-${RUN}-${exec.scenario.name}-${exec.scenario.iterationInTest}`;
}

/** Prices are whole cents, so that the total is exact in binary floating point. */
export function order(id) {
  const cents = 100 + Math.floor(Math.random() * 9900);
  const quantity = 1 + Math.floor(Math.random() * 3);
  return {
    order_id: id,
    customer_id: `k6-${exec.vu.idInTest}`,
    items: [{ name: 'Load', quantity, price: cents / 100 }],
    total_amount: (cents * quantity) / 100,
  };
}

/** W3C Trace Context. One percent of the requests is sampled, because Jaeger stores traces in memory. */
function traceparent() {
  const hex = (digits) =>
    Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  return `00-${hex(32)}-${hex(16)}-${Math.random() < 0.01 ? '01' : '00'}`;
}

export function post(url, body, tags = {}) {
  return http.post(url, body === undefined ? null : JSON.stringify(body), {
    headers: { ...HEADERS, traceparent: traceparent() },
    tags,
    timeout: '30s',
  });
}

export function configure(url, config) {
  const response = post(`${url}/config`, config, { to: 'config' });
  if (response.status !== 200) {
    exec.test.abort(`${url}/config returned ${response.status}: ${response.body}`);
  }
}

/** Sends one order. If the response is not 200, the order is indeterminate: it may have been written. */
export function send(body, to = 'orders') {
  const response = post(`${PRODUCER}/orders`, body, { to });
  const accepted = check(response, { 'order accepted': (r) => r.status === 200 && r.json('status') === 'accepted' });
  (accepted ? ordersAccepted : ordersUncertain).add(1);
  return accepted;
}

function get(path) {
  return http.get(`${API}${path}`, { tags: { to: 'api' }, timeout: '60s' });
}

/** Waits until every accepted order is processed. Returns false after the timeout. */
export function awaitNoLag(seconds) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const lag = get('/kafka/lag');
    if (lag.status === 200 && lag.json('total_lag') === 0) {
      return true;
    }
    sleep(0.5);
  }
  return false;
}

/** Checks the audit of the system, which compares its input with its output. */
export function audit() {
  const drained = awaitNoLag(90);
  const response = get('/audit');
  const report = response.status === 200 ? response.json() : {};
  check(response, {
    'no lag': () => drained,
    'no missing orders': () => report.missing === 0 && report.rows_missing === 0,
    'no duplicated orders': () => report.duplicated === 0,
    'no phantom orders': () => report.phantom === 0,
    'no altered orders': () => report.altered === 0,
  });
  const counted = ['missing', 'rows_missing', 'duplicated', 'phantom', 'altered'].map((fault) => report[fault]);
  faults.add(drained && counted.every(Number.isInteger) ? counted.reduce((sum, n) => sum + n, 0) : 1);
  console.log(
    `audit: ${report.verdict || response.status}: ${report.orders} orders, ${report.missing} missing, ` +
      `${report.rows_missing} rows missing, ${report.duplicated} duplicated, ${report.phantom} phantom, ${report.altered} altered`,
  );
}

/** Formats the summary of a run: the number of orders, the latencies, and the result of each threshold. */
export function summary(title) {
  return (data) => {
    const value = (metric, key) => (data.metrics[metric] ? data.metrics[metric].values[key] : undefined);
    const number = (n, digits = 0) => (n === undefined ? '-' : n.toFixed(digits));
    const row = (name, text) => `  ${name.padEnd(24)}${text}\n`;

    let text = `\n${title}\n\n`;
    text += row('orders accepted', `${number(value('orders_accepted', 'count'))}  (${number(value('orders_accepted', 'rate'), 1)}/s)`);
    text += row('indeterminate', number(value('orders_uncertain', 'count') || 0));
    text += row(
      'latency, ms',
      ['med', 'p(95)', 'p(99)', 'max'].map((key) => `${key} ${number(value('http_req_duration{to:orders}', key), 1)}`).join('   '),
    );
    if (data.metrics.audit_faults) {
      text += row('audit', value('audit_faults', 'value') === 0 ? 'clean' : `${number(value('audit_faults', 'value'))} faults`);
    }
    if (data.metrics.recovery_seconds) {
      text += row('recovery, s', number(value('recovery_seconds', 'value'), 1));
    }

    text += '\n';
    let failed = 0;
    for (const [metric, { thresholds }] of Object.entries(data.metrics)) {
      for (const [bound, { ok }] of Object.entries(thresholds || {})) {
        text += `  ${ok ? 'held  ' : 'BROKEN'}  ${metric}: ${bound}\n`;
        failed += ok ? 0 : 1;
      }
    }
    text += failed === 0 ? '\n  All bounds held.\n' : `\n  ${failed} bound${failed === 1 ? '' : 's'} broken.\n`;
    return { stdout: text };
  };
}

export const TREND_STATS = ['med', 'p(95)', 'p(99)', 'max'];
