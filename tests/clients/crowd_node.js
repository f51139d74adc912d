// SPDX-License-Identifier: MIT
// A crowd in one process: COUNT times the same request at once by Node.js' https module.
// usage: crowd_node.js URL KEY BODY COUNT
const https = require('https');

const [url, key, body, count] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };

function post() {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method: 'POST', agent: false, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(pieces)));
    });
    request.on('error', reject);
    request.end(body);
  });
}

Promise.all(Array.from({ length: Number(count) }, post)).then((answers) => {
  for (const answer of answers) process.stdout.write(`${answer}\n`);
}, (error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 7;
});
