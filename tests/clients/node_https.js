// SPDX-License-Identifier: MIT
// Node.js' https module, one kept-alive connection for all requests; CLIENT_PAUSE milliseconds
// pass in the event loop behind every answer.
const https = require('https');

const [url, key, body, count = '1', step = '1'] = process.argv.slice(2);
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });

function post(content) {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const request = https.request(url, { method: 'POST', agent, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve([response.statusCode, Buffer.concat(pieces)]));
    });
    request.on('error', reject);
    request.end(content);
  });
}

async function main() {
  for (let index = 0; index < Number(count); index++) {
    const number = String(1 + index * Number(step));
    const [status, bytes] = await post(body.replaceAll('@N@', number));
    process.stdout.write(bytes);
    process.stdout.write('\n');
    if (status >= 300) process.exitCode = 22;
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.CLIENT_PAUSE || 0)));
  }
  agent.destroy();
}

main().catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 7;
});
