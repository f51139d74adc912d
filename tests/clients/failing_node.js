// SPDX-License-Identifier: MIT
// A program that goes on after a failure: one line for each request, the answer or the error, as
// failing.py prints it.
//
// usage: failing_node.js https|openai URL KEY BODY [COUNT [STEP]]
const https = require('https');

const [library, url, key, body, count = '1', step = '1'] = process.argv.slice(2);
const timeout = 1000 * Number(process.env.CLIENT_TIMEOUT || 20);
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });

function postHttps(content) {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const options = { method: 'POST', agent, headers, timeout };
    const request = https.request(url, options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(pieces)));
    });
    request.on('timeout', () => request.destroy(new Error('time-out')));
    request.on('error', reject);
    request.end(content);
  });
}

let client;
async function postOpenai(content) {
  const { OpenAI } = require('openai');
  const baseURL = url.replace('/chat/completions', '');
  client ??= new OpenAI({ apiKey: key, baseURL, maxRetries: 0, timeout });
  return JSON.stringify(await client.chat.completions.create(JSON.parse(content)));
}

// The innermost error: what libuv or OpenSSL said.
function inner(error) {
  while (error.cause) error = error.cause;
  return error.code ?? error.message;
}

async function main() {
  const post = library === 'https' ? postHttps : postOpenai;
  for (let index = 0; index < Number(count); index++) {
    const number = String(1 + index * Number(step));
    try {
      process.stdout.write(await post(body.replaceAll('@N@', number)));
    } catch (error) {
      const outer = `${error.constructor.name}: ${error.message}`;
      process.stdout.write(JSON.stringify({ failure: { inner: inner(error), outer } }));
      process.exitCode = 7;
    }
    process.stdout.write('\n');
  }
  agent.destroy();
}

main();
