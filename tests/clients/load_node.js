// SPDX-License-Identifier: MIT
// Node.js' https with an agent of 50 sockets under load; see load.py.
const crypto = require('crypto');
const fs = require('fs');
const https = require('https');
const net = require('net');

const REQUESTS = 200;
const CONNECTIONS = 50;
const [url, key, tag, rounds] = process.argv.slice(2);
let right = 0;
let wrong = 0;

const descriptors = () => fs.readdirSync('/proc/self/fd').length;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function bodyOf(round, index) {
  const text = index % 2 === 0 ? `Kept ${index}` : `New ${index} ${round} ${tag}`;
  return JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }] });
}

function check(body, answer) {
  const digest = crypto.createHash('sha256').update(body).digest('hex').slice(0, 12);
  if (answer.includes(`"Re ${digest}:`)) {
    right++;
  } else {
    wrong++;
    console.error(`wrong: ${body} got ${answer.slice(0, 300)}`);
  }
}

function post(agent, body) {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const request = https.request(url, { method: 'POST', agent, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve(check(body, Buffer.concat(pieces).toString())));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function runRound(round) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const numbers = Array.from({ length: REQUESTS }, (_, index) => index);
  await Promise.all(numbers.map((index) => post(agent, bodyOf(round, index))));
  agent.destroy();
}

async function main() {
  // libuv keeps a descriptor in reserve from its first stream on.
  await new Promise((resolve) => net.connect(1, '127.0.0.1').on('error', resolve));
  const before = descriptors();
  for (let round = 0; round < Number(rounds); round++) await runRound(round);
  let leaked = descriptors() - before;
  for (let tries = 0; leaked > 0 && tries < 100; tries++) {
    await pause(20);
    leaked = descriptors() - before;
  }
  console.log(`right ${right} wrong ${wrong} leaked ${leaked}`);
  process.exitCode = wrong || leaked > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 7;
});
